from odoo import api, fields, models


class CustomerComplaintCause(models.Model):
    """A root cause that several complaints have in common."""

    _name = "customer.complaint.cause"
    _description = "Cause of Complaints"
    _inherit = ["mail.thread"]
    _order = "state, id desc"
    _check_company_auto = True

    name = fields.Char(string="Cause", required=True)
    kind = fields.Selection(
        [
            ("process", "Process"),
            ("training", "Training"),
            ("facility", "Facilities and equipment"),
            ("product", "Product"),
            ("information", "Information"),
            ("other", "Other"),
        ],
        required=True,
        default="process",
    )
    description = fields.Text(string="Findings")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        [("open", "Open"), ("removed", "Removed")],
        required=True,
        default="open",
        tracking=True,
        copy=False,
        help="Removing a cause does not close its complaints: each customer still needs an answer.",
    )
    complaint_ids = fields.One2many("customer.complaint", "cause_id", string="Complaints")
    complaint_count = fields.Integer(compute="_compute_complaint_count")

    @api.depends("complaint_ids")
    def _compute_complaint_count(self):
        counts = dict(
            self.env["customer.complaint"]._read_group(
                [("cause_id", "in", self.ids)], ["cause_id"], ["__count"]
            )
        )
        for cause in self:
            cause.complaint_count = counts.get(cause, 0)

    def action_remove(self):
        """Mark the cause as removed."""
        self.check_access("read")
        self.state = "removed"

    def action_complaints(self):
        """Open the complaints with this cause."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_followup.customer_complaint_action"
        )
        action["domain"] = [("cause_id", "=", self.id)]
        action["context"] = {"default_cause_id": self.id, "default_company_id": self.company_id.id}
        return action
