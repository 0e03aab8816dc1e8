"""Calculations without Odoo: they take plain values and return plain values."""
