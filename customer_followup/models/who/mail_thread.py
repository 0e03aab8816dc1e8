from odoo import api, models
from odoo.fields import Domain


class MailThread(models.AbstractModel):
    """A record whose suggested recipients reveal no addresses."""

    _inherit = "mail.thread"

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        """Suggest colleagues only, to people who must not see customers' addresses."""
        if not self.env["res.users"]._is_customer_data_masked():
            return super()._message_get_suggested_recipients_batch(*args, **kwargs)
        kwargs["no_create"] = True
        # Odoo reads the customers among them, whom the user may not open; they are dropped below.
        suggested = super(MailThread, self.sudo())._message_get_suggested_recipients_batch(
            *args, **kwargs
        )
        return {
            record_id: [info for info in infos if self._is_colleague(info["partner_id"])]
            for record_id, infos in suggested.items()
        }

    def _is_colleague(self, partner_id):
        # Only whether it is a colleague leaves here.
        partner = self.env["res.partner"].sudo().browse(partner_id or [])
        return bool(partner) and not partner.partner_share

    @api.model
    def _is_from_colleague(self, msg_dict):
        """Return whether a colleague wrote an incoming e-mail."""
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        return bool(author) and not author.partner_share

    def _search_message_partner_ids(self, operator, operand):
        """Search followers among those the user may read: Odoo would search all of them."""
        if operator != "in" and self.env["res.users"]._is_customer_data_masked():
            wanted = Domain("id", operator, operand) if operator == "=" else None
            people = self.env["res.partner"]
            operand = people._search(wanted or _about_people(operator, operand))
            operator = "in"
        return super()._search_message_partner_ids(operator, operand)


def _about_people(operator, operand):
    if operator in ("any", "any!"):
        return Domain(operand)
    return Domain("display_name", operator, operand)
