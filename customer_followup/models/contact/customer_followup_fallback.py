from markupsafe import Markup

from odoo import fields, models

from ...tools import gate
from .customer_followup import PLANNED


class CustomerFollowup(models.Model):
    """The other way by which a customer is contacted who was not reached."""

    _inherit = "customer.followup"

    fallback_of_id = fields.Many2one(
        "customer.followup",
        string="After trying in vain",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _fall_back(self):
        """Plan the same contact by the next way of its step that works, and return it."""
        # The system goes on for the agent, who may use neither number nor address.
        contact = self.sudo()
        now = fields.Datetime.now()
        for channel in contact._untried_channels():
            verdict = contact.partner_id._contact_verdicts(
                contact.purpose_id, channel, now, contact.company_id
            )[contact.partner_id.id]
            if verdict.state != gate.BLOCKED:
                return contact.create(contact._prepare_fallback_vals(channel, verdict.until or now))
        return contact.browse()

    def _untried_channels(self):
        """Return the channels of the step, in its order, by which nobody tried so far."""
        tried = self.env["customer.channel"]
        contact = self
        while contact:
            tried |= contact.channel_id
            contact = contact.fallback_of_id
        step = self.step_id
        return step.channel_id + (step.alternative_ids - step.channel_id).sorted() - tried

    def _prepare_fallback_vals(self, channel, start):
        deadline = max(self.date_deadline, start)
        return {
            "name": self.name,
            "fallback_of_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "user_id": self.user_id.id,
            "enrollment_id": self.enrollment_id.id,
            "plan_id": self.plan_id.id,
            "step_id": self.step_id.id,
            "occurrence": self.occurrence,
            "role_id": self.role_id.id,
            "purpose_id": self.purpose_id.id,
            "priority": self.priority,
            "channel_id": channel.id,
            "state": PLANNED,
            "date_planned": start,
            "date_deadline": deadline,
            "date_nominal": self.date_nominal,
            "date_expiry": self.date_expiry,
        }

    def _said(self, name):
        """Return what a message says after tries in vain: what an agent would say fits nobody."""
        if name == "text" and self.fallback_of_id:
            to_him = self.with_context(lang=self.partner_id.lang)
            return Markup("<p>%s</p>") % to_him.env._(
                "%(company)s tried to reach you: %(occasion)s. When does it suit you? Answer this"
                " message, or call us.",
                company=to_him.company_id.name,
                occasion=super()._said("name"),
            )
        return super()._said(name)
