from odoo import api, models, tools
from odoo.exceptions import UserError


class CustomerProtectedMixin(models.AbstractModel):
    """A record that says what happened: some of its fields nobody writes by hand."""

    _name = "customer.protected.mixin"
    _description = "Recorded by the System"

    # Names of fields that scheduled actions and verbs record, and nobody writes by hand; whoever
    # re-opens a model names his own.
    _protected_fields = frozenset()

    @api.model
    @tools.ormcache()
    def _protected_names(self):
        """Return the names of the fields that record facts, or that follow from other fields.

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
        """Raise if somebody would write by hand what only verbs and scheduled actions record.

        :param with_defaults: whether defaults from the context count as well
        """
        if self.env.su:
            return
        facts = self._protected_names()
        given = facts & set(names)
        if with_defaults:
            # A company is proposed for whatever is opened from a screen.
            proposed = facts - {"company_id"}
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
        """Write what nobody may write by hand: the verb that calls this has checked who may."""
        self.sudo().write(vals)
