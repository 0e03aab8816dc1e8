from markupsafe import Markup

from odoo import api, fields, models

from .customer_complaint import CLOSED

MAX_LAST = 3


class ResPartner(models.Model):
    """A contact with their open and last complaints."""

    _inherit = "res.partner"

    customer_complaint_count = fields.Integer(
        string="Open complaints",
        compute="_compute_customer_complaint_count",
        groups="customer_followup.group_followup_user",
    )

    customer_last_complaints = fields.Html(
        string="Last complaints",
        compute="_compute_customer_last_complaints",
        groups="customer_followup.group_followup_user",
        help="The most recent complaints you may see, with their verdicts.",
    )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_customer_last_complaints(self):
        found = self.env["customer.complaint"].search(
            [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
            order="date_received desc, id desc",
            limit=MAX_LAST * len(self),
        )
        by_customer = found.grouped("commercial_partner_id")
        for partner in self:
            last = by_customer.get(partner.commercial_partner_id, found[:0])[:MAX_LAST]
            lines = [Markup("<li>%s</li>") % one._line_on_card() for one in last]
            text = Markup("<ul class='mb-0'>%s</ul>") % Markup().join(lines)
            partner.customer_last_complaints = text if lines else False

    @api.depends_context("allowed_company_ids")
    def _compute_customer_complaint_count(self):
        counts = dict(
            self.env["customer.complaint"]._read_group(
                [
                    ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                    ("state", "!=", CLOSED),
                ],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.customer_complaint_count = counts.get(partner.commercial_partner_id, 0)

    def action_customer_complaints(self):
        """Open the complaints of this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_followup.customer_complaint_action"
        )
        customer = self.commercial_partner_id
        action["domain"] = [("commercial_partner_id", "=", customer.id)]
        action["context"] = {"default_partner_id": self.id}
        return action
