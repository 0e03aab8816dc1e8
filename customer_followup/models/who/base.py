from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools import masking

# Fields that hold a name, and an address only where there is none.
_NAMES = {"common_name"}


class Base(models.AbstractModel):
    """Any record, of which some users see contact details of customers in short form only."""

    _inherit = "base"

    # Names of fields with contact details of customers that are not computed from a contact.
    _customer_details = frozenset()

    @api.model
    def _sees_details(self):
        """Say whether the current user sees all contact details in full."""
        return self.env.su or not self.env["res.users"]._is_customer_data_masked()

    @api.model
    def _hidden_details(self):
        """Return the names of the fields that the current user sees in short form only."""
        if self._sees_details():
            return frozenset()
        return self.env["res.partner"]._detail_fields().get(self._name, frozenset())

    def _check_detail(self, name):
        """Raise if a field of contact details is asked for by a user who must not see them."""
        self._check_detail_path([name])

    def _check_detail_path(self, path):
        """Check each field of a path such as ``["order_id", "phone"]`` from this model on."""
        if not self._sees_details():
            self._check_masked_path(path, self.env["res.partner"]._detail_fields())

    def _check_masked_path(self, path, details):
        """Check a path for a user to whom these fields are shown in short form only.

        :param details: the names of the fields, by model
        :return: the model that a path to records ends at, else ``None``
        """
        model = self
        for name in path:
            field = model._fields.get(name)
            if not field:
                return None
            if name in details.get(model._name, ()):
                model._refuse_detail(field)
            if not field.relational:
                return None
            model = self.env[field.comodel_name]
        return model

    def _refuse_detail(self, field):
        raise AccessError(
            self.env._(
                "You see the contact details of customers in short form only, so you cannot"
                " search, sort, group or export by “%(field)s” of %(model)s.",
                field=field._description_string(self.env),
                model=self._description,
            )
        )

    def _check_masked_domain(self, domain, details):
        for condition in domain.iter_conditions():
            comodel = self._check_masked_path(condition.field_expr.split("."), details)
            value = condition.value
            if (
                comodel is not None
                and "any" in condition.operator
                and isinstance(value, Domain | list | tuple)
            ):
                comodel._check_masked_domain(Domain(value), details)

    # What a search, an order or a group discloses is refused as a whole: no short form helps.

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self._sees_details() and not kwargs.get("bypass_access"):
            domain = Domain(domain)
            self._check_masked_domain(domain, self.env["res.partner"]._detail_fields())
        return super()._search(domain, *args, **kwargs)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        self._check_detail(field_name)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _read_group_groupby(self, alias, groupby_spec, query):
        self._check_detail_path(groupby_spec.partition(":")[0].split("."))
        return super()._read_group_groupby(alias, groupby_spec, query)

    def _read_group_select(self, aggregate_spec, query):
        self._check_detail(aggregate_spec.partition(":")[0])
        return super()._read_group_select(aggregate_spec, query)

    def export_data(self, fields_to_export):
        for path in fields_to_export:
            self._check_detail_path(path.split("/"))
        return super().export_data(fields_to_export)

    # What is read arrives in short form, and is not written back.

    def _read_format(self, fnames, load="_classic_read"):
        rows = super()._read_format(fnames, load)
        hidden = self._hidden_details().intersection(fnames)
        if hidden:
            records = {record.id: record for record in self}
            for row in rows:
                for name in hidden:
                    if not records[row["id"]]._is_detail_of_colleague(name):
                        row[name] = self._short_detail(name, row[name])
        return rows

    def _is_detail_of_colleague(self, name):
        """Say whether a field leads to a contact that is a user of ours."""
        field = self._fields[name]
        if not field.related:
            return False
        # Only whether it is a colleague leaves here.
        people = self.sudo().mapped(field.related.rpartition(".")[0])
        return people._name == "res.partner" and not any(people.mapped("partner_share"))

    @api.model
    def _short_detail(self, name, value):
        if isinstance(value, list | tuple):
            return []
        shorten = masking.text if name in _NAMES else masking.detail
        return shorten(value) or False

    def web_save(self, vals, specification, next_id=None):
        self._check_no_typed_detail(vals)
        return super().web_save(self._without_details(vals), specification, next_id)

    def web_save_multi(self, vals_list, specification):
        for record, vals in zip(self, vals_list, strict=False):
            record._check_no_typed_detail(vals)
        kept = [self._without_details(vals) for vals in vals_list]
        return super().web_save_multi(kept, specification)

    def _check_no_typed_detail(self, vals):
        """Raise if a user would change what they see in short form only: it would be dropped."""
        if self and not self.env.su:
            # First, so that the answer tells no value of a record that the user may not change.
            self.check_access("write")
        for name in self._hidden_details().intersection(vals):
            if self._is_typed_detail(name, vals):
                raise UserError(
                    self.env._(
                        "You see the contact details of customers in short form only, so you"
                        " cannot change “%(field)s” of %(model)s. Ask a user who sees them.",
                        field=self._fields[name]._description_string(self.env),
                        model=self._description,
                    )
                )

    def _is_typed_detail(self, name, vals):
        """Say whether a user entered a detail; what a form shows of a customer is short."""
        value = vals[name] or False
        if not isinstance(value, str | bool):
            return False
        if value and not masking.is_short(value):
            return True
        # Another record in the form, such as a customer, brings its own details.
        if len(self) != 1 or any(self._fields[one].relational for one in vals):
            return False
        # Only whether it is what the user was shown leaves here.
        return value != self._short_detail(name, self.sudo()[name])

    @api.model
    def _without_details(self, vals):
        hidden = self._hidden_details()
        return {name: value for name, value in vals.items() if name not in hidden}

    def copy_data(self, default=None):
        return [self._without_details(vals) for vals in super().copy_data(default)]

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        found = super().fields_get(allfields, attributes)
        for name in self._hidden_details().intersection(found):
            off = {"searchable", "sortable", "groupable", "exportable"} & set(found[name])
            found[name].update(dict.fromkeys(off, False))
            if "readonly" in found[name]:
                found[name]["readonly"] = True
        return found
