from odoo import api, fields, models

from ...tools import masking


class CustomerCardMixin(models.AbstractModel):
    """A record about one customer (``partner_id``), with what everybody may know of him."""

    _name = "customer.card.mixin"
    _description = "Customer Card"

    # No ``search``: a masked value that can be searched can be guessed.
    phone_masked = fields.Char(string="Phone", compute="_compute_card", compute_sudo=True)
    email_masked = fields.Char(string="E-mail", compute="_compute_card", compute_sudo=True)
    tier_id = fields.Many2one("customer.tier", compute="_compute_tier_id", compute_sudo=True)
    owner_id = fields.Many2one(
        "res.users", string="Customer owner", compute="_compute_tier_id", compute_sudo=True
    )

    @api.depends("partner_id.phone", "partner_id.email")
    def _compute_card(self):
        for record in self:
            record.phone_masked = masking.phone(record.partner_id.phone)
            record.email_masked = masking.email(record.partner_id.email)

    @api.depends("partner_id")
    def _compute_tier_id(self):
        for company, records in self.grouped("company_id").items():
            customers = records.partner_id
            tiers = self.env["customer.tier.membership"]._tiers(customers, company)
            holders = self.env["customer.ownership"]._holders(customers, company)
            for record in records:
                customer = record.partner_id.commercial_partner_id
                record.tier_id = tiers.get(customer.id)
                record.owner_id = holders.get((customer.id, "owner"))

    def action_reveal(self):
        """Ask why, before the customer's contact details are shown."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Show contact details"),
            "res_model": "customer.reveal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_res_model": self._name, "default_res_id": self.id},
        }

    def _mail_get_partner_fields(self, introspect_fields=False):
        """Suggest nobody: Odoo would show the customer's address to whoever opens the chatter."""
        return []
