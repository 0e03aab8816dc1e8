from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..models.ground.system import serialize
from ..tools.folding import has_letters


class CustomerDialogMixin(models.AbstractModel):
    """A dialog about records that its user may read, whose button counts once.

    Odoo shows the names of linked records without asking whether the user may read them.
    """

    _name = "customer.dialog.mixin"
    _description = "Dialog"

    is_used = fields.Boolean(readonly=True)

    def _use(self):
        """Return whether the dialog is used for the first time, however quickly it is pressed."""
        self.ensure_one()
        # The same request may arrive twice at the same time.
        serialize(self)
        is_first = not self.is_used
        self.is_used = True
        return is_first

    @api.model
    @tools.ormcache()
    def _links(self):
        """Return the names of the links to records of ours that a user may enter."""
        return tuple(
            field.name
            for field in self._fields.values()
            if field.type in ("many2one", "many2many")
            and field.store
            and not field.related
            and self.env[field.comodel_name]._is_of_this_app
        )

    @api.constrains(lambda self: self._links())
    def _check_links(self):
        """Raise unless the user may read what the dialog is about."""
        # Odoo runs constraints in sudo.
        for name in self._links():
            linked = self.sudo()[name]._origin.sudo(False)
            if linked:
                linked.check_access("read")

    @api.model
    @tools.ormcache()
    def _required_texts(self):
        """Return the names of the texts that the dialog needs, which are kept as reasons."""
        return tuple(
            field.name
            for field in self._fields.values()
            if field.type in ("char", "text") and field.store and field.required
        )

    @api.constrains(lambda self: self._required_texts())
    def _check_texts(self):
        for dialog in self:
            for name in self._required_texts():
                if not has_letters(dialog[name]):
                    raise ValidationError(
                        self.env._(
                            "“%(field)s”: write it in words.",
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    def onchange(self, values, field_names, fields_spec):
        links = set(self._links())
        given = {name: value for name, value in values.items() if name in links}
        if not field_names:
            given = self.default_get([*links]) | given
        self.new(given)._check_links()
        return super().onchange(values, field_names, fields_spec)
