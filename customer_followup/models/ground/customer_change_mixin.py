from odoo import api, models, tools


class CustomerChangeMixin(models.AbstractModel):
    """A record whose creation and changes have consequences, all listed in one place.

    A model overrides ``create`` and ``write`` once, in the file that defines it::

        def write(self, vals):
            self._check_write(vals)
            before = self._snapshot(vals)
            result = super().write(vals)
            self._follow(before)
            return result

    ``_follow`` calls one verb a line, in the order they must run. A later chapter overrides
    ``_check_write`` and ``_follow`` with ``super()``, never ``create`` or ``write``.
    """

    _name = "customer.change.mixin"
    _description = "With Consequences of Changes"

    # Names of the fields whose changes have consequences; each chapter names its own.
    _followed_fields = frozenset()

    @api.model
    @tools.ormcache()
    def _followed_names(self):
        """Return the names of the fields whose changes have consequences, of all chapters."""
        return frozenset(
            name for base in type(self).mro() for name in vars(base).get("_followed_fields", ())
        )

    def _check_create(self, vals):
        """Raise if the current user may not create a record with these values."""

    def _check_write(self, vals):
        """Raise if the current user may not write these values to these records."""
        # First, so that no other error tells what the user may not know.
        self.check_access("write")

    def _snapshot(self, vals):
        """Return what the written fields with consequences hold: ``{record: {name: value}}``."""
        names = self._followed_names() & vals.keys()
        # Consequences do not depend on what the current user may see.
        return {one: {name: one[name] for name in names} for one in self.sudo()}

    def _changed(self, before, *names):
        """Return the records of which one of these fields is not what it was, or that are new.

        :param before: what :meth:`_snapshot` returned, or ``None`` after a creation
        """
        if before is None:
            return self
        # As for the snapshot; the user may have lost access to the record by the change.
        changed = self.sudo().filtered(
            lambda one: any(
                name in before[one] and before[one][name] != one[name] for name in names
            )
        )
        return self.browse(changed.ids)

    def _changed_links_text(self, before, *names):
        """Return which of some links of this record have changed, as a line of the chatter.

        :param before: what the written fields held, ``{name: value}``
        """
        return ", ".join(
            self.env._(
                "%(field)s: %(now)s, previously %(was)s",
                field=self._fields[name]._description_string(self.env),
                now=self[name].name or self.env._("none"),
                was=before[name].name or self.env._("none"),
            )
            for name in names
            if before.get(name, self[name]) != self[name]
        )

    def _follow(self, before=None):
        """Do what follows from a creation, or from changes since ``before``, in this order."""
