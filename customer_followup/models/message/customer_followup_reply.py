from lxml import html

from odoo import api, fields, models
from odoo.tools import html2plaintext
from odoo.tools.mail import email_normalize

from ...tools import reply
from ..ground.system import as_system

PAUSE, STOP = "pause", "stop"
_QUOTES = (
    "//blockquote | //*[@data-o-mail-quote-node or @data-o-mail-quote-container"
    " or @data-o-mail-quote or contains(@class, 'gmail_quote')]"
)
# Identity, not a value: no caller from outside can put this object into a context.
_BY_A_MACHINE = object()


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_route_process(self, message, message_dict, routes):
        """Remember of an answer whether a machine wrote it: only the headers say so."""
        if reply.is_automatic(message):
            self = self.with_context(customer_reply=_BY_A_MACHINE)
        return super()._message_route_process(message, message_dict, routes)


class CustomerFollowupPlan(models.Model):
    _inherit = "customer.followup.plan"

    on_reply = fields.Selection(
        [
            ("nothing", "Goes on"),
            (PAUSE, "Pauses until somebody has answered"),
            (STOP, "Stops"),
        ],
        string="When the customer answers, the plan",
        required=True,
        default=PAUSE,
    )


class CustomerFollowup(models.Model):
    """What a customer's answer to a message brings about."""

    _inherit = "customer.followup"

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        result = super().message_update(msg_dict, update_vals)
        is_machine = self.env.context.get("customer_reply") is _BY_A_MACHINE
        for followup in as_system(self):
            if not is_machine and followup._is_from_customer(msg_dict):
                followup._note_reply(plain_text(msg_dict.get("body")))
        return result

    def _is_from_customer(self, msg_dict):
        """Say whether the person of this contact wrote, not a colleague or somebody else."""
        if msg_dict.get("author_id") == self.partner_id.id:
            return True
        sender = email_normalize(msg_dict.get("email_from"))
        return bool(sender) and sender == self.partner_id.email_normalized

    def _note_reply(self, text):
        """Do what the customer's answer asks for: let him go, or have somebody answer.

        Called for e-mails; whatever receives text messages calls it too.
        """
        self.ensure_one()
        wish = reply.wish(text)
        if wish:
            purpose = None if wish == reply.LEAVE_ALL else self.purpose_id
            if self._leave("message", purpose):
                self._confirm_leave(purpose)
            return
        self._act(self.env._("Answer %s", self._customer_name()))
        self._hold_plan()

    def _hold_plan(self):
        """Pause or stop the plan of the contact, as the plan says."""
        row = self.enrollment_id
        if self.plan_id.on_reply == STOP and row.state in ("active", "paused"):
            row.action_stop(self.env._("The customer answered."), code="asked")
        if self.plan_id.on_reply == PAUSE and row.state == "active":
            row._pause(note=self.env._("The customer answered."))

    def _confirm_leave(self, purpose):
        """Tell the customer once, without anything else, that it is done."""
        to_him = self.with_context(lang=self.partner_id.lang)
        if purpose:
            text = to_him.env._(
                "We will not contact you any more for: %s.", to_him.purpose_id.display_name
            )
        else:
            text = to_him.env._("We will not contact you any more.")
        if self.channel_id.kind == "sms":
            self._queue_sms(text)
        else:
            self._queue_email(to_him.env._("It is done"), text)

    def _act(self, name):
        """Ask the agent of this contact, or his leader, to do something unless he is to do it."""
        known = [
            ("name", "=", name),
            ("res_model", "=", self._name),
            ("res_id", "=", self.id),
            ("state", "=", "open"),
        ]
        actions = self.env["customer.action"]
        if actions.search_count(known, limit=1):
            return
        user = self.user_id or self.enrollment_id.user_id or self.team_id.leader_id
        actions.create(
            {
                "name": name,
                "res_model": self._name,
                "res_id": self.id,
                "user_id": user.id or self.env.ref("base.user_root").id,
                "company_id": self.company_id.id,
                "team_id": self.team_id.id,
            }
        )


def plain_text(body):
    """Return the text of an e-mail without what mail programs mark as quoted."""
    if not (body or "").strip():
        return ""
    tree = html.fromstring(f"<div>{body}</div>")
    for quote in tree.xpath(_QUOTES):
        quote.drop_tree()
    return html2plaintext(html.tostring(tree, encoding="unicode"))
