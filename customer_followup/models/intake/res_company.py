from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Company settings for the intake of complaints and the letters about them."""

    _inherit = "res.company"

    customer_mail_contacts = fields.Boolean(
        help="Create a contact for the unknown sender of a complaint."
    )
    customer_ask_by_mail = fields.Boolean(
        default=True, help="Ask the customer by e-mail whether the complaint is solved."
    )
    customer_files_most = fields.Integer(default=10)
    customer_form_on = fields.Boolean()
    customer_form_team_id = fields.Many2one(
        "customer.team",
        ondelete="restrict",
        domain="[('company_id', '=', id)]",
        # Other users may not read teams.
        groups="base.group_system,customer_followup.group_followup_admin",
    )
    customer_form_day = fields.Integer(
        default=10, help="Maximum number of complaints from one address per day."
    )
    customer_form_hour = fields.Integer(
        default=60, help="Maximum number of complaints by the public form per hour."
    )
    customer_consent_text = fields.Text(
        translate=True,
        default="We use the information in this form only to handle your complaint and to improve"
        " our service. You may ask us at any time which data we store about you, and to correct or"
        " delete them.",
    )
    customer_consent_version = fields.Integer(default=1, readonly=True)

    _customer_intake_range = models.Constraint(
        "CHECK (customer_files_most >= 0 AND customer_form_day > 0 AND customer_form_hour > 0)",
        "Complaint intake: limits must be positive.",
    )

    @api.constrains("customer_form_on", "customer_consent_text")
    def _check_customer_consent_text(self):
        for company in self.filtered("customer_form_on"):
            if not (company.customer_consent_text or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s: enter the consent text before you enable the complaint form.",
                        company.name,
                    )
                )

    def write(self, vals):
        if "customer_consent_text" in vals:
            text = vals["customer_consent_text"]
            for company in self.filtered(lambda one: one.customer_consent_text != text):
                # Earlier consents refer to the previous text.
                version = company.customer_consent_version + 1
                super(ResCompany, company).write({"customer_consent_version": version})
        return super().write(vals)

    @api.model
    def _with_complaint_form(self, company_id=None):
        """Return a company, or the main one, if the visitor may use its form; else none.

        Its logged-in customers always may, other visitors only if the form is public.
        """
        # Visitors see only the name of the company and the texts of its form.
        company = (
            self.sudo().browse(company_id) if company_id else self.env.company.sudo()
        ).exists()
        return company.filtered(lambda one: one._customer_form_url())

    def _customer_form_url(self):
        """Return the URL of the complaint form for the visitor, or ``False``."""
        is_open = self.customer_form_on or self.env["customer.complaint"]._visitor(self)
        return f"/complaint/{self.id}" if is_open else None
