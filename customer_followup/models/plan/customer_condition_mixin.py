from ast import literal_eval
from collections.abc import Collection

from odoo import models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

# The fields of contacts that users with masked contact details may use in conditions.
_OPEN_ON_CONTACTS = {
    "active",
    "category_id",
    "child_ids",
    "commercial_partner_id",
    "company_id",
    "country_id",
    "create_date",
    "id",
    "industry_id",
    "is_company",
    "lang",
    "parent_id",
    "state_id",
    "user_id",
}
# Access to these depends on the record each is about: a condition on them, which runs with all
# rights, would disclose records its author may not open.
_ABOUT_OTHERS = {"ir.attachment", "mail.activity", "mail.message", "mail.scheduled.message"}


def _is_of_company(condition):
    """Say whether a condition only asks for the company of a record."""
    return condition.field_expr.split(".")[-1] in {"company_id", "company_ids"}


def _in_zone(domain, zone):
    """Return a domain whose relative and typed days are those of a zone, for all users."""

    def to_sql(model, alias, query):
        there = model.with_context(tz=zone)
        return domain.optimize_full(there)._to_sql(there, alias, query)

    return Domain.custom(to_sql=to_sql)


class CustomerConditionMixin(models.AbstractModel):
    """A record with a condition in its form that selects records of another model.

    The author of a condition may use only what the author may read, however far its fields lead:
    its matches would disclose the rest.
    """

    _name = "customer.condition.mixin"
    _description = "Condition on Records"

    def _condition(self, text, model, company=None):
        """Return the domain of the records a condition selects; raise if it is invalid.

        Without confidential records: all users see what is made of a match. Days in it, such as
        *today*, are those of the company of each record, for all users.

        :param company: whose days count, for records of any company
        """
        domain = self._in_company_zones(self._parse_domain(text, model), model, company)
        path = self._confidential(model)
        if not path:
            return domain
        # Who is excluded is confidential; only that someone is leaves here.
        rows = model.sudo().with_context(active_test=False)
        known = rows._search(~Domain(path, "!=", False)).subselect()
        return domain & Domain.custom(
            to_sql=lambda _model, alias, _query: SQL("%s IN %s", SQL.identifier(alias, "id"), known)
        )

    def _in_company_zones(self, domain, model, company):
        """Return a domain whose days are those of the company of each record."""
        if not self._depends_on_zone(model, domain):
            return domain
        usual = company or self._condition_company() or self.env.company
        if company or self._condition_company() or "company_id" not in model._fields:
            return _in_zone(domain, usual._customer_zone())
        # Where a company works is not confidential.
        companies = self.env["res.company"]._all_companies()
        by_zone = companies.grouped(lambda one: one._customer_zone())
        if len(by_zone) == 1:
            return _in_zone(domain, usual._customer_zone())
        return Domain.OR(
            Domain("company_id", "in", [*some.ids, *([False] if usual in some else [])])
            & _in_zone(domain, zone)
            for zone, some in by_zone.items()
        )

    def _condition_company(self):
        """Return the only company whose records the condition is about, if there is one."""
        return self.env["res.company"]

    def _depends_on_zone(self, model, domain):
        """Say whether a condition asks for days or moments, however far its fields lead."""
        for condition in domain.iter_conditions():
            comodel = model
            for name in condition.field_expr.split("."):
                field = comodel._fields[name]
                if field.type in ("date", "datetime"):
                    return True
                if not field.relational:
                    break
                comodel = self.env[field.comodel_name]
            if "any" in condition.operator and self._depends_on_zone(
                comodel, Domain(condition.value)
            ):
                return True
        return False

    def _confidential(self, model):
        """Return the path to the users who are excluded from records of a model, if any."""
        return model._customer_confidential

    def _parse_domain(self, text, model):
        """Return the domain that ``text`` holds for ``model``; raise if it is invalid."""
        try:
            domain = Domain(literal_eval(text or "[]"))
            domain.validate(model)
        except (
            ArithmeticError,
            KeyError,
            RecursionError,
            SyntaxError,
            TypeError,
            ValueError,
        ) as error:
            raise ValidationError(
                self.env._(
                    "%(record)s: the condition cannot be used: %(error)s",
                    record=self.display_name or "",
                    error=error,
                )
            ) from error
        return domain

    def _check_condition_fields(self, model, domain):
        """Raise if the condition uses a field its author may not read, however far it leads."""
        for condition in domain.iter_conditions():
            comodel = model
            for name in condition.field_expr.split("."):
                field = comodel._fields[name]
                self._check_condition_field(comodel, field)
                if not field.relational:
                    break
                comodel = self.env[field.comodel_name]
            self._check_condition_value(field, condition)
            if "any" in condition.operator:
                self._check_condition_fields(comodel, Domain(condition.value))

    def _check_condition_value(self, field, condition):
        """Raise if a text looks for records by their names, which may hold contact details."""
        values = condition.value if isinstance(condition.value, Collection) else [condition.value]
        is_text = isinstance(condition.value, str) or any(isinstance(one, str) for one in values)
        is_record = (field.relational or field.name == "id") and "any" not in condition.operator
        if is_text and is_record and self.env["res.users"]._is_customer_data_masked():
            raise AccessError(
                self.env._(
                    "%(record)s: you may not see contact details, so choose the records of"
                    " %(field)s instead of typing a text.",
                    record=self.display_name or "",
                    field=field._description_string(self.env),
                )
            )

    def _check_condition_field(self, model, field):
        self._check_condition_model(model)
        model._check_field_access(field, "read")
        if field.relational and self._confidential(self.env[field.comodel_name]):
            self._check_not_confidential(field)
        if not field._description_searchable:
            raise ValidationError(
                self.env._(
                    "%(record)s: %(field)s cannot be searched.",
                    record=self.display_name or "",
                    field=field._description_string(self.env),
                )
            )
        is_open = field.name in _OPEN_ON_CONTACTS or field.name.startswith("customer_")
        if field.name in model._hidden_details() or (
            model._name == "res.partner"
            and not is_open
            and self.env["res.users"]._is_customer_data_masked()
        ):
            raise AccessError(
                self.env._(
                    "%(record)s: you may not see contact details, so a condition of yours cannot"
                    " use %(field)s.",
                    record=self.display_name or "",
                    field=field._description_string(self.env),
                )
            )

    def _check_not_confidential(self, field):
        """Raise if a field leads to records that are confidential to some users."""
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "%(record)s: a condition cannot use %(field)s, which leads to"
                    " confidential records.",
                    record=self.display_name or "",
                    field=field._description_string(self.env),
                )
            )

    def _check_condition_model(self, model):
        """Raise unless the current user may see all records of a model."""
        model.check_access("read")
        if not self._sees_all(model):
            raise AccessError(
                self.env._(
                    "%(record)s: you see only some of %(model)s; ask someone who sees all of them"
                    " to write this.",
                    record=self.display_name or "",
                    model=model._description,
                )
            )
        if model._name in _ABOUT_OTHERS and not self.env.su:
            raise AccessError(
                self.env._(
                    "%(record)s: a condition cannot use %(model)s, which belong to"
                    " records with access rights of their own.",
                    record=self.display_name or "",
                    model=model._description,
                )
            )

    def _sees_all(self, model):
        """Say whether no record rule hides records of a model from the current user.

        Companies do not count: rules and plans have one of their own. Nor does the masking of
        contacts: masked users may use the fields of :data:`_OPEN_ON_CONTACTS` only. Nor do
        confidential records, which :meth:`_condition` leaves out.
        """
        if model._name == "res.company":
            return True
        # Record rules bind also users who may not read them.
        rules = self.env["ir.rule"]._get_rules(model._name).sudo()
        masking = self.env["ir.model.data"]._xmlid_to_res_id(
            "customer_followup.res_partner_rule_masked"
        )
        rules = rules.filtered(lambda rule: rule.id != masking)
        context = rules._eval_context()
        path = self._confidential(model)

        def is_aside(condition):
            return _is_of_company(condition) or condition.field_expr == path

        def seen(rule):
            return Domain(safe_eval(rule.domain_force or "[]", context)).map_conditions(
                lambda condition: Domain.TRUE if is_aside(condition) else condition
            )

        of_groups = rules.filtered("groups")
        everywhere = Domain.AND(seen(rule) for rule in rules - of_groups)
        if of_groups:
            everywhere &= Domain.OR(seen(rule) for rule in of_groups)
        return everywhere.optimize(model).is_true()

    def _check_condition(self, text, model_name):
        """Raise unless the current user may use a condition on a model."""
        if model_name not in self.env:
            raise ValidationError(
                self.env._(
                    "%(record)s: the app that brings %(model)s is not installed.",
                    record=self.display_name or "",
                    model=model_name or "",
                )
            )
        model = self.env[model_name]
        self._check_condition_model(model)
        self._check_condition_fields(model, self._parse_domain(text, model))

    def _check_path(self, model_name, path, types, comodel=None):
        """Raise unless a path of fields, all readable for the user, leads to what is needed.

        :param types: types of field it may end in
        :param comodel: the model it must lead to, if any
        """
        model = self.env[model_name]
        field = None
        for name in (path or "").split("."):
            field = model._fields.get(name) if model is not None else None
            if not field or not (field.store or field.related):
                break
            # Every field of the path: the records it ends in are read with all rights.
            self._check_condition_field(model, field)
            model = self.env.get(field.comodel_name) if field.relational else None
        if not field or field.type not in types or (comodel and field.comodel_name != comodel):
            raise ValidationError(
                self.env._(
                    "%(record)s: %(path)s does not lead from %(model)s to what is needed.",
                    record=self.display_name or "",
                    path=path or "?",
                    model=model_name,
                )
            )
