from odoo import api, models

from .customer_confidential_mixin import CONFIDENTIAL


class MailFollowers(models.Model):
    """A follower of a confidential document, hidden with it and never an excluded user."""

    _name = "mail.followers"
    _inherit = ["mail.followers", "customer.confidential.mixin"]
    _document_fields = ("res_model", "res_id")

    def _insert_followers(self, res_model, res_ids, *args, **kwargs):
        """Skip excluded users, whatever adds them as followers."""
        result = super()._insert_followers(res_model, res_ids, *args, **kwargs)
        if res_model in CONFIDENTIAL:
            self._drop_excluded(self.env[res_model].browse(res_ids))
        return result

    @api.model
    def _drop_excluded(self, records):
        """Remove followers and notifications of excluded users from records."""
        partners = {
            record.id: set(users.partner_id.ids)
            for record in records
            if (users := record._excluded_users())
        }
        if not partners:
            return
        # The current user may not have access to followers and inboxes of others.
        about = [("res_model", "=", records._name), ("res_id", "in", list(partners))]
        followers = self.sudo().search(about)
        followers.filtered(lambda one: one.partner_id.id in partners[one.res_id]).unlink()
        notices = self.env["mail.notification"].sudo()
        about = [(f"mail_message_id.{name}", *rest) for name, *rest in about]
        about[0] = ("mail_message_id.model", "=", records._name)
        notices.search(about).filtered(
            lambda one: one.res_partner_id.id in partners[one.mail_message_id.res_id]
        ).unlink()
