from contextlib import suppress

from odoo import SUPERUSER_ID, api, models, tools
from odoo.exceptions import MissingError, ValidationError
from odoo.fields import Domain
from odoo.tools import OrderedSet

# Models whose records are hidden from excluded users with all that is written about them.
CONFIDENTIAL = (
    "customer.complaint",
    "customer.action",
    "customer.followup",
    "customer.followup.enrollment",
)


class CustomerConfidentialMixin(models.AbstractModel):
    """A record that is hidden from the users excluded from the complaint it belongs to.

    **What it hides.** The users a complaint is about, and their leaders, must not learn that it
    exists. Record rules hide the complaint and its parts. This mixin hides what Odoo shows in other
    ways: messages, activities and followers about it (shown to their author or assignee), its name
    in links, its lines in lists searched by ids, and work assigned to an excluded user.

    **How to adopt it.** Inherit it and set what applies:

    - ``_document_fields``: the names of the fields with the model and the id it is about; or
      override :meth:`_hidden_domain`.
    - ``_hidden_with``: the names of its links to records with which it is hidden.
    - ``_is_hidden_by_rule``: a record rule hides it already.
    - ``_is_name_confidential``: its name is hidden where it is linked.
    - ``_is_confidential_work``: ``user_id`` works on the document that ``res_model`` and
      ``res_id`` name; no excluded user may.
    - :meth:`_complaints`: the complaints it is about, if they exclude users from working on it.
    - ``_customer_confidential`` (on any model): the path to the excluded users. Rules and plans
      ignore such records, and searches by lists of them consider only what the user may see.

    **How it works.** :meth:`_search` adds the negated :meth:`_hidden_domain`; reading by id asks
    :meth:`_hidden_query` only for records that may be hidden (:meth:`_maybe_hidden`); names of
    hidden records are empty; create and write refuse excluded users, and documents that the
    current user cannot read, as another error would reveal them. Searches of
    our own models by users excluded from no complaint (``res.users.has_hidden_complaints``), who
    are nearly all, have no condition more.
    """

    _name = "customer.confidential.mixin"
    _description = "Hidden from Excluded Users"

    _document_fields = None
    _hidden_with = ()
    _is_hidden_by_rule = False
    _is_name_confidential = False
    _is_confidential_work = False

    @api.model
    def _hidden_domain(self):
        """Return the domain of the records hidden from the current user."""
        linked = Domain.OR(
            Domain(name, "any!", self.env[self._fields[name].comodel_name]._hidden_domain())
            for name in self._hidden_with
        )
        if not self._document_fields:
            return linked
        model, record = self._document_fields
        return linked | Domain.OR(
            Domain(model, "=", name) & Domain(record, "in", self.env[name]._hidden_query())
            for name in CONFIDENTIAL
        )

    @api.model
    def _hidden_query(self):
        """Return the query of the records hidden from the current user."""
        # Only a query; no data are read.
        rows = self.sudo().with_context(active_test=False)
        return rows._search(self._hidden_domain())

    @api.model
    def _may_hide(self):
        """Say whether there may be records hidden from the current user."""
        # Odoo searches its own models also where it does not read the user, which costs a query.
        is_ours = self._original_module == "customer_followup"
        return not is_ours or self.env.user.has_hidden_complaints

    def _maybe_hidden(self):
        """Return the records that may be hidden, judging by their own fields."""
        if not self._document_fields:
            return self
        return self.filtered(lambda record: record[self._document_fields[0]] in CONFIDENTIAL)

    def _complaints(self):
        """Return the complaints these records are about, in sudo."""
        return self.env["customer.complaint"].sudo()

    def _excluded_users(self):
        """Return the users excluded from the complaints of these records."""
        return self._complaints()._excluded_users()

    def _refusal(self):
        """Return the error message for the assignment of this record to an excluded user."""
        return self._complaints()._refusal()

    @api.model
    @tools.ormcache()
    def _confidential_lists(self):
        """Return the names of the fields that are lists of confidential records."""
        return frozenset(
            field.name
            for field in self._fields.values()
            if field.type in ("one2many", "many2many")
            and self.env[field.comodel_name]._customer_confidential
        )

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not self.env.su and not bypass_access:
            if self._confidential_lists():
                # For ids and emptiness of a list, Odoo searches the table without record rules.
                domain = Domain(domain).optimize_full(self).map_conditions(self._visible_only)
            if not self._is_hidden_by_rule and self._may_hide():
                domain = Domain(domain) & ~self._hidden_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _visible_only(self, condition):
        """Return a condition that considers only those list items the current user may see."""
        name, ids = condition.field_expr, condition.value
        if (
            condition.operator not in ("in", "not in")
            or not isinstance(ids, OrderedSet)
            or name not in self._confidential_lists()
        ):
            return condition
        rows = self.env[self._fields[name].comodel_name].with_context(active_test=False)
        # As subqueries, which apply the record rules of the list items.
        found = Domain(name, "any", rows._search(Domain("id", "in", [one for one in ids if one])))
        if False in ids:
            found |= Domain(name, "not any", rows._search(Domain.TRUE))
        return found if condition.operator == "in" else ~found

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if self.env.su or self._is_hidden_by_rule or not any(self._ids):
            return refused
        # Only reads which of them are hidden.
        rows = self.sudo().with_context(active_test=False)
        # Odoo checks messages of all apps very often, so only records that may be hidden are
        # queried. Deleted records are not found.
        with suppress(MissingError):
            rows = rows._maybe_hidden()
        if not rows or not self.env.user.has_hidden_complaints:
            return refused
        hidden = self.browse(rows._search(Domain("id", "in", rows.ids) & self._hidden_domain()))
        if not hidden:
            return refused
        if refused:
            return refused[0] | hidden, refused[1]
        return hidden, self._unknown_error

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        if (
            self._is_name_confidential
            and self.env.uid != SUPERUSER_ID
            and self.env.user.has_hidden_complaints
            and any(self._ids)
        ):
            # Only of these records, and only whether they are hidden.
            rows = self.sudo().with_context(active_test=False)
            hidden = set(rows._search(Domain("id", "in", self.ids) & self._hidden_domain()))
            for record in self:
                if record.id in hidden:
                    record.display_name = False
        return result

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_confidential_work:
            return super().create(vals_list)
        self._check_document_readable(vals_list)
        works = super().create(vals_list)
        works._check_not_excluded()
        return works

    def write(self, vals):
        if not self._is_confidential_work:
            return super().write(vals)
        is_moved = bool({"res_model", "res_model_id", "res_id"} & vals.keys())
        if is_moved:
            self._check_document_readable(
                [{"res_model": one.res_model, "res_id": one.res_id, **vals} for one in self]
            )
        result = super().write(vals)
        if is_moved or "user_id" in vals:
            self._check_not_excluded()
        return result

    def _check_not_excluded(self):
        """Raise if work is assigned to an excluded user."""
        # Excluded users are not shown to the user; only an error is raised.
        for work in self.sudo().filtered(lambda one: one.res_model in CONFIDENTIAL):
            document = work.env[work.res_model].browse(work.res_id).exists()
            if document and work.user_id in document._excluded_users():
                raise ValidationError(document._refusal())

    def _check_document_readable(self, vals_list):
        """Raise unless the current user can read the document of the work."""
        if self.env.su:
            return
        defaults = self.default_get(["res_model", "res_id"])
        about = [self._document_of({**defaults, **vals}) for vals in vals_list]
        for name in CONFIDENTIAL:
            ids = {record_id for model, record_id in about if model == name and record_id}
            if ids:
                # Without ids, the access check would concern the model itself.
                self.env[name].browse(ids).check_access("read")

    @api.model
    def _document_of(self, vals):
        """Return model and id of the document in the values of a record."""
        return vals.get("res_model"), vals.get("res_id")
