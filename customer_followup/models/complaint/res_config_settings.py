from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings for the handling of complaints."""

    _inherit = "res.config.settings"

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    customer_agent_limit = fields.Monetary(
        related="company_id.customer_agent_limit",
        readonly=False,
        currency_field="company_currency_id",
    )
    customer_leader_limit = fields.Monetary(
        related="company_id.customer_leader_limit",
        readonly=False,
        currency_field="company_currency_id",
    )
    customer_manager_limit = fields.Monetary(
        related="company_id.customer_manager_limit",
        readonly=False,
        currency_field="company_currency_id",
    )
    customer_deputy_id = fields.Many2one(related="company_id.customer_deputy_id", readonly=False)
    customer_compliance_id = fields.Many2one(
        related="company_id.customer_compliance_id", readonly=False
    )
    customer_reopen_days = fields.Integer(related="company_id.customer_reopen_days", readonly=False)
    customer_silence_tries = fields.Integer(
        related="company_id.customer_silence_tries", readonly=False
    )
    customer_silence_days = fields.Integer(
        related="company_id.customer_silence_days", readonly=False
    )
    customer_transfer_hours = fields.Integer(
        related="company_id.customer_transfer_hours", readonly=False
    )
    customer_evidence_mb = fields.Integer(related="company_id.customer_evidence_mb", readonly=False)
    customer_evidence_types = fields.Char(
        related="company_id.customer_evidence_types", readonly=False
    )
