"""Measurements: each module runs in Odoo's shell, with ``env``, by ``./dev bench NAME``."""
