from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """How complaints come in from outside, and what customers are sent about them."""

    _inherit = "res.company"

    customer_mail_contacts = fields.Boolean(
        help="Whether an unknown sender of a complaint becomes a contact."
    )
    customer_ask_by_mail = fields.Boolean(
        default=True, help="Ask the customer by e-mail whether his complaint was put right."
    )
    customer_files_most = fields.Integer(default=10)
    customer_form_on = fields.Boolean()
    customer_form_team_id = fields.Many2one(
        "customer.team",
        ondelete="restrict",
        domain="[('company_id', '=', id)]",
        # Teams are read by those who work with them only.
        groups="base.group_system,customer_followup.group_followup_admin",
    )
    customer_form_day = fields.Integer(
        default=10, help="Complaints taken from one address within a day."
    )
    customer_form_hour = fields.Integer(
        default=60, help="Complaints taken from the public form within an hour."
    )
    customer_consent_text = fields.Text(
        translate=True,
        default="We use what you tell us here only to settle your complaint and to learn from it."
        " You may ask us at any time what we hold about you, and to correct or delete it.",
    )
    customer_consent_version = fields.Integer(default=1, readonly=True)

    _customer_intake_range = models.Constraint(
        "CHECK (customer_files_most >= 0 AND customer_form_day > 0 AND customer_form_hour > 0)",
        "Complaints from outside: times and numbers are not negative.",
    )

    @api.constrains("customer_form_on", "customer_consent_text")
    def _check_customer_consent_text(self):
        for company in self.filtered("customer_form_on"):
            if not (company.customer_consent_text or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s: write what customers agree to before you open the complaint form.",
                        company.name,
                    )
                )

    def write(self, vals):
        if "customer_consent_text" in vals:
            text = vals["customer_consent_text"]
            for company in self.filtered(lambda one: one.customer_consent_text != text):
                # Who agreed earlier agreed to another text.
                version = company.customer_consent_version + 1
                super(ResCompany, company).write({"customer_consent_version": version})
        return super().write(vals)

    @api.model
    def _with_complaint_form(self, company_id=None):
        """Return a company, or the main one, if it takes complaints from the visitor; else none.

        It takes them from everybody if it wants, and always from its customers who are logged in.
        """
        # What strangers are shown of a company is its name and what it says in the form.
        company = (
            self.sudo().browse(company_id) if company_id else self.env.company.sudo()
        ).exists()
        return company.filtered(lambda one: one._customer_form_url())

    def _customer_form_url(self):
        """Return the address at which the visitor may complain, if there is one."""
        is_open = self.customer_form_on or self.env["customer.complaint"]._visitor(self)
        return f"/complaint/{self.id}" if is_open else None
