from odoo import api, models

_ADDRESSES = {"mail_email_address", "failure_reason", "sms_number"}


class MailNotification(models.Model):
    """A notification whose addresses are masked for users without access to them."""

    _inherit = "mail.notification"

    @api.model
    def _has_field_access(self, field, operation):
        """Keep addresses from people who must not see customers' contact details."""
        allowed = super()._has_field_access(field, operation)
        if self.env.su or field.name not in _ADDRESSES:
            return allowed
        return allowed and not self.env["res.users"]._is_customer_data_masked()

    def _filtered_for_web_client(self):
        # Odoo reads addresses to choose, also in the name of their authors; none leaves here.
        return self.browse(super(MailNotification, self.sudo())._filtered_for_web_client().ids)

    def _to_store_defaults(self, target):
        names = super()._to_store_defaults(target)
        if not self.env["res.users"]._is_customer_data_masked():
            return names
        return [name for name in names if name not in _ADDRESSES]
