from datetime import datetime, timedelta
from functools import cache, cached_property

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import worktime
from . import gate
from .customer_followup import MISSED, OPEN_STATES, PLANNED, WITHHELD

EXPIRED_MOST = 500
ONE_DAY = timedelta(days=1)
# Where all that makes a contact comes from, unless another add-on takes part.
_KNOWN_SOURCES = ("odoo.addons.customer_followup.", "odoo.addons.mail.", "odoo.orm.", "odoo.models")


class CustomerFollowupEnrollment(models.Model):
    _inherit = "customer.followup.enrollment"

    def _prepare_followup_vals(self):
        """Return the values that all follow-ups of each row have in common, by row."""
        stars = self._stars()
        return {
            row: {
                "partner_id": row.partner_id.id,
                "commercial_partner_id": row.commercial_partner_id.id,
                "company_id": row.company_id.id,
                "team_id": row.team_id.id,
                "user_id": row.user_id.id,
                "enrollment_id": row.id,
                "priority": stars.get((row.company_id, row.commercial_partner_id.id), "0"),
            }
            for row in self
        }

    def _stars(self):
        """Return the stars of customers in a tier: ``{(company, customer id): stars}``."""
        membership = self.env["customer.tier.membership"]
        return {
            (company, customer_id): tier.stars
            for company, rows in self.grouped("company_id").items()
            for customer_id, tier in membership._tiers(rows.partner_id, company).items()
        }

    def _people(self, steps):
        """Return who at each customer bears the tags the steps ask for, by (customer, tag)."""
        tags = steps.role_ids
        if not tags:
            return {}
        # Names of roles are configuration; the people found stay inside.
        people = self.env["res.partner"].search(
            Domain("commercial_partner_id", "in", self.commercial_partner_id.ids)
            & Domain("category_id", "in", tags.ids),
            order="id desc",
        )
        return {
            (person.commercial_partner_id, tag): person
            for person in people
            for tag in person.category_id & tags
        }


class CustomerFollowup(models.Model):
    """How the planner makes contacts, many at a time."""

    _inherit = "customer.followup"

    @api.model
    def _plan(self, due, facts):
        """Create the contacts of ``due``, a list of ``timetable.Due``, as the gate lets them pass.

        :param facts: what the gate knows of the person of each enrollment
        """
        if not due:
            return
        rows = self.env["customer.followup.enrollment"].union(*{one.row for one in due}).sudo()
        steps = self.env["customer.followup.step"].union(*{one.step for one in due}).sudo()
        people = rows._people(steps)
        by_row = rows._prepare_followup_vals()
        by_step = {step: step._prepare_followup_vals() for step in steps}
        asked = _Gate(rows, facts, people, steps)
        vals_list = []
        # The more important come first, and the others make way.
        for one in sorted(due, key=lambda one: -int(one.step.priority)):
            row, step, when = one.row, one.step, one.occurrence
            vals = {
                **by_row[row],
                **by_step[step],
                "occurrence": when.number,
                "state": one.state,
                "close_code": one.code,
                "moved_reason": when.reason or None,
                "date_planned": when.planned,
                "date_deadline": when.deadline,
                "date_original": when.planned,
                "date_nominal": when.planned,
                "date_done": None if one.state == PLANNED else fields.Datetime.now(),
                "date_expiry": step._expiry(when.deadline),
                "stands_for": one.stands_for,
            }
            vals["priority"] = max(vals["priority"], step.priority)
            for role in step.role_ids or (step.role_ids,):
                vals_list.append(
                    asked.pass_through({**vals, "role_id": role.id or None}, row, step)
                )
        ids = self._insert(vals_list)
        withheld = {
            self.browse(id_): vals["close_code"]
            for id_, vals in zip(ids, vals_list, strict=True)
            if vals["state"] == WITHHELD
        }
        self.env["customer.contact.refusal"]._note(withheld)

    @api.model
    def _insert(self, vals_list):
        """Create contacts from complete values and return their ids, in order.

        One statement for all, as long as no other add-on has a part in making contacts.
        """
        if not self._is_plain():
            return self.with_context(tracking_disable=True).create(vals_list).ids
        now = self.env.cr.now()
        stamp = {"create_uid": self.env.uid, "create_date": now}
        stamp |= {"write_uid": self.env.uid, "write_date": now}
        columns = {name: [vals[name] or None for vals in vals_list] for name in vals_list[0]} | {
            name: [value] * len(vals_list) for name, value in stamp.items()
        }
        ids = self._insert_columns(columns)
        made = self.browse(ids)
        self.env["customer.followup.enrollment"].invalidate_model(["followup_ids"], flush=False)
        made.modified(columns)
        for name in columns:
            # Given, so not to be computed.
            self.env.remove_to_compute(self._fields[name], made)
        return ids

    @api.model
    def _insert_columns(self, columns):
        """Insert rows given by column, ``{field: values}``, and return their ids, in order."""
        chosen, arrays = [], []
        for name, values in columns.items():
            kind = SQL(self._fields[name].column_type[1])
            if values.count(values[0]) == len(values):
                chosen.append(SQL("%s::%s", values[0], kind))
            else:
                chosen.append(SQL.identifier("new", name))
                arrays.append((SQL.identifier(name), SQL("%s::%s[]", _array(values), kind)))
        if not arrays:
            arrays.append((SQL("row"), SQL("%s", list(range(len(next(iter(columns.values()))))))))
        names, values = zip(*arrays, strict=True)
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO customer_followup (%s) SELECT %s FROM unnest(%s) AS new(%s)"
                " RETURNING id",
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(chosen),
                SQL(", ").join(values),
                SQL(", ").join(names),
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _is_plain(self):
        """Say whether a plain INSERT makes what ``create`` would.

        It would not where another add-on overrides it, checks contacts, gives defaults, or stores
        something computed.
        """
        model = type(self)
        return (
            not self.env["ir.default"]._get_model_defaults(self._name)
            and not any(key.startswith("default_") for key in self.env.context)
            and all(
                base.__module__.startswith(_KNOWN_SOURCES)
                for base in model.mro()
                if "create" in vars(base)
            )
            and all(
                check.__module__.startswith(_KNOWN_SOURCES) for check in self._constraint_methods
            )
            and not any(
                field.store and field.column_type and (field.default or field.compute)
                for field in self._fields.values()
                if not set(field._modules) <= {"customer_followup", "mail", "base"}
            )
        )

    @api.model
    def _expire_due(self):
        """Set contacts aside as missed that are pointless by now, such as late greetings."""
        over = (
            Domain("state", "in", OPEN_STATES)
            & Domain("date_expiry", "<", fields.Datetime.now())
            & Domain("error", "=", False)
        )
        for contact in self.search(over, limit=EXPIRED_MOST):
            contact._one_safely(over, lambda one: one._end(MISSED, "expired"))


class _Gate:
    """What the gate says to contacts that are planned together, by their channels in order."""

    def __init__(self, rows, facts, people, steps):
        self.people = people
        self.by_person = {}
        for company, some in rows.grouped("company_id").items():
            ids = {person.id for person in people.values()}
            known = rows.env["res.partner"].browse(ids)._contact_facts(company) if ids else {}
            self.by_person |= {(company.id, id_): fact for id_, fact in known.items()}
            self.by_person |= {(company.id, row.partner_id.id): facts[row] for row in some}
        everybody = rows.partner_id.browse({person_id for _company, person_id in self.by_person})
        self.everybody, self.fresh = everybody, {}
        self.purposes = {step: step._purpose() for step in steps}
        budgeted = rows.env["customer.purpose"].union(*self.purposes.values())
        self.made = everybody._contacts_made(budgeted)
        # It gives the same answer on people of whom it knows the same.
        self.verdict = cache(gate.verdict)
        self.channels = cache(_channels)
        self.workdays = cache(rows.env["customer.workday"]._workdays)
        self.terms = cache(
            lambda step, channel, team, company: step.plan_id._terms(
                self.purposes[step], channel, team, company
            )
        )

    def pass_through(self, vals, row, step):
        """Return the values of a contact as the gate lets it pass: as they are, later, withheld."""
        if vals["role_id"]:
            role = step.role_ids.browse(vals["role_id"])
            person = self.people.get((row.commercial_partner_id, role))
            vals["partner_id"] = person.id if person else vals["partner_id"]
        if vals["state"] != PLANNED:
            return vals
        known = self.by_person[vals["company_id"], vals["partner_id"]]
        if vals["date_deadline"] - vals["date_planned"] > ONE_DAY and not step.is_statutory:
            vals = self._keep_apart(vals, row, known)
        first = None
        for channel in self.channels(step, known.channel_id):
            verdict = self._ask(known, vals, row, step, channel)
            if verdict.state != gate.BLOCKED:
                return self._count(_put_off({**vals, "channel_id": channel.id}, verdict))
            first = first or verdict
        withheld = {"state": WITHHELD, "close_code": first.reason}
        return {**vals, **withheld, "date_done": fields.Datetime.now()}

    def _ask(self, known, vals, row, step, channel):
        asked = self.terms(step, channel, row.team_id, row.company_id)
        if step.plan_id.cooling_off_hours:
            asked = asked._replace(earliest=step.plan_id._earliest(row.date_anchor))
        made = self.made.get((vals["partner_id"], asked.purpose_id), ()) if asked.budget else ()
        return self.verdict(known, asked, vals["date_planned"], made)

    def _keep_apart(self, vals, row, known):
        """Move a contact off the days of more important ones of other plans, within its window."""
        zone, person_id = known.zone, vals["partner_id"]
        taken = [*self.taken.get(person_id, ()), *self.fresh.get(person_id, ())]
        busy = {
            worktime.local_day(moment, zone)
            for moment, enrollment_id, priority in taken
            if enrollment_id != row.id and priority >= vals["priority"]
        }
        day, last = (
            worktime.local_day(vals[name], zone) for name in ("date_planned", "date_deadline")
        )
        if day not in busy:
            return vals
        workdays = self.workdays(row.team_id.calendar_id, row.company_id)
        free = (day + timedelta(days=number) for number in range(1, (last - day).days + 1))
        found = next((one for one in free if one not in busy and workdays.is_working(one)), None)
        if not found:
            return vals
        hour = worktime.local_hour(vals["date_planned"], zone)
        planned = worktime.at_local(found, hour, zone)
        return {**vals, "date_planned": planned, "moved_reason": "apart"}

    @cached_property
    def taken(self):
        """Return what people are contacted for on which days: moment, enrollment, priority."""
        query = SQL(
            """SELECT partner_id, date_planned, enrollment_id, priority FROM customer_followup
                WHERE partner_id = ANY(%s) AND state IN ('planned', 'waiting')""",
            self.everybody.ids,
        )
        taken = {}
        for person_id, *one in self.everybody.env.execute_query(query):
            taken.setdefault(person_id, []).append(tuple(one))
        return taken

    def _count(self, vals):
        """Let a contact planned now count for those planned after it."""
        moment, person_id = vals["date_planned"], vals["partner_id"]
        key = person_id, vals["purpose_id"]
        self.made[key] = (*self.made.get(key, ()), moment)
        one = moment, vals["enrollment_id"], vals["priority"]
        self.fresh.setdefault(person_id, []).append(one)
        return vals


def _channels(step, preferred_id):
    """Return the channels of a step in the order of one customer."""
    channels = step.channel_id + (step.alternative_ids - step.channel_id).sorted()
    return channels.sorted(lambda channel: channel.id != preferred_id)


def _put_off(vals, verdict):
    if not verdict.until:
        return vals
    latest = max(vals["date_deadline"], verdict.until)
    return {**vals, "date_planned": verdict.until, "date_deadline": latest}


def _array(values):
    """Return numbers or moments as one PostgreSQL array, which it reads faster than a list."""
    kinds = {type(value) for value in values} - {type(None)}
    if not all(issubclass(kind, int | datetime) for kind in kinds):
        return values
    texts = ("NULL" if value is None else str(value) for value in values)
    return f"{{{','.join(texts)}}}"
