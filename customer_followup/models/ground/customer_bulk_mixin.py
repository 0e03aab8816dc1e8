import logging
from datetime import datetime

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .mail_thread import NO_TRACKING

_logger = logging.getLogger(__name__)

# The modules that take part in creating a row, unless another add-on does.
_KNOWN_SOURCES = ("odoo.addons.customer_followup.", "odoo.addons.mail.", "odoo.orm.", "odoo.models")
_KNOWN_MODULES = {"customer_followup", "mail", "base"}


class CustomerBulkMixin(models.AbstractModel):
    """A record that scheduled actions create by the thousand, with one statement per batch."""

    _name = "customer.bulk.mixin"
    _description = "Created in Bulk"
    _inherit = ["customer.protected.mixin"]

    @api.model
    def _insert(self, vals_list):
        """Create rows from complete values of the same fields and return their ids, in order.

        One statement for all, unless another add-on or an automation rule takes part.
        """
        if not vals_list:
            return []
        if not self._is_plain():
            return self.with_context(tracking_disable=NO_TRACKING).create(vals_list).ids
        now = self.env.cr.now()
        stamp = {"create_uid": self.env.uid, "create_date": now}
        stamp |= {"write_uid": self.env.uid, "write_date": now}
        columns = {name: [vals[name] or None for vals in vals_list] for name in vals_list[0]} | {
            name: [value] * len(vals_list) for name, value in stamp.items()
        }
        made = self.browse(self._insert_columns(columns))
        made.modified(columns)
        for name in columns:
            # The value is given, so it is not computed.
            self.env.remove_to_compute(self._fields[name], made)
        self._invalidate_inverses()
        return made.ids

    def _invalidate_inverses(self):
        """Invalidate the lists that contain the new rows."""
        for field in self._fields.values():
            if field.type == "many2one" and field.store:
                for inverse in self.pool.field_inverses[field]:
                    self.env[inverse.model_name].invalidate_model([inverse.name], flush=False)

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
            count = len(next(iter(columns.values())))
            arrays.append((SQL("row"), SQL("%s", list(range(count)))))
        names, values = zip(*arrays, strict=True)
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM unnest(%s) AS new(%s) RETURNING id",
                SQL.identifier(self._table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(chosen),
                SQL(", ").join(values),
                SQL(", ").join(names),
            )
        )
        return [id_ for (id_,) in rows]

    def _set_aside(self, vals):
        """Record why a row is set aside, as a user would.

        By SQL if no other add-on and no automation rule takes part, or if they fail as well.
        """
        if not self._is_written_plainly():
            try:
                with self.env.cr.savepoint():
                    self._record(vals)
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                self.env.invalidate_all()
                _logger.info("%s %s is set aside by SQL: %s", self._name, self.id, error)
        self._update_columns(vals)

    def _record_plainly(self, vals):
        """Record the same values in many rows, by one statement.

        As a user would if another add-on or an automation rule takes part.
        """
        if self and self._is_written_plainly():
            self.flush_recordset(vals.keys())
            self._update_columns(vals)
        elif self:
            self._record(vals)

    def _update_columns(self, vals):
        columns = [SQL("%s = %s", SQL.identifier(name), value) for name, value in vals.items()]
        self.env.execute_query(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s) RETURNING id",
                SQL.identifier(self._table),
                SQL(", ").join(columns),
                list(self.ids),
            )
        )
        self.invalidate_recordset(list(vals), flush=False)

    @api.model
    def _is_written_plainly(self):
        """Say whether no other add-on and no automation rule takes part in writing."""
        model = type(self)
        return "write" not in vars(model) and all(
            base.__module__.startswith(_KNOWN_SOURCES)
            for base in model.mro()
            if "write" in vars(base)
        )

    @api.model
    def _is_plain(self):
        """Say whether a plain INSERT makes what ``create`` would.

        It would not where an automation rule or another add-on overrides it, checks rows, gives
        defaults, or stores something computed.
        """
        model = type(self)
        return (
            # Automation rules put their own `create` on the class of the registry itself.
            "create" not in vars(model)
            and not self.env["ir.default"]._get_model_defaults(self._name)
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
                if not set(field._modules) <= _KNOWN_MODULES
            )
        )


def _array(values):
    """Return numbers or moments as one PostgreSQL array, which it reads faster than a list."""
    kinds = {type(value) for value in values} - {type(None)}
    if not all(issubclass(kind, int | datetime) for kind in kinds):
        return values
    texts = ("NULL" if value is None else str(value) for value in values)
    return f"{{{','.join(texts)}}}"
