"""Marketing asks for consent, stages ask for more, open complaints are promised to be closed."""

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
    # A first answer and the like were not promised when these came in.
    open_ones = [("state", "!=", "closed"), ("clock_ids", "=", False)]
    env["customer.complaint"].search(open_ones)._promise(kinds={"closure"})
