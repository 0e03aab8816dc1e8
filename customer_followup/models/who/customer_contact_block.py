import hmac
import secrets

from odoo import api, fields, models
from odoo.tools import SQL

KEY = "customer_followup.block_key"
WISH, WRONG = "wish", "wrong"


class CustomerContactBlock(models.Model):
    """A number or address that must not be used again, kept as a keyed hash."""

    _name = "customer.contact.block"
    _description = "Do Not Contact"
    _order = "id desc"
    _rec_name = "hint"

    # No link to the contact: the wish must survive its deletion and a new import.
    digest = fields.Char(required=True, readonly=True, copy=False, groups=fields.NO_ACCESS)
    hint = fields.Char(string="Number or address", required=True, readonly=True)
    reason = fields.Char(required=True)
    kind = fields.Selection(
        [(WISH, "The customer's wish"), (WRONG, "Wrong number or address")],
        string="Because of",
        required=True,
        readonly=True,
        default=WISH,
    )
    active = fields.Boolean(default=True)

    _digest_uniq = models.UniqueIndex("(digest)", "This number or address is blocked already.")

    @api.model
    def _digest(self, value):
        """Return the keyed hash (HMAC-SHA256) of a normalised number or address."""
        return _hash(self._key().encode(), value)

    @api.model
    def _key(self):
        """Return the key of the hashes, made when it is needed first."""
        # Not Odoo's own secret, which a copy of the database does not keep: the wishes must hold
        # there as well. No user reads the key; only hashes leave here.
        parameters = self.env["ir.config_parameter"].sudo()
        key = parameters.get_param(KEY)
        if not key:
            key = secrets.token_hex(32)
            parameters.set_param(KEY, key)
        return key

    @api.model
    def _block(self, values_by_hint, reason, kind=WISH):
        """Block the normal forms of a ``{hint: normal form}`` and return their rows.

        A wish stays a wish, also where the number turns out to be wrong.
        """
        blocks = self.browse()
        for hint, value in values_by_hint.items():
            digest = self._digest(value)
            # The list is shared by all companies and readable by none in clear.
            known = self.sudo().with_context(active_test=False).search([("digest", "=", digest)])
            if known and (kind == WISH or not known.active):
                known.write({"active": True, "kind": kind, "reason": reason})
            elif known:
                # Found wrong again: undoing the first block is refused from now on.
                known.write({"active": True})
            blocks |= known or self.sudo().create(
                {"digest": digest, "hint": hint, "reason": reason, "kind": kind}
            )
        return blocks

    @api.model
    def _blocked(self, values):
        """Return why normal forms are blocked, ``{normal form: kind}``, with one query."""
        key = self._key().encode()
        digests = {_hash(key, value): value for value in values if value}
        # A domain would send each digest as a value of its own.
        query = self.sudo()._search([])
        column = self.sudo()._field_to_sql(self._table, "digest", query)
        kind = self.sudo()._field_to_sql(self._table, "kind", query)
        query.add_where(SQL("%s = ANY(%s)", column, list(digests)))
        found = self.env.execute_query(query.select(column, kind))
        return {digests[digest]: kind for digest, kind in found}


def _hash(key, value):
    return hmac.digest(key, value.encode(), "sha256").hex()
