from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    """Settings for the intake of complaints."""

    _inherit = "res.config.settings"

    customer_mail_contacts = fields.Boolean(
        related="company_id.customer_mail_contacts", readonly=False
    )
    customer_ask_by_mail = fields.Boolean(related="company_id.customer_ask_by_mail", readonly=False)
    customer_files_most = fields.Integer(related="company_id.customer_files_most", readonly=False)
    customer_form_on = fields.Boolean(related="company_id.customer_form_on", readonly=False)
    customer_form_team_id = fields.Many2one(
        related="company_id.customer_form_team_id", readonly=False
    )
    customer_form_day = fields.Integer(related="company_id.customer_form_day", readonly=False)
    customer_form_hour = fields.Integer(related="company_id.customer_form_hour", readonly=False)
    customer_consent_text = fields.Text(related="company_id.customer_consent_text", readonly=False)
    customer_consent_version = fields.Integer(related="company_id.customer_consent_version")

    @api.constrains("customer_form_on", "customer_form_team_id")
    def _check_customer_form_team(self):
        # Checked here, because settings are written to the company field by field.
        for settings in self.filtered("customer_form_on"):
            if not settings.customer_form_team_id:
                raise ValidationError(
                    self.env._(
                        "%s: choose the team that receives complaints by the form.",
                        settings.company_id.name,
                    )
                )
