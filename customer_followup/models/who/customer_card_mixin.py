from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import masking


class CustomerCardMixin(models.AbstractModel):
    """A record about one person (``partner_id``) of a customer, with what all users may see."""

    _name = "customer.card.mixin"
    _description = "Customer Card"
    _inherit = ["customer.protected.mixin"]

    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_commercial_partner_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    customer_name = fields.Char(
        string="Customer name",
        compute="_compute_customer_name",
        search="_search_customer_name",
        compute_sudo=True,
    )
    # No ``search``: a masked value that can be searched can be guessed.
    phone_masked = fields.Char(string="Phone", compute="_compute_card", compute_sudo=True)
    email_masked = fields.Char(string="E-mail", compute="_compute_card", compute_sudo=True)
    tier_id = fields.Many2one("customer.tier", compute="_compute_tier_id", compute_sudo=True)
    owner_id = fields.Many2one(
        "res.users", string="Customer owner", compute="_compute_owner_id", compute_sudo=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su or "default_commercial_partner_id" not in self.env.context:
            return super().create(vals_list)
        # The customer is always that of the person: a screen may propose the person only.
        context = {**self.env.context}
        context.pop("default_commercial_partner_id")
        plain = self.with_env(self.env(context=context))
        return super(CustomerCardMixin, plain).create(vals_list).with_env(self.env)

    def export_data(self, fields_to_export):
        """Export, and log whose data left the database."""
        data = super().export_data(fields_to_export)
        self.env["customer.access.log"]._log(
            "export",
            # Only who they are is logged; the user has read the records.
            [record.partner_id for record in self.sudo()],
            list(self),
            reason=self.env._("Export of a list"),
            subject=", ".join(fields_to_export),
        )
        return data

    @api.depends("partner_id.commercial_partner_id")
    def _compute_commercial_partner_id(self):
        for record in self:
            # Users who work for a customer need not be allowed to open the contact.
            record.commercial_partner_id = record.sudo().partner_id.commercial_partner_id

    @api.depends("partner_id.name")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_customer_name(self):
        for record in self:
            record.customer_name = record._shown_person().display_name

    def _shown_person(self):
        """Return the person, or none if they belong to another company than the current user.

        The card is computed in sudo, also of a record that is not saved yet.
        """
        company = self.partner_id.company_id
        is_shown = not company or company in self.env.companies
        return self.partner_id if is_shown else self.env["res.partner"]

    def _search_customer_name(self, operator, value):
        """Find records by the names of their customers, whom agents may not search."""
        if operator not in ("ilike", "in"):
            return NotImplemented
        if operator == "ilike":
            field, names = "name", [value]
            named = Domain(field, operator, value)
        else:
            # Whole names are as shown, with that of the company.
            field, names = "complete_name", [one for one in value if one]
            named = Domain(field, operator, names)
        if self.env["res.users"]._is_customer_data_masked():
            if any(map(masking.may_probe, names)):
                return Domain.FALSE
            # A contact made from an e-mail has the address as its name.
            named &= Domain.AND(Domain(field, "not like", sign) for sign in masking.AT_SIGNS)
        # Only records the user may read are returned, by names without addresses.
        return Domain("partner_id", "in", self.env["res.partner"].sudo()._search(named))

    @api.depends("partner_id.phone", "partner_id.email")
    @api.depends_context("allowed_company_ids")
    def _compute_card(self):
        for record in self:
            person = record._shown_person()
            record.phone_masked = masking.phone(person.phone)
            record.email_masked = masking.email(person.email)

    # The company is named so that a list reads it with the rest, not on its own with all fields.
    @api.depends("commercial_partner_id", "company_id")
    def _compute_tier_id(self):
        for company, records in self.grouped("company_id").items():
            customers = records.commercial_partner_id
            tiers = self.env["customer.tier.membership"]._tiers(customers, company)
            for record in records:
                record.tier_id = tiers.get(record.commercial_partner_id.id)

    @api.depends("commercial_partner_id", "company_id")
    def _compute_owner_id(self):
        for company, records in self.grouped("company_id").items():
            customers = records.commercial_partner_id
            holders = self.env["customer.ownership"]._holders(customers, company)
            for record in records:
                record.owner_id = holders.get((record.commercial_partner_id.id, "owner"))

    def _contact_person(self):
        """Return the person whose contact details are shown on request."""
        return self.partner_id

    def _contact_details(self):
        """Return the details shown of the person, by field of the dialog."""
        person = self._contact_person()
        return {"phone": person.phone, "email": person.email}

    def action_reveal(self):
        """Ask for the reason before the customer's contact details are shown."""
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

    def action_note_consent(self):
        """Ask what the customer allows or refuses."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What does the customer want?"),
            "res_model": "customer.consent.note",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
                "default_purpose_id": "purpose_id" in self._fields and self.purpose_id.id,
            },
        }

    def _mail_get_partner_fields(self, introspect_fields=False):
        """Suggest no one: Odoo would show the customer's address to every reader of the chatter."""
        return []
