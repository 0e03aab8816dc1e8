from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.tools import SQL

OURS = "customer_followup"
# Models of Odoo whose names hold subjects, numbers and texts about customers.
_TELLING = {"ir.attachment", "mail.mail", "mail.message", "mail.notification", "sms.sms"}
# Beyond these, dates and numbers are typing errors, and calculations with them fail.
FIRST_YEAR, LAST_YEAR = 1900, 2199
# Ten years in hours.
MAX_NUMBER = 87_600
# The names of numbers that dates are calculated with, or their ends.
_NUMBERS = {
    *("delay_count", "early_count", "end_after_count", "end_count", "every_count", "late_count"),
    *("limit_count", "offset_count", "times", "warn_count", "days", "customer_silence_tries"),
}
_NUMBER_ENDS = ("_days", "_hours", "_months", "_minutes")


class Base(models.AbstractModel):
    """Any record, which by default is confidential to no user who may read it.

    Ours answer alike whether a record is hidden or does not exist, and names no user of what they
    may not read; the price is that a deleted record of ours is an error of access, too.
    """

    _inherit = "base"

    # Path to the users who must not know of the record, such as
    # ``"complaint_id.excluded_user_ids"``; the chapter on exclusion reads it.
    _customer_confidential = None

    def _excluded_users(self):
        """Return the users who must not know of these records."""
        return self.env["res.users"]

    @property
    def _is_of_this_app(self):
        return (self._original_module or "").startswith(OURS)

    def has_access(self, operation):
        try:
            return super().has_access(operation)
        except MissingError:
            if not self._is_of_this_app:
                raise
            return False

    def action_archive(self):
        if self._is_of_this_app:
            self.check_access("write")
        return super().action_archive()

    def action_unarchive(self):
        if self._is_of_this_app:
            self.check_access("write")
        return super().action_unarchive()

    def check_access(self, operation):  # pylint: disable=missing-return
        try:
            super().check_access(operation)
        except MissingError as error:
            if not self._is_of_this_app:
                raise
            raise self._unknown_error() from error

    def read(self, fields=None, load="_classic_read"):
        rows = super().read(fields, load)
        if len(rows) < len(self) and self._is_of_this_app and not self.env.su:
            # Odoo leaves out what is missing, but not what is hidden.
            raise self._unknown_error()
        return rows

    def export_data(self, fields_to_export):
        if self._is_of_this_app:
            # Odoo gives records an external id without reading them.
            self.check_access("read")
        return super().export_data(fields_to_export)

    def copy_data(self, default=None):
        if self._is_of_this_app:
            self.check_access("read")
        return super().copy_data(default)

    def onchange(self, values, field_names, fields_spec):
        self._check_named(values)
        return super().onchange(values, field_names, fields_spec)

    def web_save(self, vals, specification, next_id=None):
        self._check_named(vals)
        return super().web_save(vals, specification, next_id)

    def _check_named(self, values):
        """Raise if the caller links a record that the user may not read, whose name would be shown.

        Forms show the names of linked records without asking.

        :param values: what the form holds; defaults of the context count, too
        """
        if self.env.su:
            return
        defaults = {
            key.removeprefix("default_"): value
            for key, value in self.env.context.items()
            if key.startswith("default_")
        }
        for name, value in (defaults | values).items():
            field = self._fields.get(name)
            if not field or field.type != "many2one":
                continue
            record_id = value.get("id") if isinstance(value, dict) else value
            linked = self.env[field.comodel_name]
            if not isinstance(record_id, int) or not record_id or not linked._is_named_in_forms():
                continue
            # What the record links already is no news.
            if len(self) != 1 or self.sudo()[name].id != record_id:
                linked.browse(record_id).check_access("read")

    @api.model
    def _is_named_in_forms(self):
        """Return whether the names of these records tell what not every user may know."""
        return self._is_of_this_app or self._name in _TELLING

    def _unknown_error(self):
        """Return the error about records that do not exist, or of which the user must not know."""
        # The name of a model may be known to all.
        model = self.env["ir.model"].sudo()._get(self._name).name
        self.invalidate_recordset()
        return AccessError(
            self.env._(
                "%(model)s: this record does not exist, or you may not do this with it.",
                model=model,
            )
        )

    @api.model
    def _prepare_create_values(self, vals_list):
        result = super()._prepare_create_values(vals_list)
        # Before the database is asked, which takes no such numbers.
        if self._bounded_names():
            for vals in result:
                self._check_bounds(vals)
        return result

    @api.constrains(lambda self: self._bounded_names())
    def _check_written_bounds(self):
        names = self._bounded_names()
        for record in self:
            record._check_bounds({name: record[name] for name in names})

    @api.model
    @tools.ormcache()
    def _bounded_names(self):
        """Return the names of our fields that users write and dates are calculated with."""
        return tuple(
            field.name
            for field in self._fields.values()
            if (field._module or "").startswith(OURS)
            and field.store
            and not (field.readonly or field.related)
            and (field.type in ("date", "datetime") or _is_bounded_number(field))
        )

    def _check_bounds(self, vals):
        """Raise if a user writes a date or a number with which nothing can be calculated."""
        # Scheduled actions may keep what other records hold, such as the date of an order. By the
        # user, as Odoo runs all constraints in sudo.
        if self.env.uid == SUPERUSER_ID:
            return
        for name in self._bounded_names():
            field, value = self._fields[name], vals.get(name)
            if field.type == "integer":
                self._check_number(field, value or 0)
            elif value and not FIRST_YEAR <= fields.Date.to_date(value).year <= LAST_YEAR:
                raise ValidationError(
                    self.env._(
                        "%(record)s: enter a date between %(first)s and %(last)s as “%(field)s”.",
                        record=self._bounded_label(),
                        field=field._description_string(self.env),
                        first=FIRST_YEAR,
                        last=LAST_YEAR,
                    )
                )

    def _check_number(self, field, value):
        if abs(value) > MAX_NUMBER:
            raise ValidationError(
                self.env._(
                    "%(record)s: enter a number of at most %(most)s as “%(field)s”.",
                    record=self._bounded_label(),
                    field=field._description_string(self.env),
                    most=MAX_NUMBER,
                )
            )

    def _check_company(self, fnames=None):
        # First, so that the name of nothing in the other company is shown.
        if fnames is None or "company_id" in fnames:
            self._check_own_company()
        return super()._check_company(fnames)

    def _check_own_company(self):
        """Raise if a user gave one of our records to a company in which they do not work.

        Record rules ask before a change only, in which company the record was.
        """
        field = self._fields.get("company_id")
        if self.env.su or not field or not (field._module or "").startswith(OURS):
            return
        # The writer may have lost access to the record by the change.
        others = self.sudo().company_id - self.env.user.company_ids
        if others:
            raise AccessError(
                self.env._(
                    "You do not work for %(company)s: choose one of your own companies.",
                    company=others[0].name,
                )
            )

    def _bounded_label(self):
        # The name of a model may be known to all.
        return self.display_name or self.env["ir.model"].sudo()._get(self._name).name

    @api.model
    def _merged_into(self, sources, destination):
        """Prepare for a merge of contacts, whose rows Odoo moves by SQL after this.

        A model of which a customer may have one row only, or whose rows take precedence over each
        other, overrides it, in sudo and without access checks.

        The customer of the contact that stays may still change, so its rows go to that contact.

        :param sources: contacts that will be deleted
        :param destination: the contact that stays
        """

    @api.model
    def _after_merge(self, destination):
        """Follow a merge whose contact that stays has got its values, and with them its customer.

        A model whose rows are about customers overrides it, as :meth:`_merged_into`.
        """

    # The last by name, in whose order Odoo asks: models say it better where they know more.
    @api.ondelete(at_uninstall=False)
    def _unlink_without_breaking_links(self):
        """Name what must stay, instead of the constraint that PostgreSQL would name."""
        self._check_kept()

    def _check_kept(self):
        """Raise a sentence if one of our rows keeps one of these records."""
        fields = self._restricting_fields()
        if not fields or not self.ids:
            return
        found = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL("(%s LIMIT 1)", self._kept_query(model, name)) for model, name in fields
            )
        )
        if found:
            id_, model = found[0]
            raise UserError(self.browse(id_)._kept_text(model))

    def _kept_query(self, model, name):
        """Return the query of which of these records a field keeps, and the name of its model."""
        return SQL(
            "SELECT %s, %s FROM %s WHERE %s = ANY(%s) AND NOT (%s AND id = ANY(%s))",
            SQL.identifier(name),
            model,
            SQL.identifier(self.env[model]._table),
            SQL.identifier(name),
            self.ids,
            # What is deleted together keeps nothing.
            model == self._name,
            self.ids,
            to_flush=self.env[model]._fields[name],
        )

    def _kept_text(self, model):
        # The name of a model may be known to all.
        label = self.env["ir.model"].sudo()._get(model).name
        values = {"record": self.display_name, "model": label}
        if "active" in self._fields:
            return self.env._(
                "“%(record)s” cannot be deleted: %(model)s refers to it and must stay."
                " Archive it instead.",
                **values,
            )
        return self.env._(
            "“%(record)s” cannot be deleted: %(model)s refers to it. Change or delete that first.",
            **values,
        )

    @api.model
    @tools.ormcache()
    def _restricting_fields(self):
        """Return our fields that keep records of this model: ``((model, field), ...)``."""
        return tuple(
            (model._name, field.name)
            for model in self.env.registry.values()
            if model._auto and not model._abstract
            for field in model._fields.values()
            if field.type == "many2one"
            and field.store
            and field.comodel_name == self._name
            and field.ondelete == "restrict"
            and (field._module or "").startswith(OURS)
        )


def _is_bounded_number(field):
    is_named = field.name in _NUMBERS or field.name.endswith(_NUMBER_ENDS)
    return field.type == "integer" and is_named
