"""Marketing asks for consent."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Say so on the purpose that came along, whose data is not updated otherwise."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    marketing = env.ref("customer_followup.customer_purpose_marketing", raise_if_not_found=False)
    if marketing:
        marketing.write({"is_marketing": True, "needs_consent": True})
