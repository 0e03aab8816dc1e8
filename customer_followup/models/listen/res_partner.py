from odoo import fields, models

_GROUP = "customer_followup.group_followup_user"


class ResPartner(models.Model):
    """A contact with scores."""

    _inherit = "res.partner"

    customer_score_count = fields.Integer(
        string="Answers", compute="_compute_customer_score_count", groups=_GROUP
    )
    customer_last_score = fields.Char(
        string="Last score", compute="_compute_customer_score_count", groups=_GROUP
    )

    def _compute_customer_score_count(self):
        Score = self.env["customer.satisfaction.score"]
        customers = self.commercial_partner_id
        counts = dict(
            Score._read_group(
                [("commercial_partner_id", "in", customers.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        texts = Score._last_texts(customers)
        for partner in self:
            partner.customer_score_count = counts.get(partner.commercial_partner_id, 0)
            partner.customer_last_score = texts.get(partner.commercial_partner_id.id)

    def action_customer_scores(self):
        """Open what this customer answered."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_followup.customer_satisfaction_score_action"
        )
        action["domain"] = [("commercial_partner_id", "=", self.commercial_partner_id.id)]
        return action
