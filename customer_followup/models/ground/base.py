from odoo import models


class Base(models.AbstractModel):
    """Any record, which by default is confidential to no user who may read it."""

    _inherit = "base"

    # Path to the users who must not know of the record, such as
    # ``"complaint_id.excluded_user_ids"``; the chapter on exclusion reads it.
    _customer_confidential = None

    def _excluded_users(self):
        """Return the users who must not know of these records."""
        return self.env["res.users"]
