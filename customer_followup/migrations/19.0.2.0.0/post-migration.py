"""Marketing asks for consent; complaint stages ask for more."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Say so on the records that came along, whose data is not updated otherwise."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    marketing = env.ref("customer_followup.customer_purpose_marketing", raise_if_not_found=False)
    if marketing:
        marketing.write({"is_marketing": True, "needs_consent": True})
    for name, register in (("product", "quality"), ("attitude", "attitude")):
        category = env.ref(f"customer_followup.customer_complaint_category_{name}", False)
        if category:
            category.register = register
    for name in ("solving", "awaiting", "closed"):
        stage = env.ref(f"customer_followup.customer_complaint_stage_{name}", False)
        if stage:
            stage.is_verdict_needed = True
            stage.is_answer_needed = stage.is_confirmation_needed = name == "closed"
