from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.folding import has_words

# Verdicts against the customer need the agreement of a second user.
AGAINST = ("unfounded", "malicious", "not_verifiable")


class CustomerComplaint(models.Model):
    """Assessment of a complaint: its verdict, evidence, causes and referrals."""

    _inherit = "customer.complaint"

    # Not tracked: followers must not receive the verdict by e-mail.
    verdict = fields.Selection(
        [
            ("confirmed", "Confirmed"),
            ("partly", "Partly confirmed"),
            ("unfounded", "Unfounded"),
            ("malicious", "Malicious"),
            ("not_verifiable", "Not verifiable"),
        ],
        copy=False,
    )
    verdict_evidence = fields.Text(string="Evidence for the verdict", copy=False)
    verdict_user_id = fields.Many2one(
        "res.users", string="Assessed by", readonly=True, copy=False, ondelete="restrict"
    )
    date_verdict = fields.Datetime(string="Assessed on", readonly=True, copy=False)
    verdict_second_user_id = fields.Many2one(
        "res.users",
        string="Confirmed by",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Second user who agreed with a verdict against the customer.",
    )
    is_second_needed = fields.Boolean(compute="_compute_is_second_needed")
    complexity = fields.Selection(
        [("simple", "Simple"), ("ordinary", "Ordinary"), ("complex", "Complex")],
        default="ordinary",
    )
    affected_count = fields.Integer(string="Customers affected", default=1)
    immediate_action = fields.Text(string="Immediate action", copy=False)
    cause_id = fields.Many2one(
        "customer.complaint.cause",
        string="Known cause",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
    )
    liability_ids = fields.One2many(
        "customer.complaint.liability", "complaint_id", string="Responsible"
    )
    solution_ids = fields.One2many("customer.complaint.solution", "complaint_id", string="Remedies")
    referral_ids = fields.One2many(
        "customer.complaint.referral", "complaint_id", string="Outside bodies"
    )

    @api.depends("verdict", "verdict_second_user_id")
    def _compute_is_second_needed(self):
        for complaint in self:
            complaint.is_second_needed = (
                complaint.verdict in AGAINST and not complaint.verdict_second_user_id
            )

    def _default_vals(self):
        """Return what new complaints have in common, searched once instead of for each.

        Also the default verdict of the context, so that its author is recorded.
        """
        names = ("verdict", "verdict_evidence")
        context = self.env.context
        verdict = {one: context[f"default_{one}"] for one in names if f"default_{one}" in context}
        return self.default_get(["category_id", "stage_id"]) | verdict

    def _prepare_verdict_vals(self, vals):
        """Return the values, completed by author and time if they contain a verdict."""
        if "verdict" in vals:
            vals = {
                **vals,
                "verdict_user_id": vals["verdict"] and self.env.uid,
                "date_verdict": vals["verdict"] and fields.Datetime.now(),
            }
        if {"verdict", "verdict_evidence"} & vals.keys():
            # The second user agreed with the previous verdict.
            vals = {"verdict_second_user_id": False, **vals}
        return vals

    def _is_judged(self):
        return bool(self.verdict) and not self.is_second_needed

    def _is_unfounded(self):
        return self.verdict in AGAINST and not self.is_second_needed

    def action_confirm_verdict(self):
        """Confirm, as a second user, a verdict against the customer."""
        self.check_access("write")
        for complaint in self:
            if not complaint.is_second_needed:
                raise UserError(
                    self.env._("%s: this verdict does not need a second user.", complaint.name)
                )
            if complaint.verdict_user_id in (self.env.user, self.env["res.users"]):
                raise UserError(
                    self.env._(
                        "%s: you made this assessment. Ask a colleague to confirm it.",
                        complaint.name,
                    )
                )
            if not has_words(complaint.verdict_evidence):
                raise UserError(
                    self.env._("%s: enter the evidence for the verdict first.", complaint.name)
                )
        self._record({"verdict_second_user_id": self.env.uid})
        return True
