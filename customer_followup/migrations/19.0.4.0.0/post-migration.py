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
    # What customers write in the form goes to a team.
    cr.execute(
        """UPDATE res_company AS company
              SET customer_form_team_id = (
                  SELECT id FROM customer_team
                   WHERE company_id = company.id AND parent_id IS NULL AND active
                   ORDER BY id LIMIT 1)
            WHERE customer_form_on AND customer_form_team_id IS NULL"""
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["res.company"].search([])._make_number_series()
    every = env.ref("customer_followup.customer_sla_policy_all", False)
    for target in every and every.target_ids.filtered_domain(_domain(SURVEY)):
        target.unlink()
        promises = [("kind", "=", "survey"), ("policy_id", "=", every.id), ("date_met", "=", False)]
        # As they are, whether or not their time is over: nothing could keep them.
        env["customer.complaint.promise"].search(promises).write(
            {"state": "void", "kept": False, "date_check": False}
        )
    quality = env.ref("customer_followup.customer_sla_policy_quality", False)
    targets = quality and quality.target_ids
    if len(targets or ()) == 1 and targets.filtered_domain(_domain(SOLUTION)):
        quality.target_ids = [Command.create(CLOSURE)]


def _domain(vals):
    return [(name, "=", value) for name, value in vals.items()]
