import psycopg2

from odoo import api, models
from odoo.tools import SQL, mute_logger

PARTNER = "res.partner"
# Odoo moves what these hold about a contact. Of the log, no row is ever changed.
_MOVED_BY_ODOO = frozenset(
    {"ir.attachment", "ir.model.data", "mail.activity", "mail.followers", "mail.message"}
)
_NEVER_CHANGED = frozenset({"customer.access.log"})


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A merge of contacts, in which all that refers to them follows."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Ask each model to prepare, before Odoo moves what refers to the contacts by a link."""
        # The user who merges contacts may not read these rows; they must follow all the same.
        sources, destination = src_partners.sudo(), dst_partner.sudo()
        for model in self._models_to_ask():
            model._merged_into(sources, destination)
        self.env["customer.merge"]._note(sources, destination)
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _models_to_ask(self):
        for name, model in self.env.registry.items():
            if not model._abstract:
                yield self.env[name].sudo()

    @api.model
    def _update_reference_fields(self, src_partners, dst_partner):
        """Move what refers to the contacts by the name of a model and an id."""
        result = super()._update_reference_fields(src_partners, dst_partner)
        self.env.flush_all()
        for model, model_field, id_field in self._polymorphic_links():
            self._move_links(model, model_field, id_field, src_partners, dst_partner)
        self.env.invalidate_all(flush=False)
        return result

    @api.model
    def _polymorphic_links(self):
        """Return the fields that refer to records of several models: (model, its name, its id)."""
        skipped = _MOVED_BY_ODOO | _NEVER_CHANGED
        for name, model in self.env.registry.items():
            if model._abstract or model._transient or not model._auto or name in skipped:
                continue
            for field in model._fields.values():
                if field.type == "many2one_reference" and field.store:
                    model_field = model._fields[field.model_field]
                    if model_field.store and model_field.type in ("char", "selection"):
                        yield name, field.model_field, field.name

    @api.model
    def _move_links(self, model, model_field, id_field, sources, destination):
        # By SQL, as Odoo does: these fields are facts that no user writes.
        query = SQL(
            "UPDATE %s SET %s = %s WHERE %s = %s AND %s = ANY(%s) RETURNING 1",
            SQL.identifier(self.env[model]._table),
            SQL.identifier(id_field),
            destination.id,
            SQL.identifier(model_field),
            PARTNER,
            SQL.identifier(id_field),
            sources.ids,
        )
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env.execute_query(query)
        except psycopg2.IntegrityError:
            # Another add-on keeps one row for each contact: that of the contact that stays.
            return

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Keep the stricter of what the contacts say, and the customer of each row.

        Only now is it known whose customer the contact that stays is.
        """
        people = dst_partner.sudo()
        vals = people._prepare_merged_vals(src_partners.sudo())
        result = super()._update_values(src_partners, dst_partner)
        people.write(vals)
        people._customer_changed()
        for model in self._models_to_ask():
            model._after_merge(people)
        return result


def surplus(rows, key, first):
    """Return the rows that have the same key as an earlier one, in the order of ``first``."""
    kept, dropped = set(), rows.browse()
    for row in rows.sorted(first):
        if key(row) in kept:
            dropped |= row
        kept.add(key(row))
    return dropped
