import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..plan.customer_followup_enrollment import OPEN_STATES as ENROLLMENT_OPEN_STATES
from ..who.customer_consent import GIVEN, NONE, WITHDRAWN
from .customer_followup import OPEN_STATES, UNDOING

UNDO_MINUTES = 10
# Bookkeeping, and when the planner looks again: no reason to refuse, and not restored.
_NOT_COMPARED = {"write_date", "write_uid", "date_next", "is_planned_out"}
# Deleted in this order: what refers to other rows comes first.
_MADE = (
    "customer.contact.refusal",
    "customer.action",
    "customer.followup.attempt",
    "customer.followup",
    "customer.contact.block",
)


class CustomerFollowupUndo(models.TransientModel):
    """What recording one outcome changed, for the user who may take it back for some minutes."""

    _name = "customer.followup.undo"
    _description = "Undo of an Outcome"
    _order = "id desc"

    followup_id = fields.Many2one("customer.followup", required=True, ondelete="cascade")
    outcome_id = fields.Many2one("customer.followup.outcome", required=True, ondelete="cascade")
    # Rows as the database holds them: ``changed`` and ``made`` by model and id, ``last`` ids.
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
        # Two clicks, or two tabs: the second one finds nothing to undo.
        self.lock_for_update()
        contact = self.followup_id
        self.env.flush_all()
        self._check_unchanged()
        self._drop_planned_since()
        self._restore()
        self._drop_made()
        self._correct_consents()
        contact._resume_plan_after_undo()
        contact._message_log(body=self.env._("Undone: %s", self.outcome_id.name))
        self.unlink()

    def _check_unchanged(self):
        for kind in ("changed", "made"):
            for model, rows in self.changes[kind].items():
                present = _rows(self.env[model], Domain("id", "in", [*map(int, rows)]))
                for id_, row in rows.items():
                    after = row[1] if kind == "changed" else row
                    now = present.get(int(id_), {})
                    if any(now.get(name) != value for name, value in after.items()):
                        raise UserError(self._too_late_text())

    def _too_late_text(self):
        return self.env._(
            "%s: what followed from this outcome has changed since, so it cannot be undone. Plan"
            " a new contact instead.",
            self.followup_id.display_name,
        )

    def _drop_planned_since(self):
        """Delete what the planner planned because the contact had ended; it plans anew."""
        last = self.changes["last"]["customer.followup"]
        made = [int(id_) for id_ in self.changes["made"].get("customer.followup", ())]
        planned = self.env["customer.followup"].search(
            Domain("enrollment_id", "=", self.followup_id.enrollment_id.id)
            & Domain("enrollment_id", "!=", False)
            & Domain("id", ">", last)
            & Domain("id", "not in", made)
        )
        if planned.filtered(lambda one: one.state not in OPEN_STATES or one.attempt_ids):
            raise UserError(self._too_late_text())
        planned.with_context(customer_undo=UNDOING).unlink()

    def _restore(self):
        """Write the former values back by SQL: no rule of the models may act on them again."""
        for model, rows in self.changes["changed"].items():
            table = SQL.identifier(self.env[model]._table)
            for id_, (before, _after) in rows.items():
                columns = SQL(", ").join(map(SQL.identifier, before))
                self.env.execute_query(
                    SQL(
                        """UPDATE %s SET (%s) = ROW(%s)
                             FROM jsonb_populate_record(NULL::%s, %s::jsonb) AS former
                            WHERE %s = %s RETURNING 1""",
                        table,
                        columns,
                        SQL(", ").join(SQL.identifier("former", name) for name in before),
                        table,
                        json.dumps(before),
                        SQL.identifier(self.env[model]._table, "id"),
                        int(id_),
                    )
                )
        self.env.invalidate_all(flush=False)

    def _drop_made(self):
        made = self.changes["made"]
        for model in (*(made.keys() - {*_MADE, "customer.consent"}), *_MADE):
            ids = [int(id_) for id_ in made.get(model, ())]
            self.env[model].browse(ids).with_context(customer_undo=UNDOING).unlink()

    def _correct_consents(self):
        """Add to what a customer said by mistake what stood before: consents are history."""
        ids = [int(id_) for id_ in self.changes["made"].get("customer.consent", ())]
        for row in self.env["customer.consent"].browse(ids):
            key = row.purpose_id.id or None, row.channel_id.id or None
            before = row._standing(row.partner_id, but=row).get(row.partner_id.id, {}).get(key)
            row.partner_id._note_consent(
                row.purpose_id,
                before if before in (GIVEN, WITHDRAWN) else NONE,
                row.how,
                row.channel_id,
                note=self.env._("Recorded by mistake and undone"),
            )


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
        if not undo:
            raise UserError(
                self.env._(
                    "There is no outcome of yours to undo. Outcomes can be undone for %s minutes by"
                    " the user who recorded them.",
                    UNDO_MINUTES,
                )
            )
        undo._apply()
        return True

    def _record_outcome_by_hand(self, outcome, summary=None, **told):
        """Record an outcome as :meth:`_record_outcome` does, and remember how to take it back."""
        self.ensure_one()
        # All that may change, also what the user may not see; nothing of it leaves the system.
        scope = self.sudo()._undo_scope()
        self.env.flush_all()
        tables = {model: self.env[model].sudo() for model in scope}
        before = {model: _rows(tables[model], domain) for model, domain in scope.items()}
        last = {model: _last_id(table) for model, table in tables.items()}
        self._record_outcome(outcome, summary, **told)
        self.env.flush_all()
        changes = {"changed": {}, "made": {}, "last": last}
        for model, rows in before.items():
            own = Domain("id", "in", list(rows)) | Domain("id", ">", last[model])
            after = _rows(tables[model], own)
            changes["changed"][model] = _changed(rows, after)
            changes["made"][model] = {
                id_: _compared(row) for id_, row in after.items() if id_ not in rows
            }
        self.env["customer.followup.undo"].sudo().create(
            {"followup_id": self.id, "outcome_id": outcome.id, "changes": changes}
        )

    def _undo_scope(self):
        """Return which rows recording an outcome of this contact may change: domains by model."""
        person, enrollments = self.partner_id, Domain("partner_id", "=", self.partner_id.id)
        enrollments &= Domain("state", "in", ENROLLMENT_OPEN_STATES)
        contacts = Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
        contacts |= Domain("enrollment_id.partner_id", "=", person.id)
        contacts &= Domain("state", "in", OPEN_STATES)
        blocks = self.env["customer.contact.block"]
        values = filter(None, (person.phone_sanitized or person.phone, person.email_normalized))
        return {
            "customer.followup": Domain("id", "=", self.id) | contacts,
            "customer.followup.enrollment": Domain("id", "=", self.enrollment_id.id) | enrollments,
            "customer.contact.block": Domain("digest", "in", [*map(blocks._digest, values)]),
            "customer.followup.attempt": Domain.FALSE,
            "customer.contact.refusal": Domain.FALSE,
            "customer.consent": Domain.FALSE,
            "customer.action": Domain.FALSE,
        }

    def _resume_plan_after_undo(self):
        """Let the plan of a contact that is open again run, and the planner look at it."""
        enrollment = self.enrollment_id
        if enrollment.state == "done":
            enrollment.state = "active"
        enrollment._wake()


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


def _compared(row):
    return {name: value for name, value in row.items() if name not in _NOT_COMPARED}


def _changed(before, after):
    """Return the columns that differ: ``{id: [former values, present values]}``."""
    found = {}
    for id_, row in before.items():
        names = [name for name, value in _compared(row).items() if after[id_][name] != value]
        if names:
            found[id_] = [{name: one[name] for name in names} for one in (row, after[id_])]
    return found
