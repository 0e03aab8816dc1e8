from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import masking, worktime
from .customer_followup import DONE, OPEN_STATES


class Verdict(NamedTuple):
    """What the gate says to one contact: allowed, deferred until then, or blocked, and why."""

    state: str
    until: object = None
    reason: str | None = None


class Facts(NamedTuple):
    """What the gate knows of one person, whatever the purpose and channel."""

    is_archived: bool
    zone: str
    no_phone: str | None
    no_email: str | None
    channel_id: int | None = None

    def verdict(self, purpose, channel, moment):
        """Return the verdict on a contact of ``purpose`` by ``channel`` at naive UTC ``moment``."""
        refusal = self._refusal(purpose, channel)
        if refusal:
            return Verdict("blocked", None, refusal)
        opening = worktime.next_open(moment, self.zone, channel.hour_from, channel.hour_to)
        if opening > moment:
            return Verdict("deferred", opening, "hours")
        return Verdict("allowed")

    def _refusal(self, purpose, channel):
        if self.is_archived:
            return "archived"
        reason = {"phone": self.no_phone, "email": self.no_email}.get(channel.needs)
        if reason in ("blocked", "blacklisted") and purpose.is_requested:
            return None
        return reason


class ResPartner(models.Model):
    _inherit = "res.partner"

    customer_followup_count = fields.Integer(
        string="Open follow-ups",
        compute="_compute_customer_followup_count",
        groups="customer_followup.group_followup_user",
    )
    customer_date_contact = fields.Datetime(
        string="Last contact",
        compute="_compute_customer_followup_count",
        groups="customer_followup.group_followup_user",
    )

    def _compute_customer_followup_count(self):
        Followup = self.env["customer.followup"]
        mine = [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
        customer = ["commercial_partner_id"]
        counts = dict(
            Followup._read_group([*mine, ("state", "in", OPEN_STATES)], customer, ["__count"])
        )
        last = dict(
            Followup._read_group([*mine, ("state", "=", DONE)], customer, ["date_done:max"])
        )
        for partner in self:
            partner.customer_followup_count = counts.get(partner.commercial_partner_id, 0)
            partner.customer_date_contact = last.get(partner.commercial_partner_id)

    def action_customer_followups(self):
        """Open the contacts with this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_followup.customer_followup_action"
        )
        customer = self.commercial_partner_id
        action["domain"] = [("commercial_partner_id", "=", customer.id)]
        action["context"] = {"default_partner_id": self.id}
        return action

    def _contact_verdicts(self, purpose, channel, moment, company=None):
        """Return the gate's :class:`Verdict` for each person, by id.

        This is the only place that says whether a customer may be contacted; it takes a fixed
        number of queries for any number of people.

        :param moment: when, naive UTC
        :param company: whose working hours tell the zone of people of whom it is not known
        """
        return {
            partner_id: facts.verdict(purpose, channel, moment)
            for partner_id, facts in self._contact_facts(company).items()
        }

    def _contact_facts(self, company=None):
        """Return the :class:`Facts` of each person, by id."""
        # The gate answers for people the asker may not open; no value leaves it.
        people = self.sudo()
        phones = {person.id: person.phone_sanitized or person.phone for person in people}
        emails = {person.id: person.email_normalized for person in people}
        blocked = self.env["customer.contact.block"]._blocked({*phones.values(), *emails.values()})
        listed = self._blacklisted("phone.blacklist", "number", phones)
        listed |= self._blacklisted("mail.blacklist", "email", emails)
        return {
            person.id: Facts(
                not person.active,
                person._customer_zone(company),
                _refusal(phones[person.id], "no_phone", blocked, listed),
                _refusal(emails[person.id], "no_email", blocked, listed),
                person.customer_channel_id.id or None,
            )
            for person in people
        }

    @api.model
    def _blacklisted(self, model, field, values):
        # Odoo's own lists are open to administrators only. A domain on the field would have each
        # value parsed once more.
        blacklist = self.env[model].sudo()
        query = blacklist._search([])
        column = blacklist._field_to_sql(blacklist._table, field, query)
        query.add_where(SQL("%s = ANY(%s)", column, [*filter(None, values.values())]))
        return {value for (value,) in self.env.execute_query(query.select(column))}

    def _block_contact(self, reason):
        """Never again use this person's number and address."""
        # The wish is recorded for whoever heard it; the values stay inside.
        for person in self.sudo():
            values = {
                masking.phone(person.phone): person.phone_sanitized or person.phone,
                masking.email(person.email): person.email_normalized,
            }
            self.env["customer.contact.block"]._block(
                {hint: value for hint, value in values.items() if value}, reason
            )


def _refusal(value, missing, blocked, listed):
    if not value:
        return missing
    if value in blocked:
        return "blocked"
    return "blacklisted" if value in listed else None
