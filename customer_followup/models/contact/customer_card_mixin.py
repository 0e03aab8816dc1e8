from odoo import api, fields, models


class CustomerCardMixin(models.AbstractModel):
    """A record whose card shows the last contact with the customer."""

    _inherit = "customer.card.mixin"

    last_contact = fields.Char(compute="_compute_last_contact", compute_sudo=True)
    last_message = fields.Char(compute="_compute_last_contact", compute_sudo=True)

    @api.depends("partner_id")
    @api.depends_context("lang", "uid")
    def _compute_last_contact(self):
        """Show when and how a user of the record's company last contacted the customer.

        Messages that the system sends stand beside that, not in its place.
        """
        customers = self.partner_id.commercial_partner_id
        last = self.env["customer.followup"]._last_done(customers, self.company_id)
        for record in self:
            pair = record.partner_id.commercial_partner_id.id, record.company_id.id
            for name, is_automatic in (("last_contact", False), ("last_message", True)):
                found = last.get((*pair, is_automatic))
                record[name] = found and found._done_text()

    def _facts(self):
        """Return what the gate knows of the person of each record, by record."""
        # The gate reads people that the user may not open.
        facts = {}
        for company, records in self.sudo().grouped("company_id").items():
            known = records.partner_id._contact_facts(company)
            facts |= {record: known[record.partner_id.id] for record in records}
        return facts
