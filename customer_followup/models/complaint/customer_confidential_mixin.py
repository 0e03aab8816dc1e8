from contextlib import suppress

from odoo import models
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain

# What some must not know of, with all that is said and done about it.
CONFIDENTIAL = ("customer.complaint", "customer.action")


class CustomerConfidentialMixin(models.AbstractModel):
    """A record about another one, hidden from whoever must not know of that.

    Odoo shows messages and activities to whoever wrote them, is named in them or is to do them,
    whether or not he may see what they are about.
    """

    _name = "customer.confidential.mixin"
    _description = "About Something Confidential"

    # The fields that say what it is about.
    _about = ("res_model", "res_id")

    def _hidden_domain(self):
        """Return which records the current user must not know of."""
        model, record = self._about
        return Domain.OR(
            Domain(model, "=", name) & Domain(record, "in", self.env[name]._hidden_query())
            for name in CONFIDENTIAL
        )

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not self.env.su and not bypass_access:
            domain = Domain(domain) & ~self._hidden_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _about_confidential(self):
        """Return those of these records that may be hidden, as far as their model tells."""
        return self.filtered(lambda record: record[self._about[0]] in CONFIDENTIAL)

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return refused
        # Which of them are hidden; nothing else is read of them.
        rows = self.sudo().with_context(active_test=False)
        # Odoo checks messages of every app all the time: a query is for these few only. Of what is
        # gone it finds nothing.
        with suppress(MissingError):
            rows = rows._about_confidential()
        if not rows:
            return refused
        hidden = self.browse(rows._search(Domain("id", "in", rows.ids) & self._hidden_domain()))
        if not hidden:
            return refused
        if refused:
            return refused[0] | hidden, refused[1]
        return hidden, lambda: AccessError(self.env._("This is not open to you."))
