from odoo import models
from odoo.fields import Domain
from odoo.tools import OrderedSet


class CustomerConfidentialListMixin(models.AbstractModel):
    """A record with lists of confidential ones, found by those only who see what is in them.

    Odoo looks in the whole table when a list is asked for ids or for being empty.
    """

    _name = "customer.confidential.list.mixin"
    _description = "With a List of Something Confidential"

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not self.env.su and not bypass_access:
            domain = Domain(domain).optimize_full(self).map_conditions(self._seen_only)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _seen_only(self, condition):
        """Return a condition that asks no list for more than the current user sees of it."""
        name, ids = condition.field_expr, condition.value
        field = self._fields.get(name)
        if (
            condition.operator not in ("in", "not in")
            or not isinstance(ids, OrderedSet)
            or field is None
            or field.type not in ("one2many", "many2many")
            or not hasattr(self.env[field.comodel_name], "_customer_confidential")
        ):
            return condition
        rows = self.env[field.comodel_name].with_context(active_test=False)
        # As queries: the rules of what is in the list apply in them.
        found = Domain(name, "any", rows._search(Domain("id", "in", [one for one in ids if one])))
        if False in ids:
            found |= Domain(name, "not any", rows._search(Domain.TRUE))
        return found if condition.operator == "in" else ~found
