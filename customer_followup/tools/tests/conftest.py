import pytest


class PlainDirectories:
    """Collects these folders without importing the packages around them, which need Odoo."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path, parent):
        return pytest.Dir.from_parent(parent, path=path)


def pytest_configure(config):
    config.pluginmanager.register(PlainDirectories())
