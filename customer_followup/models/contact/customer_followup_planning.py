from datetime import datetime

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .batch_gate import BatchGate
from .customer_followup import MISSED, OPEN_STATES, PLANNED, WITHHELD

EXPIRED_MOST = 500
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
        by_row = rows._prepare_followup_vals()
        by_step = {step: step._prepare_followup_vals() for step in steps}
        roles = {step: step.role_ids.ids or [None] for step in steps}
        batch, now, vals_list = BatchGate(rows, facts, steps), fields.Datetime.now(), []
        # The more important come first, and the others make way.
        for one in sorted(due, key=lambda one: by_step[one.step]["priority"], reverse=True):
            row, step, when = one.row, one.step, one.occurrence
            common, own = by_row[row], by_step[step]
            vals = {
                **common,
                **own,
                "priority": max(common["priority"], own["priority"]),
                "occurrence": when.number,
                "state": one.state,
                "close_code": one.code,
                "moved_reason": when.reason or None,
                "date_planned": when.planned,
                "date_deadline": when.deadline,
                "date_original": when.planned,
                "date_nominal": when.planned,
                "date_done": None if one.state == PLANNED else now,
                "date_expiry": step._expiry(when.deadline),
                "stands_for": one.stands_for,
            }
            for role_id in roles[step]:
                vals_list.append(batch.pass_through({**vals, "role_id": role_id}, row, step))
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


def _array(values):
    """Return numbers or moments as one PostgreSQL array, which it reads faster than a list."""
    kinds = {type(value) for value in values} - {type(None)}
    if not all(issubclass(kind, int | datetime) for kind in kinds):
        return values
    texts = ("NULL" if value is None else str(value) for value in values)
    return f"{{{','.join(texts)}}}"
