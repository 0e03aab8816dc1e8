from odoo import api, fields, models
from odoo.tools import format_date

from .customer_followup import DONE


class CustomerCardMixin(models.AbstractModel):
    _inherit = "customer.card.mixin"

    last_contact = fields.Char(compute="_compute_last_contact", compute_sudo=True)

    @api.depends("partner_id")
    def _compute_last_contact(self):
        """Say when and how the record's company contacted the customer last, whoever did it."""
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
        # The gate answers for people the asker may not open.
        facts = {}
        for company, records in self.sudo().grouped("company_id").items():
            known = records.partner_id._contact_facts(company)
            facts |= {record: known[record.partner_id.id] for record in records}
        return facts


class CustomerFollowup(models.Model):
    _inherit = "customer.followup"

    # The card: the last contact with each of some customers.
    _last_idx = models.Index("(commercial_partner_id, date_done DESC) WHERE state = 'done'")

    @api.model
    def _last_done(self, customers, companies):
        """Return the latest contact of each company with each customer, by both ids."""
        rows = self._read_group(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("company_id", "in", companies.ids),
                ("state", "=", DONE),
            ],
            ["commercial_partner_id", "company_id"],
            ["id:max"],
        )
        return {(customer.id, company.id): self.browse(last) for customer, company, last in rows}
