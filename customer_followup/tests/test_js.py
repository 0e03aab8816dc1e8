from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestJs(HttpCase):
    """The unit tests of the widgets, in the browser."""

    def test_widgets(self):
        suite = self._suite_id("@customer_followup")
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )

    @staticmethod
    def _suite_id(name):
        """Return what Odoo's test runner calls a suite, a 32-bit rolling hash of its name."""
        code = 0
        for letter in name:
            code = ((code << 5) - code + ord(letter)) & 0xFFFFFFFF
        return f"{code:08x}"
