from odoo import api, models

# Fields with addresses of people outside who wrote or received a message.
_ADDRESSES = {
    "email_from",
    "reply_to",
    "incoming_email_to",
    "incoming_email_cc",
    "outgoing_email_to",
}
# Identity, not a value: no caller from outside can put this object into a context.
_FOR_CHATTER = object()


class MailMessage(models.Model):
    """A message whose addresses are masked for users without access to them."""

    _inherit = "mail.message"

    @api.model
    def _has_field_access(self, field, operation):
        """Keep addresses from people who must not see customers' contact details."""
        allowed = super()._has_field_access(field, operation)
        if not allowed or self.env.su or operation != "read" or field.name not in _ADDRESSES:
            return allowed
        if self.env.context.get("customer_chatter") is _FOR_CHATTER:
            return True
        return not self.env["res.users"]._is_customer_data_masked()

    def _to_store(self, store, fields, **kwargs):
        """Leave the addresses out of the chatter of such users."""
        if not self.env["res.users"]._is_customer_data_masked():
            super()._to_store(store, fields, **kwargs)
            return
        # Odoo reads the addresses on its way; they are taken out again before anything leaves.
        known = self.with_context(customer_chatter=_FOR_CHATTER)
        super(MailMessage, known)._to_store(store, fields, **kwargs)
        for values in store.data.get("mail.message", {}).values():
            for name in _ADDRESSES & set(values):
                values[name] = False
