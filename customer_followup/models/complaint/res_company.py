from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Company settings for complaints."""

    _inherit = "res.company"

    customer_leader_limit = fields.Monetary(
        string="Team leaders approve remedies up to", default=500
    )
    customer_manager_limit = fields.Monetary(string="Managers approve remedies up to", default=5000)
    customer_agent_limit = fields.Monetary(string="Agents approve remedies up to", default=0)
    customer_deputy_id = fields.Many2one(
        "res.users",
        string="Deputy of the general manager",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Decides on complaints about the general manager.",
    )
    customer_compliance_id = fields.Many2one(
        "res.users",
        string="Compliance",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Compliance officer. Notified of violations of rules instead of all leaders.",
    )
    customer_reopen_days = fields.Integer(
        default=30,
        help="After these days, an answer of the customer opens a new, linked complaint.",
    )
    customer_silence_tries = fields.Integer(default=3)
    customer_silence_days = fields.Integer(default=7)
    customer_transfer_hours = fields.Integer(default=8)
    customer_evidence_mb = fields.Integer(default=25)
    customer_evidence_types = fields.Char(
        default="image/, video/, audio/, application/pdf, text/plain",
        help="Accepted media types, separated by commas; the beginning of a type is enough.",
    )

    _customer_complaint_range = models.Constraint(
        "CHECK (customer_reopen_days >= 0 AND customer_silence_tries > 0"
        " AND customer_silence_days >= 0 AND customer_transfer_hours > 0"
        " AND customer_evidence_mb > 0)",
        "Complaint settings: periods and limits cannot be negative.",
    )

    @api.constrains("customer_compliance_id")
    def _check_customer_compliance(self):
        for officer in self.customer_compliance_id:
            if not officer.has_group("customer_followup.group_followup_leader"):
                raise ValidationError(
                    self.env._(
                        "%s cannot be the compliance officer. Give them the rights of a team"
                        " leader first.",
                        officer.name,
                    )
                )

    @api.constrains("customer_deputy_id")
    def _check_customer_deputy(self):
        for company in self.filtered("customer_deputy_id"):
            deputy = company.customer_deputy_id
            if not deputy.has_group("customer_followup.group_followup_leader"):
                raise ValidationError(
                    self.env._(
                        "%s cannot be the deputy of the general manager. Give them the rights of a"
                        " team leader first.",
                        deputy.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._make_number_series()
        return companies

    def _make_number_series(self):
        """Create the number series of each company before its first complaint."""
        for company in self:
            self.env["customer.complaint"]._number_series(company)
