from odoo import api, models
from odoo.exceptions import UserError


class CustomerFactsMixin(models.AbstractModel):
    """A record that says what happened: some of its fields nobody writes by hand."""

    _name = "customer.facts.mixin"
    _description = "Recorded by the System"

    # Names of fields that scheduled actions and verbs record, and nobody writes by hand; whoever
    # re-opens a model names his own.
    _facts_names = frozenset()

    @api.model
    def _check_facts(self, names, with_defaults=False):
        """Raise if somebody would write by hand what only verbs and scheduled actions record.

        :param with_defaults: whether defaults from the context count as well
        """
        if self.env.su:
            return
        facts = {name for base in type(self).mro() for name in vars(base).get("_facts_names", ())}
        given = facts & set(names)
        if with_defaults:
            given |= {one for one in facts if f"default_{one}" in self.env.context}
        if given:
            raise UserError(
                self.env._(
                    "%(model)s: “%(field)s” is recorded by the system, not set by hand.",
                    model=self._description,
                    field=self._fields[min(given)]._description_string(self.env),
                )
            )
