from odoo import api, models, tools
from odoo.exceptions import UserError


class CustomerProtectedMixin(models.AbstractModel):
    """A record with protected fields, which only scheduled actions and verbs write."""

    _name = "customer.protected.mixin"
    _description = "Recorded by the System"

    # Names of the protected fields; a chapter that re-opens a model names those it adds.
    _protected_fields = frozenset()

    @api.model
    @tools.ormcache()
    def _protected_names(self):
        """Return the names of the protected fields, and of those computed from other fields.

        Odoo keeps what is written into a stored computed field: only screens refuse it.
        """
        named = {
            name for base in type(self).mro() for name in vars(base).get("_protected_fields", ())
        }
        return frozenset(named) | {
            field.name
            for field in self._fields.values()
            if field.store and field.compute and field.readonly and not field.inverse
        }

    @api.model
    def _check_protected(self, names, with_defaults=False):
        """Raise if the current user would write a protected field by hand.

        :param with_defaults: whether defaults from the context count as well
        """
        if self.env.su:
            return
        protected = self._protected_names()
        given = protected & set(names)
        if with_defaults:
            # Screens propose a company for any record.
            proposed = protected - {"company_id"}
            given |= {one for one in proposed if f"default_{one}" in self.env.context}
        if given:
            raise UserError(
                self.env._(
                    "%(model)s: “%(field)s” is recorded by the system, not set by hand.",
                    model=self._description,
                    field=self._fields[min(given)]._description_string(self.env),
                )
            )

    def _record(self, vals):
        """Write protected fields: the calling verb has checked that the user may do so."""
        self.sudo().write(vals)
