from odoo import api, fields, models
from odoo.tools import format_date


class CustomerCardMixin(models.AbstractModel):
    """A record whose card shows the last contact with the customer."""

    _inherit = "customer.card.mixin"

    last_contact = fields.Char(compute="_compute_last_contact", compute_sudo=True)

    @api.depends("partner_id")
    @api.depends_context("lang", "uid")
    def _compute_last_contact(self):
        """Show when and how the company of the record contacted the customer last."""
        found = self.env["customer.followup"]._last_done(
            self.partner_id.commercial_partner_id, self.company_id
        )
        for record in self:
            customer = record.partner_id.commercial_partner_id
            last = found.get((customer.id, record.company_id.id))
            record.last_contact = last and self.env._(
                "%(date)s: %(occasion)s, %(outcome)s",
                date=format_date(self.env, last.date_done),
                occasion=last.name,
                outcome=last.outcome_id.name,
            )

    def _facts(self):
        """Return what the gate knows of the person of each record, by record."""
        # The gate reads people that the user may not open.
        facts = {}
        for company, records in self.sudo().grouped("company_id").items():
            known = records.partner_id._contact_facts(company)
            facts |= {record: known[record.partner_id.id] for record in records}
        return facts
