from odoo import api, fields, models


class CustomerComplaintCause(models.Model):
    """One reason why something goes wrong, shared by all complaints it leads to."""

    _name = "customer.complaint.cause"
    _description = "Cause of Complaints"
    _inherit = ["mail.thread"]
    _order = "state, id desc"

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
    description = fields.Text(string="What is known of it")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        [("open", "Not removed yet"), ("removed", "Removed")],
        required=True,
        default="open",
        tracking=True,
        copy=False,
        help="Removing a cause closes none of its complaints: each customer gets his own answer.",
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
        """Say that it will not happen again for this reason."""
        self.state = "removed"

    def action_complaints(self):
        """Open the complaints it led to."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_followup.customer_complaint_action"
        )
        action["domain"] = [("cause_id", "=", self.id)]
        action["context"] = {"default_cause_id": self.id, "default_company_id": self.company_id.id}
        return action
