"""A refusal asks what is refused."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Say so on the outcome that came along, whose data is not updated otherwise."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    refused = env.ref(
        "customer_followup.customer_followup_outcome_refused", raise_if_not_found=False
    )
    if refused and refused.effect == "close":
        refused.effect = "refuse"
