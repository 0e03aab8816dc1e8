import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_followup import UNDOING

UNDO_MINUTES = 10
FOLLOWUP, ENROLLMENT = "customer.followup", "customer.followup.enrollment"
BLOCK, CONSENT = "customer.contact.block", "customer.consent"
# Never restored. Of a block it shows that another contact relies on it by now.
_BOOKKEEPING = {"write_date", "write_uid"}
# The next planning is restored, but a change of it is no reason to refuse.
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
    """What recording one outcome changed, so that the user can undo it for some minutes.

    The rows an outcome may change are read before and after it, as the database holds them. An
    undo writes the former values back, deletes new rows and takes consents back. It is refused if
    any of these rows has changed since. The planner waits meanwhile, so that it plans nothing from
    an outcome that can still be undone.
    """

    _name = "customer.followup.undo"
    _description = "Undo of an Outcome"
    _order = "id desc"

    followup_id = fields.Many2one(FOLLOWUP, required=True, ondelete="cascade")
    outcome_id = fields.Many2one("customer.followup.outcome", required=True, ondelete="cascade")
    # By kind, model and id: ``changed`` holds columns before and after, ``made`` whole new rows;
    # ``place`` holds the owners of the contact and the state of its plan.
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

    @api.model
    def _before(self, scope):
        """Return what :meth:`_remember` compares with: the rows of a scope as they are now.

        :param scope: domains by model, as :meth:`customer.followup._undo_scope` returns them
        """
        tables = {model: self.env[model].sudo() for model in scope}
        self.env.flush_all()
        rows = {model: _rows(tables[model], domain) for model, domain in scope.items()}
        return rows, {model: _last_id(table) for model, table in tables.items()}

    @api.model
    def _remember(self, followup, outcome, before):
        """Keep what has changed since ``before`` by recording an outcome of a follow-up."""
        self.env.flush_all()
        former, last = before
        changes = {"changed": {}, "made": {}, "last": last}
        for model, rows in former.items():
            own = Domain("id", "in", list(rows)) | Domain("id", ">", last[model])
            after = _rows(self.env[model].sudo(), own)
            changes["changed"][model] = _changed(rows, after)
            changes["made"][model] = {id_: row for id_, row in after.items() if id_ not in rows}
        changes["place"] = followup.sudo()._undo_place()
        # A user may undo an outcome, but neither read nor write what is kept for that.
        self.sudo().create(
            {"followup_id": followup.id, "outcome_id": outcome.id, "changes": changes}
        )

    def _apply(self):
        """Put everything back as it was before the outcome was recorded.

        :raise UserError: if something that followed from the outcome has changed since
        """
        self.ensure_one()
        contact = self.followup_id
        if not self.try_lock_for_update():
            raise UserError(
                self.env._("%s is already being undone. Reload the page.", contact.display_name)
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
        """Say whether another wish of the customer was recorded since."""
        recorded = self._row_ids("made", CONSENT)
        wishes = Domain("partner_id", "=", self.followup_id.partner_id.id)
        wishes &= Domain("id", ">", last_id) & Domain("id", "not in", recorded)
        return bool(recorded and self.env[CONSENT].search_count(wishes, limit=1))

    def _too_late_text(self):
        return self.env._(
            "%s: records created or changed by this outcome were edited since, so it cannot be"
            " undone. Plan a new contact instead.",
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
