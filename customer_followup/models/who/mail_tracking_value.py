from odoo import models


class MailTrackingValue(models.Model):
    """A change of a field, shown in the chatter."""

    _inherit = "mail.tracking.value"

    def _filter_has_field_access(self, env):
        """Leave out changes of contact details that the user sees in short form only."""
        return (
            super()
            ._filter_has_field_access(env)
            .filtered(
                lambda row: (
                    not row.field_id
                    or row.field_id.name not in env[row.field_id.model]._hidden_details()
                )
            )
        )
