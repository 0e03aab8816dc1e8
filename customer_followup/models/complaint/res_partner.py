from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

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
        by_customer = self._last_complaints().grouped("commercial_partner_id")
        found = self.env["customer.complaint"]
        for partner in self:
            last = by_customer.get(partner.commercial_partner_id, found[:0])[:MAX_LAST]
            lines = [Markup("<li>%s</li>") % one._line_on_card() for one in last]
            text = Markup("<ul class='mb-0'>%s</ul>") % Markup().join(lines)
            partner.customer_last_complaints = text if lines else False

    def _last_complaints(self):
        """Return the last complaints of each customer that the user may see, the latest first."""
        complaints = self.env["customer.complaint"]
        complaints.flush_model()
        query = complaints._search(
            [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
        )
        columns = [
            SQL.identifier(query.table, name)
            for name in ("id", "commercial_partner_id", "date_received")
        ]
        id_, customer, received = columns
        place = SQL(
            "row_number() OVER (PARTITION BY %s ORDER BY %s DESC, %s DESC) AS place",
            customer,
            received,
            id_,
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM (%s) AS last WHERE place <= %s"
                " ORDER BY date_received DESC, id DESC",
                query.select(id_, received, place),
                MAX_LAST,
            )
        )
        return complaints.browse(row_id for (row_id,) in rows)

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
