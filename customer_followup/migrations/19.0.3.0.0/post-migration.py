"""Records that came along say what they say in a new database."""

from odoo import SUPERUSER_ID, api

# What is known by a stage, and what a category and an outcome are for; their data is not updated
# otherwise.
SAID = {
    "customer_followup_outcome_refused": {"effect": "refuse"},
    "customer_complaint_stage_solving": {"is_verdict_needed": True},
    "customer_complaint_stage_awaiting": {"is_verdict_needed": True},
    "customer_complaint_stage_closed": {
        "is_verdict_needed": True,
        "is_answer_needed": True,
        "is_confirmation_needed": True,
    },
    "customer_complaint_category_product": {"register": "quality"},
    "customer_complaint_category_attitude": {"register": "attitude"},
}


def migrate(cr, _version):
    """Say so on those that are still there; complaints stay in their stages."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, vals in SAID.items():
        record = env.ref(f"customer_followup.{name}", raise_if_not_found=False)
        if record:
            record.write(vals)
