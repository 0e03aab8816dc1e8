from odoo import api, models, tools
from odoo.exceptions import UserError, ValidationError


class CustomerProtectedMixin(models.AbstractModel):
    """A record with protected fields, which only scheduled actions and verbs write.

    A record that has ended is history: users write nothing to it but its lasting fields.
    """

    _name = "customer.protected.mixin"
    _description = "Recorded by the System"

    # Names of the protected fields; a chapter that re-opens a model names those it adds.
    _protected_fields = frozenset()
    # Names of the fields that users may still write to a record that has ended.
    _lasting_fields = frozenset()

    @api.model
    @tools.ormcache()
    def _lasting_names(self):
        """Return the names of the fields that users may write to a record that has ended."""
        named = {
            name for base in type(self).mro() for name in vars(base).get("_lasting_fields", ())
        }
        # Messages and activities about the past are no changes of it.
        return frozenset(named) | {
            name for name in self._fields if name.startswith(("activity_", "message_"))
        }

    def _filter_ended(self):
        """Return those of these records that have ended; a model that knows an end says which."""
        return self.browse()

    def _ended_text(self):
        """Return why this record, which has ended, cannot be changed."""
        return self.env._(
            "%(record)s has ended and cannot be changed.",
            record=self.display_name,
        )

    def _check_ended(self, names):
        """Raise if the current user would write these fields to a record that has ended."""
        if self.env.su or self._lasting_names().issuperset(names):
            return
        # First, so that the message reveals nothing to users who may not change the record.
        self.check_access("write")
        # Whether a record has ended does not depend on what the user may see.
        ended = self.browse(self.sudo()._filter_ended().ids)
        if ended:
            raise ValidationError(ended[0]._ended_text())

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
            # Screens propose a company for any record, and a customer, who is that of the person.
            proposed = protected - {"commercial_partner_id", "company_id"}
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
