"""What came along promises no survey that nothing keeps, and no closing before the solution.

A day in which an offered complaint must be accepted is a working day.
"""

from odoo import SUPERUSER_ID, Command, api

SURVEY = {"kind": "survey", "count": 48, "unit": "hours"}
SOLUTION = {"kind": "solution", "count": 2, "unit": "working_days"}
CLOSURE = {"kind": "closure", "count": 5, "unit": "working_days"}


def migrate(cr, _version):
    """Mend policies that still say what they said; their data is not updated otherwise."""
    cr.execute(
        "UPDATE res_company SET customer_transfer_hours = 8 WHERE customer_transfer_hours = 24"
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    every = env.ref("customer_followup.customer_sla_policy_all", False)
    for target in every and every.target_ids.filtered_domain(_domain(SURVEY)):
        target.unlink()
        promises = [("kind", "=", "survey"), ("policy_id", "=", every.id), ("date_met", "=", False)]
        env["customer.complaint.promise"].search(promises)._void()
    quality = env.ref("customer_followup.customer_sla_policy_quality", False)
    targets = quality and quality.target_ids
    if len(targets or ()) == 1 and targets.filtered_domain(_domain(SOLUTION)):
        quality.target_ids = [Command.create(CLOSURE)]


def _domain(vals):
    return [(name, "=", value) for name, value in vals.items()]
