import json
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..plan.customer_followup_enrollment import OPEN_STATES as ENROLLMENT_OPEN_STATES
from .customer_followup import OPEN_STATES, UNDOING
from .customer_followup_enrollment import PLANNER

UNDO_MINUTES = 10
FOLLOWUP, ENROLLMENT = "customer.followup", "customer.followup.enrollment"
BLOCK, CONSENT = "customer.contact.block", "customer.consent"
# Bookkeeping: never restored. Of a block it tells that another contact relies on it by now.
_BOOKKEEPING = {"write_date", "write_uid"}
# When the planner looks again is restored, but no reason to refuse.
_NOT_COMPARED = {"date_next", "is_planned_out"}
# Deleted in this order: what refers to other rows comes first.
_MADE = (
    "customer.contact.refusal",
    "customer.action",
    "customer.followup.attempt",
    FOLLOWUP,
    BLOCK,
)


class CustomerFollowupUndo(models.TransientModel):
    """What recording one outcome changed, for the user who may take it back for some minutes.

    The rows an outcome may touch are read before and after it, as the database holds them. An undo
    writes the former values back, deletes what was made and takes consents back. It is refused
    where something that followed from the outcome has changed since. The planner waits for as
    long, so that it plans nothing from an outcome that may still be undone.
    """

    _name = "customer.followup.undo"
    _description = "Undo of an Outcome"
    _order = "id desc"

    followup_id = fields.Many2one(FOLLOWUP, required=True, ondelete="cascade")
    outcome_id = fields.Many2one("customer.followup.outcome", required=True, ondelete="cascade")
    # By kind, model and id: ``changed`` holds columns before and after, ``made`` whole rows;
    # ``place`` is whose the contact was then, and the state of its plan.
    changes = fields.Json(required=True, groups=fields.NO_ACCESS)

    @api.model
    def _available(self, followups):
        """Return the latest undo the current user may still apply, by id of the follow-up."""
        oldest = fields.Datetime.now() - timedelta(minutes=UNDO_MINUTES)
        rows = self.sudo().search(
            Domain("followup_id", "in", followups.ids)
            & Domain("create_uid", "=", self.env.uid)
            & Domain("create_date", ">", oldest),
            order="id",
        )
        return {row.followup_id.id: row for row in rows}

    def _apply(self):
        """Put everything back as it was before the outcome was recorded.

        :raise UserError: if something that followed from the outcome has changed since
        """
        self.ensure_one()
        contact = self.followup_id
        if not self.try_lock_for_update():
            raise UserError(
                self.env._("%s is being undone already: reload it.", contact.display_name)
            )
        self.env.flush_all()
        self._check_unchanged()
        self._restore()
        self._delete_made()
        mistaken = self._row_ids("made", CONSENT)
        self.env[CONSENT].browse(mistaken)._take_back(self.env._("Recorded by mistake and undone"))
        self.env[FOLLOWUP].browse(self._row_ids("changed", FOLLOWUP))._withhold_after_undo()
        contact._log_undo(self.outcome_id, self.changes)
        self.unlink()

    def _row_ids(self, kind, model):
        return [int(id_) for id_ in self.changes[kind].get(model, ())]

    def _check_unchanged(self):
        """Raise if what followed has changed, or the plan went on without this contact."""
        for kind in ("changed", "made"):
            for model, rows in self.changes[kind].items():
                present = _rows(self.env[model], Domain("id", "in", self._row_ids(kind, model)))
                for id_, row in rows.items():
                    after = row[1] if kind == "changed" else row
                    if not _is_same(model, after, present.get(int(id_), {})):
                        raise UserError(self._too_late_text())
        contact, last = self.followup_id, self.changes["last"]
        made = self.env[FOLLOWUP].browse(self._row_ids("made", FOLLOWUP))
        if (
            contact._undo_place() != self.changes["place"]
            or contact._planned_since(last[FOLLOWUP], made.ids)
            or any(one._is_worked_on() for one in made)
            or self._wished_since(last[CONSENT])
        ):
            raise UserError(self._too_late_text())

    def _wished_since(self, last_id):
        """Say whether the customer said something else since a wish was recorded."""
        recorded = self._row_ids("made", CONSENT)
        wishes = Domain("partner_id", "=", self.followup_id.partner_id.id)
        wishes &= Domain("id", ">", last_id) & Domain("id", "not in", recorded)
        return bool(recorded and self.env[CONSENT].search_count(wishes, limit=1))

    def _too_late_text(self):
        return self.env._(
            "%s: what followed from this outcome has changed since, so it cannot be undone. Plan"
            " a new contact instead.",
            self.followup_id.display_name,
        )

    def _restore(self):
        """Write the former values back by SQL: no rule of the models may act on them again."""
        for model, rows in self.changes["changed"].items():
            table = self.env[model]._table
            for id_, (before, _after) in rows.items():
                columns = SQL(", ").join(map(SQL.identifier, before))
                self.env.execute_query(
                    SQL(
                        """UPDATE %s SET (%s) = ROW(%s)
                             FROM jsonb_populate_record(NULL::%s, %s::jsonb) AS former
                            WHERE %s = %s RETURNING 1""",
                        SQL.identifier(table),
                        columns,
                        SQL(", ").join(SQL.identifier("former", name) for name in before),
                        SQL.identifier(table),
                        json.dumps(before),
                        SQL.identifier(table, "id"),
                        int(id_),
                    )
                )
        self.env.invalidate_all(flush=False)

    def _delete_made(self):
        made = self.changes["made"].keys() - {CONSENT}
        for model in (*sorted(made - {*_MADE}), *_MADE):
            rows = self.env[model].browse(self._row_ids("made", model))
            rows.with_context(customer_undo=UNDOING).unlink()


class CustomerFollowup(models.Model):
    """How a user takes back an outcome chosen by mistake."""

    _inherit = "customer.followup"

    can_undo = fields.Boolean(
        compute="_compute_can_undo",
        help="You recorded an outcome of this contact some minutes ago and may take it back.",
    )

    @api.depends("state", "outcome_id", "attempt_ids")
    @api.depends_context("uid")
    def _compute_can_undo(self):
        available = self.env["customer.followup.undo"]._available(self)
        for contact in self:
            contact.can_undo = contact._origin.id in available

    def action_undo(self):
        """Take back the outcome the current user recorded last, within ``UNDO_MINUTES``."""
        self.ensure_one()
        undo = self.env["customer.followup.undo"]._available(self).get(self.id)
        if not undo or not self.sudo()._may_be_undone_by(self.env.user):
            raise UserError(
                self.env._(
                    "There is no outcome of yours to undo. Outcomes can be undone for %s minutes by"
                    " the user who recorded them.",
                    UNDO_MINUTES,
                )
            )
        undo._apply()
        return True

    def _may_be_undone_by(self, user):
        """Say whether a user who recorded an outcome may still work with such contacts."""
        return user._may_work_on(self)

    def _record_outcome_by_hand(self, outcome, summary=None, **told):
        """Record an outcome as :meth:`_record_outcome` does, and remember how to take it back."""
        self.ensure_one()
        # All that may change, also what the user may not see; nothing of it leaves the system.
        scope = self.sudo()._undo_scope()
        tables = {model: self.env[model].sudo() for model in scope}
        self.env.flush_all()
        before = {model: _rows(tables[model], domain) for model, domain in scope.items()}
        last = {model: _last_id(table) for model, table in tables.items()}
        self._record_outcome(outcome, summary, **told)
        self.sudo()._let_planner_wait(before[ENROLLMENT])
        self.env.flush_all()
        changes = {"changed": {}, "made": {}, "last": last}
        for model, rows in before.items():
            own = Domain("id", "in", list(rows)) | Domain("id", ">", last[model])
            after = _rows(tables[model], own)
            changes["changed"][model] = _changed(rows, after)
            changes["made"][model] = {id_: row for id_, row in after.items() if id_ not in rows}
        changes["place"] = self.sudo()._undo_place()
        self.env["customer.followup.undo"].sudo().create(
            {"followup_id": self.id, "outcome_id": outcome.id, "changes": changes}
        )

    def _undo_scope(self):
        """Return which rows recording an outcome of this contact may change: domains by model."""
        person = self.partner_id
        contacts = self | self.search(
            Domain("state", "in", OPEN_STATES)
            & (
                Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
                | Domain("enrollment_id.partner_id", "=", person.id)
            )
        )
        own = Domain("partner_id", "=", person.id) & Domain("state", "in", ENROLLMENT_OPEN_STATES)
        blocks = self.env[BLOCK]
        digests = [blocks._digest(value) for value in person._reach().values() if value]
        return {
            FOLLOWUP: Domain("id", "in", contacts.ids),
            ENROLLMENT: own | Domain("id", "in", contacts.enrollment_id.ids),
            BLOCK: Domain("digest", "in", digests),
            "customer.followup.attempt": Domain.FALSE,
            "customer.contact.refusal": Domain.FALSE,
            CONSENT: Domain.FALSE,
            "customer.action": Domain.FALSE,
        }

    def _undo_place(self):
        """Return whose the contact is and how its plan stands, as plain values."""
        owners = self.user_id.id, self.team_id.id, self.company_id.id, self.partner_id.id
        return [*owners, self.enrollment_id.state]

    def _is_worked_on(self):
        """Say whether anybody did something about the contact that goes with it."""
        actions = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        return bool(
            self.feedback_ids
            or self.attempt_ids
            or self.activity_ids
            or self.message_ids.filtered(lambda one: one.message_type == "comment")
            or self.env["customer.action"].search_count(actions, limit=1)
        )

    def _let_planner_wait(self, before):
        """Put off what the planner would plan at once, until the outcome cannot be undone."""
        later = fields.Datetime.now() + timedelta(minutes=UNDO_MINUTES)
        rows = self.env[ENROLLMENT].browse(before)
        woken = rows.filtered(
            lambda row: (
                row.date_next
                and row.date_next < later
                and row.date_next != _moment(before[row.id]["date_next"])
            )
        )
        if woken:
            woken.write({"date_next": later})
            # Scheduled actions belong to the system; anybody may ask for them to run.
            self.env.ref(PLANNER).sudo()._trigger(at=later)

    def _planned_since(self, last_id, made):
        """Return contacts of the plan that came after ``last_id`` from this one's end."""
        return self.search(
            Domain("enrollment_id", "=", self.enrollment_id.id)
            & Domain("enrollment_id", "!=", False)
            & Domain("id", ">", last_id)
            & Domain("id", "not in", made)
            & Domain("fallback_of_id", "=", False)
        )

    def _withhold_after_undo(self):
        """Withhold those open again which the customer's wishes have forbidden meanwhile."""
        again = self.filtered(lambda one: one.state in OPEN_STATES)
        for contact_id, verdict in again._gate().items():
            if verdict.reason in ("archived", "withdrawn"):
                again.browse(contact_id)._withhold(verdict.reason)

    def _log_undo(self, outcome, _changes):
        """Keep in the chatter that an outcome was undone; later chapters add their records."""
        self._message_log(body=self.env._("Undone: %s", outcome.name))


def _rows(table, domain):
    """Return stored rows of a model as the database holds them: ``{id: {column: JSON value}}``."""
    query = table.with_context(active_test=False)._search(domain)
    id_, row = SQL.identifier(query.table, "id"), SQL.identifier(query.table)
    return dict(table.env.execute_query(query.select(id_, SQL("to_jsonb(%s)", row))))


def _last_id(table):
    found = table.env.execute_query(
        SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table._table))
    )
    return found[0][0]


def _moment(value):
    return value and datetime.fromisoformat(value)


def _changed(before, after):
    """Return the columns that differ: ``{id: [former values, present values]}``."""
    found = {}
    for id_, row in before.items():
        present = after[id_]
        names = {name for name, value in row.items() if present[name] != value} - _BOOKKEEPING
        if names:
            kept = names | _BOOKKEEPING & present.keys()
            found[id_] = [{one: row[one] for one in names}, {one: present[one] for one in kept}]
    return found


def _is_same(model, after, now):
    """Say whether a row still is as the outcome left it, as far as that matters."""
    ignored = _NOT_COMPARED if model == BLOCK else _NOT_COMPARED | _BOOKKEEPING
    return all(now.get(name) == value for name, value in after.items() if name not in ignored)
