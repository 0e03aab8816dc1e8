from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import gate
from ..who.customer_consent import WITHDRAWN
from ..who.customer_contact_block import WISH
from ..who.res_partner_identity import IDENTIFIED_BY
from .customer_followup import DONE, OPEN_STATES, WITHHELD

# A contact that waited longer for a corrected number is not reopened.
CORRECTED_DAYS = 30
# Which people were changed in this transaction.
CHANGED = "customer_followup.contacts"
KINDS = CORRECTED, MOVED, IDENTIFIED, ARCHIVED, ZONED = (
    "corrected",
    "moved",
    "identified",
    "archived",
    "zoned",
)
# What says in which zone a person's day runs.
ZONE_FIELDS = {"customer_tz", "country_id", "tz"}
_GROUP = "customer_followup.group_followup_user"


class ResPartner(models.Model):
    """A contact person with follow-ups, and the facts the gate needs."""

    _inherit = "res.partner"

    customer_followup_count = fields.Integer(
        string="Open follow-ups",
        compute="_compute_customer_followup_count",
        groups=_GROUP,
    )
    customer_date_contact = fields.Datetime(
        string="Last contact",
        compute="_compute_customer_followup_count",
        groups=_GROUP,
    )
    customer_journey = fields.Json(
        string="Journey", compute="_compute_customer_journey", groups=_GROUP
    )

    def _compute_customer_followup_count(self):
        Followup = self.env["customer.followup"]
        mine = [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
        customer = ["commercial_partner_id"]
        counts = dict(
            Followup._read_group([*mine, ("state", "in", OPEN_STATES)], customer, ["__count"])
        )
        # Messages that the system sends are no contacts by users.
        talks = [*mine, ("state", "=", DONE), ("channel_id.is_automatic", "=", False)]
        last = dict(Followup._read_group(talks, customer, ["date_done:max"]))
        for partner in self:
            partner.customer_followup_count = counts.get(partner.commercial_partner_id, 0)
            partner.customer_date_contact = last.get(partner.commercial_partner_id)

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_customer_journey(self):
        """Show each plan of the customer that the user may see, the latest first."""
        rows = self.env["customer.followup.enrollment"].search(
            [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
        )
        by_customer = rows.grouped("commercial_partner_id")
        for partner in self:
            own = by_customer.get(partner.commercial_partner_id, rows.browse())
            partner.customer_journey = [{"id": row.id, **row.journey} for row in own]

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"phone", "email"}:
            self._mark_changed(CORRECTED)
        if vals.keys() & {"street", "street2", "zip", "city"}:
            self._mark_changed(MOVED)
        if vals.keys() & IDENTIFIED_BY:
            self._mark_changed(IDENTIFIED)
        if "active" in vals and not vals["active"]:
            self._mark_changed(ARCHIVED)
        if vals.keys() & ZONE_FIELDS:
            self._mark_changed(ZONED)
        return result

    def _identity_changed(self):
        self._mark_changed(IDENTIFIED)

    def _mark_changed(self, kind):
        """Update follow-ups once before the commit, because imports write people one by one."""
        precommit = self.env.cr.precommit
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = {kind: set() for kind in KINDS}
            precommit.add(self.browse()._update_followups)
        precommit.data[CHANGED][kind].update(self.ids)

    @api.model
    def _update_followups(self):
        """Follow what changed: people who were archived, corrected, or moved to another zone.

        What people who wished no contact have become known by is blocked as well.
        """
        changed = self.env.cr.precommit.data.pop(CHANGED)
        if changed[ZONED]:
            self.env["customer.followup.enrollment"]._place_again(
                Domain("partner_id", "in", changed[ZONED])
            )
        if not any(changed[kind] for kind in KINDS if kind != ZONED):
            return
        found, is_blocked = self._followups_to_update(changed)
        if is_blocked:
            self.browse(changed[IDENTIFIED])._block_changed()
        if not found:
            return
        corrected = found.filtered(lambda one: one.state == WITHHELD)
        # A person may have been restored since.
        (found - corrected).filtered(lambda one: not one.partner_id.active)._withhold("archived")
        corrected = corrected.filtered(
            lambda one: (
                one.partner_id.id in changed[CORRECTED if one.channel_id._needed() else MOVED]
            )
        )
        verdicts = corrected._gate()
        corrected.filtered(lambda one: verdicts[one.id].state != gate.BLOCKED)._reopen()
        self.env.flush_all()

    @api.model
    def _followups_to_update(self, changed):
        """Return the follow-ups that changes may concern, and whether blocks are. One query."""
        since = fields.Datetime.now() - timedelta(days=CORRECTED_DAYS)
        pending = Domain("partner_id", "in", changed[ARCHIVED]) & Domain("state", "in", OPEN_STATES)
        waiting = (
            Domain("partner_id", "in", changed[CORRECTED] | changed[MOVED])
            & Domain("state", "=", WITHHELD)
            & Domain("close_code", "=", "wrong_number")
            & Domain("date_done", ">=", since)
        )
        # Users who may edit people need not see these follow-ups, nor what is blocked.
        followups = self.env["customer.followup"].sudo()
        blocks = self.env["customer.contact.block"].sudo()
        wishes = blocks._of_people(changed[IDENTIFIED])
        queries = (followups._search(pending | waiting), False), (blocks._search(wishes), True)
        selects = [
            SQL("(%s)", query.select(SQL.identifier(query.table, "id"), SQL("%s", is_block)))
            for query, is_block in queries
            if not query.is_empty()
        ]
        rows = self.env.execute_query(SQL(" UNION ALL ").join(selects)) if selects else []
        ids = [id_ for id_, is_block in rows if not is_block]
        return followups.browse(ids), len(ids) < len(rows)

    def _note_consent(self, purpose, kind, how, channel=None, note=None, notice=None):
        """Record the wish, and withhold open contacts that it forbids."""
        rows = super()._note_consent(purpose, kind, how, channel, note, notice)
        if kind == WITHDRAWN:
            domain = [("partner_id", "in", self.ids), ("state", "in", OPEN_STATES)]
            # The wish counts for contacts of all users.
            pending = self.env["customer.followup"].sudo().search(domain)
            # Of a wish for everything, the number is blocked as well.
            reasons = {"withdrawn"} if purpose or channel else {"withdrawn", "blocked"}
            for contact_id, verdict in pending._gate().items():
                if verdict.reason in reasons:
                    pending.browse(contact_id)._withhold("withdrawn")
        return rows

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
        """Return the gate's :class:`~.tools.gate.Verdict` for each person, by id.

        It takes a fixed number of queries for any number of people.

        :param moment: when, naive UTC
        :param company: whose holds count, and whose working hours give the time zone of people
            for whom it is not known
        """
        asked = gate.prepare_request(purpose, channel, is_now=True)
        made = self._contacts_made(purpose)
        return {
            person_id: gate.verdict(facts, asked, moment, made.get((person_id, purpose.id), ()))
            for person_id, facts in self._contact_facts(company).items()
        }

    def _contact_facts(self, company=None):
        """Return the :class:`~.tools.gate.Facts` of each person, by id."""
        # The gate reads people that the user may not open; it returns none of it.
        people = self.sudo()
        reach = {person.id: person._reach() for person in people}
        values = [value for one in reach.values() for some in one.values() for value in some]
        blocked = self.env["customer.contact.block"]._blocked_since(
            {form for value in values for form in value.asked}
        )
        phones = {value.plain for one in reach.values() for value in one["phone"]}
        emails = {value.plain for one in reach.values() for value in one["email"]}
        listed = self._blacklisted("phone.blacklist", "number", phones)
        listed |= self._blacklisted("mail.blacklist", "email", emails)
        zones = people._customer_zones(company)
        standing = self.env["customer.consent"]._statements(people)
        windows = self._wished_hours()
        holds = self.env["customer.contact.hold"]._open(
            people.commercial_partner_id, company or self.env.company
        )
        facts = {}
        for person in people:
            id_ = person.id
            said = standing.get(id_)
            facts[id_] = gate.Facts(
                not person.active,
                zones[id_],
                _unusable(reach[id_]["phone"], "no_phone", blocked, listed),
                _unusable(reach[id_]["email"], "no_email", blocked, listed),
                person.customer_channel_id.id or None,
                person.customer_is_minor,
                person.customer_guardian_agreed,
                tuple(said.items()) if said else (),
                windows.get(id_, ()),
                holds.get(person.commercial_partner_id.id, ()) if holds else (),
                _blocked_since(reach[id_], blocked) if blocked else None,
            )
        return facts

    def _wished_hours(self):
        """Return the contact hours people asked for, by id of the person."""
        # As in `_contact_facts`.
        windows = (
            self.env["customer.contact.window"].sudo().search([("partner_id", "in", self.ids)])
        )
        return {person.id: some._spans() for person, some in windows.grouped("partner_id").items()}

    def _contacts_made(self, purposes, but=None):
        """Return when these people were or will be contacted: ``{(id, purpose id): moments}``.

        Only purposes with a budget count, and no further back than it reaches.

        :param but: contacts that do not count
        """
        days = max(purposes.filtered("budget_count").mapped("budget_days"), default=0)
        if not days:
            return {}
        counted = purposes.filtered("budget_count")
        query = SQL(
            """SELECT partner_id, purpose_id, array_agg(COALESCE(date_done, date_planned))
                 FROM customer_followup
                WHERE partner_id = ANY(%s) AND purpose_id = ANY(%s) AND id <> ALL(%s)
                  AND state IN ('planned', 'waiting', 'done')
                  AND COALESCE(date_done, date_planned) > %s
                GROUP BY 1, 2""",
            self.ids,
            counted.ids,
            but.ids if but else [],
            fields.Datetime.subtract(fields.Datetime.now(), days=days),
        )
        self.env["customer.followup"].flush_model()
        return {
            (person_id, purpose_id): tuple(moments)
            for person_id, purpose_id, moments in self.env.execute_query(query)
        }

    @api.model
    def _blacklisted(self, model, field, values):
        # Only administrators may read Odoo's lists. A domain on the field would parse each value
        # once more.
        blacklist = self.env[model].sudo()
        query = blacklist._search([])
        column = blacklist._field_to_sql(blacklist._table, field, query)
        query.add_where(SQL("%s = ANY(%s)", column, list(values)))
        return {value for (value,) in self.env.execute_query(query.select(column))}


def _unusable(values, missing, blocked, listed):
    """Return why none of a person's numbers, or addresses, may be used, or ``None``.

    A message goes to all addresses of a field, so that each of them must be usable.
    """
    if not values:
        return missing
    forms = (form for value in values for form in value.asked) if blocked else ()
    reasons = {blocked[form][0] for form in forms if form in blocked}
    if reasons:
        return "blocked" if WISH in reasons else "wrong_number"
    return "blacklisted" if listed and any(value.plain in listed for value in values) else None


def _blocked_since(reach, blocked):
    """Return when a person last wished that a number or address is not used, or ``None``."""
    forms = (form for some in reach.values() for value in some for form in value.asked)
    found = (blocked[form] for form in forms if form in blocked)
    return max((since for kind, since in found if kind == WISH), default=None)
