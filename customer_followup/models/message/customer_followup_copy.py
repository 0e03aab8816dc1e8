from markupsafe import Markup, escape

from odoo import fields, models

from ...tools import gate
from ..contact.customer_followup import PLANNED, WITHHELD

# In this order: what reaches the customer at once comes first.
WRITTEN = ("sms", "email")


class CustomerFollowupStep(models.Model):
    _inherit = "customer.followup.step"

    is_copied = fields.Boolean(
        string="In writing as well",
        help="What was talked about goes to the customer as a text message, else as an e-mail.",
    )


class CustomerFollowup(models.Model):
    """What was agreed by word of mouth, sent to the customer in writing."""

    _inherit = "customer.followup"

    copy_of_id = fields.Many2one(
        "customer.followup",
        string="Puts in writing",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _after_close(self, outcome, told):
        result = super()._after_close(outcome, told)
        if self.step_id.is_copied and outcome.is_reached and self.summary:
            self._put_in_writing()
        return result

    def _put_in_writing(self):
        """Plan a message with the key points of this contact, by the first channel that works."""
        # The system writes for the agent, who may use neither number nor address.
        contact = self.sudo()
        channels = contact.env["customer.channel"].search(
            [("kind", "in", WRITTEN), ("is_automatic", "=", True)]
        )
        now, first, vals = fields.Datetime.now(), None, contact._prepare_copy_vals()
        for channel in channels.sorted(lambda one: WRITTEN.index(one.kind)):
            verdict = contact.partner_id._contact_verdicts(
                contact.purpose_id, channel, now, contact.company_id
            )[contact.partner_id.id]
            first = first or (channel, verdict)
            if verdict.state != gate.BLOCKED:
                start = verdict.until or now
                vals |= {"date_planned": start, "date_deadline": start, "state": PLANNED}
                return contact.create({**vals, "channel_id": channel.id})
        if not first:
            return contact.browse()
        channel, verdict = first
        withheld = {"state": WITHHELD, "close_code": verdict.reason, "channel_id": channel.id}
        copy = contact.create({**vals, **withheld})
        self.env["customer.contact.refusal"]._note({copy: verdict.reason})
        return copy

    def _prepare_copy_vals(self):
        return {
            "name": self.name,
            "copy_of_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "user_id": self.user_id.id,
            "purpose_id": self.purpose_id.id,
        }

    def _said(self, name):
        """Return the key points of the contact that is put in writing, or what the step says."""
        if not self.copy_of_id:
            return super()._said(name)
        if name == "name":
            return self.copy_of_id.name
        lines = (self.copy_of_id.summary or "").splitlines()
        return Markup("<p>%s</p>") % Markup("<br>").join(map(escape, lines))
