from odoo import api, models
from odoo.exceptions import AccessError

_BY_CONTEXT = {"default_author_id", "default_author_guest_id", "default_email_from"}
# What says who wrote which record's message.
_ORIGIN = {
    *("author_id", "author_guest_id", "create_uid", "email_from", "reply_to"),
    *("date", "message_id", "message_type", "model", "parent_id", "res_id"),
}
# What a message says.
_WORDS = {"attachment_ids", "body", "subject"}


class MailMessage(models.Model):
    """A message that may be a contact with a customer."""

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su or not self.env.user._is_internal():
            # Of others, Odoo itself ignores the author.
            return super().create(vals_list)
        vals_list = [self._with_own_author(vals) for vals in vals_list]
        ignored = dict.fromkeys(_BY_CONTEXT & self.env.context.keys())
        return super(MailMessage, self.with_context(**ignored)).create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if _ORIGIN & vals.keys() and (
                self._about_customers() or self._is_of_customers(vals.get("model"))
            ):
                raise AccessError(
                    self.env._("Who wrote a message about which record cannot be changed.")
                )
            words = _WORDS & vals.keys()
            if words:
                self._check_own_words(is_text=words != {"attachment_ids"})
        return super().write(vals)

    def unlink(self):
        self._check_own_words()
        return super().unlink()

    def _about_customers(self):
        """Return those of these messages that are about records of ours."""
        # What a message is about does not depend on who may read it.
        about = self.sudo().filtered(lambda one: self._is_of_customers(one.model))
        return self.browse(about.ids)

    def _check_own_words(self, is_text=True):
        """Raise if the user would change or delete what others wrote, or the system noted.

        :param is_text: whether more than the files changes, which Odoo adds to its own notes
        """
        if self.env.su:
            return
        for message in self._about_customers().sudo():
            is_fixed = is_text and message.message_type != "comment"
            is_own = message.author_id == self.env.user.partner_id
            if is_fixed or not is_own or message.tracking_value_ids:
                raise AccessError(
                    self.env._("Only your own comments about a record can be changed or deleted.")
                )

    @api.model
    def _is_of_customers(self, model):
        """Return whether messages about a model may be the word of a customer."""
        return model in self.env and self.env[model]._is_of_this_app

    @api.model
    def _with_own_author(self, vals):
        """Return the values of a message whose author is its user, or a company of theirs.

        The customer's page and the time of answers go by the author, not by the address.
        """
        context, user = self.env.context, self.env.user
        if not self._is_of_customers(vals.get("model", context.get("default_model"))):
            by_context = _BY_CONTEXT & context.keys()
            return {one.removeprefix("default_"): context[one] for one in by_context} | vals
        # The names of one's own companies are not confidential.
        allowed = user.partner_id | user.sudo().company_ids.partner_id
        if vals.get("author_id") in allowed.ids:
            return vals
        own = {"author_id": user.partner_id.id, "email_from": user.email_formatted}
        return {**vals, **own, "author_guest_id": False}

    def _contacts_sent(self):
        """Return the contacts that these messages are, in sudo."""
        # Queues send the messages of contacts of all users.
        about = self.filtered(lambda one: one.model == "customer.followup")
        contacts = self.env["customer.followup"].sudo().browse(set(about.mapped("res_id")))
        return contacts.exists().filtered(lambda one: one.own_message_id in about)

    def _kept_back(self):
        """Return those of these queued letters that must not leave now; intake says which."""
        return self.browse()

    def _settle(self):
        """Record what became of these messages, once they are in no queue any more."""
        contacts = self.env["customer.followup"]
        for contact in self._contacts_sent():
            contact._run_one(lambda one: one._settle(), contacts._queued_domain())
