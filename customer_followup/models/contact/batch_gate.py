from datetime import timedelta
from functools import cache, cached_property
from itertools import chain

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import gate, worktime
from .customer_followup import PLANNED, WITHHELD

ONE_DAY = timedelta(days=1)


class BatchGate:
    """The gate for contacts that are planned together.

    It chooses the channel of each, and keeps contacts of different plans on different days.

    :param rows: enrollments, in sudo
    :param facts: what the gate knows of the person of each
    """

    def __init__(self, rows, facts, steps):
        self.env, self.rows = rows.env, rows
        self.steps = {step.id: step for step in steps}
        self.people = self._read_people(steps)
        others = self.env["res.partner"].browse({*chain.from_iterable(self.people.values())})
        self.facts, self.others = facts, self._read_others(others)
        self.persons = rows.partner_id | others
        purposes = self.env["customer.purpose"].union(*(step._purpose() for step in steps))
        self.made = self.persons._contacts_made(purposes)
        # The contacts that are planned, and how many of them `_taken` knows.
        self.admitted, self.seen = [], 0
        self.cooling = {step: step.plan_id.cooling_off_hours for step in steps}
        # The same facts give the same verdict.
        self.verdict, self.offers = cache(gate.verdict), cache(self._offers)
        self.workdays = cache(_workdays)

    def _read_people(self, steps):
        """Return the people of each customer with a tag of the steps, by (customer, tag) ids."""
        tags = steps.role_ids
        if not tags:
            return {}
        people = self.env["res.partner"].search(
            Domain("commercial_partner_id", "in", self.rows.commercial_partner_id.ids)
            & Domain("category_id", "in", tags.ids),
            order="id desc",
        )
        found = {}
        for person in people:
            for tag in person.category_id & tags:
                found.setdefault((person.commercial_partner_id.id, tag.id), []).append(person.id)
        return found

    def _read_others(self, people):
        """Return what the gate knows of further people, by (company, person) ids."""
        known = {}
        for company in self.rows.company_id if people else ():
            found = people._contact_facts(company)
            known |= {(company.id, id_): fact for id_, fact in found.items()}
        return known

    def _offers(self, step_id, team_id, company_id, preferred_id):
        """Return ``[(channel id, GateRequest)]`` of a step in the order of one customer."""
        step = self.steps[step_id]
        team = self.env["customer.team"].browse(team_id)
        company = self.env["res.company"].browse(company_id)
        channels = step.channel_id + (step.alternative_ids - step.channel_id).sorted()
        return [
            (channel.id, step.plan_id._gate_request(step._purpose(), channel, team, company))
            for channel in channels.sorted(lambda channel: channel.id != preferred_id)
        ]

    def pass_through(self, vals, row, step):
        """Change the values of a contact as the gate decides: postponed, withheld, or neither."""
        people = [vals["partner_id"]]
        if vals["role_id"]:
            people = self.people.get((vals["commercial_partner_id"], vals["role_id"]), people)
        vals["partner_id"] = people[0]
        if vals["state"] != PLANNED:
            return
        refused = []
        for person_id in people:
            vals["partner_id"] = person_id
            reason = self._refuse(vals, row, step)
            if not reason:
                return
            refused.append(reason)
        vals.update(
            partner_id=people[0],
            state=WITHHELD,
            close_code=refused[0],
            date_done=fields.Datetime.now(),
        )

    def _refuse(self, vals, row, step):
        """Plan the contact with its person, or return why it must not be made with them."""
        other = self.others and self.others.get((vals["company_id"], vals["partner_id"]))
        known = other or self.facts[row]
        if vals["date_deadline"] - vals["date_planned"] > ONE_DAY and not step.is_statutory:
            self._keep_apart(vals, row, known)
        first = None
        for channel_id, asked in self.offers(
            vals["step_id"], vals["team_id"], vals["company_id"], known.channel_id
        ):
            found = self._ask(known, asked, vals, row, step)
            is_in_time = not (vals["date_expiry"] and found.until) or (
                found.until <= vals["date_expiry"]
            )
            if found.state != gate.BLOCKED and is_in_time:
                vals["channel_id"] = channel_id
                self._admit(vals, found, asked, known.zone)
                return None
            first = first or found
        return first.reason

    def _ask(self, known, asked, vals, row, step):
        if self.cooling[step]:
            asked = asked._replace(earliest=step.plan_id._earliest(row.date_anchor))
        made = self.made.get((vals["partner_id"], asked.purpose_id), ()) if asked.budget else ()
        return self.verdict(known, asked, vals["date_planned"], made)

    def _admit(self, vals, found, asked, zone):
        """Plan the contact when it is allowed, and count it for those planned after it."""
        if found.until:
            vals["date_deadline"] = worktime.moved_deadline(
                vals["date_planned"], vals["date_deadline"], found.until, zone
            )
            vals["date_planned"] = found.until
            if found.reason in gate.OF_PLAN:
                vals["date_due"] = max(vals["date_due"], vals["date_deadline"])
        self.admitted.append(vals)
        if asked.budget:
            key = vals["partner_id"], asked.purpose_id
            self.made[key] = (*self.made.get(key, ()), vals["date_planned"])

    def _keep_apart(self, vals, row, known):
        """Move a contact within its window off days with more important ones of other plans."""
        zone = known.zone
        busy = {
            worktime.local_day(moment, zone)
            for moment, enrollment_id, priority in self._taken(vals["partner_id"])
            if enrollment_id != row.id and priority >= vals["priority"]
        }
        day, last = (
            worktime.local_day(vals[name], zone) for name in ("date_planned", "date_deadline")
        )
        if day not in busy:
            return
        workdays = self.workdays(row.team_id.calendar_id, row.company_id)
        later = (day + timedelta(days=number) for number in range(1, (last - day).days + 1))
        found = next((one for one in later if one not in busy and workdays.is_working(one)), None)
        if found:
            hour = worktime.local_hour(vals["date_planned"], zone)
            vals["date_planned"] = worktime.at_local(found, hour, zone)
            vals["moved_reason"] = "apart"

    def _taken(self, person_id):
        """Return the planned contacts of a person: moment, enrollment id and priority."""
        for vals in self.admitted[self.seen :]:
            one = vals["date_planned"], vals["enrollment_id"], vals["priority"]
            self.taken.setdefault(vals["partner_id"], []).append(one)
        self.seen = len(self.admitted)
        return self.taken.get(person_id, ())

    @cached_property
    def taken(self):
        """Return what :meth:`_taken` does, for all people, before this batch."""
        query = SQL(
            """SELECT partner_id, date_planned, enrollment_id, priority FROM customer_followup
                WHERE partner_id = ANY(%s) AND state IN ('planned', 'waiting')""",
            self.persons.ids,
        )
        taken = {}
        for person_id, *one in self.env.execute_query(query):
            taken.setdefault(person_id, []).append(tuple(one))
        return taken


def _workdays(calendar, company):
    return calendar._working_time(company).workdays
