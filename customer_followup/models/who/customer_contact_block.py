import hashlib
import secrets

from odoo import api, fields, models
from odoo.fields import Domain
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
    date = fields.Datetime(
        string="Since", required=True, readonly=True, default=fields.Datetime.now
    )
    active = fields.Boolean(default=True)
    # Found again when less, or more, is known of the country of the number.
    main_id = fields.Many2one(
        "customer.contact.block",
        string="Other form of",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The line of the same number; both are lifted together.",
    )
    # A plain id, as in the access log: the person whose other numbers are blocked as well when
    # they change.
    partner_res_id = fields.Integer(readonly=True, copy=False, groups=fields.NO_ACCESS)

    _digest_uniq = models.UniqueIndex("(digest)", "This number or address is blocked already.")
    # What a person wished who has another number by now.
    _person_idx = models.Index("(partner_res_id) WHERE partner_res_id IS NOT NULL")

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            forms = self.with_context(active_test=False).search([("main_id", "in", self.ids)])
            if forms:
                forms.write({"active": vals["active"]})
        return result

    @api.model
    def _digest(self, value):
        """Return the keyed hash (BLAKE2b, RFC 7693) of a form of a number or address."""
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
    def _block(self, values, reason, kind=WISH, person_id=None, date=None):
        """Block numbers and addresses, and return the row of each.

        A wish stays a wish, also where the number turns out to be wrong.

        :param values: as :meth:`res.partner._reach` returns them
        :param person_id: whose they are
        :param date: since when, naive UTC; now
        """
        blocks = self.browse()
        vals = {"reason": reason, "kind": kind, "date": date or fields.Datetime.now()}
        for value in values:
            main = self.browse()
            for form in value.kept:
                row = self._block_form(form, {**vals, "hint": value.hint}, main, person_id)
                main = main or row
            blocks |= main
        return blocks

    @api.model
    def _block_form(self, form, vals, main, person_id):
        digest = self._digest(form)
        # The list is shared by all companies and readable by none in clear.
        rows = self.sudo().with_context(active_test=False)
        known = rows.search([("digest", "=", digest)])
        if known and (vals["kind"] == WISH or not known.active):
            changes = {"active": True, "partner_res_id": person_id or known.partner_res_id}
            known.write({**vals, **changes, "hint": known.hint})
        elif known:
            # Found wrong again: undoing the first block is refused from now on.
            known.write({"active": True})
        return known or rows.create(
            {**vals, "digest": digest, "main_id": main.id, "partner_res_id": person_id}
        )

    @api.model
    def _blocked(self, forms):
        """Return why forms are blocked, ``{form: kind}``, with one query."""
        return {form: kind for form, (kind, _since) in self._blocked_since(forms).items()}

    @api.model
    def _blocked_since(self, forms):
        """Return why forms are blocked, ``{form: (kind, since)}``, with one query."""
        key = self._key().encode()
        digests = {_hash(key, form): form for form in forms if form}
        # A domain would send each digest as a value of its own.
        query = self.sudo()._search([])
        column, kind, date = (
            self.sudo()._field_to_sql(self._table, name, query)
            for name in ("digest", "kind", "date")
        )
        query.add_where(SQL("%s = ANY(%s)", column, f"{{{','.join(digests)}}}"))
        found = self.env.execute_query(query.select(column, kind, date))
        return {digests[digest]: (why, since) for digest, why, since in found}

    @api.model
    def _of_people(self, ids):
        """Return the domain of the wishes of people with these ids."""
        return Domain("partner_res_id", "in", list(ids)) & Domain("kind", "=", WISH)

    @api.model
    def _merged_into(self, sources, destination):
        """Block the other numbers of a person who wished so in one of the records."""
        rows = self.with_context(active_test=False)
        rows = rows.search([("partner_res_id", "in", sources.ids)])
        rows.partner_res_id = destination.id
        if rows:
            destination._identity_changed()
        return super()._merged_into(sources, destination)


def _hash(key, value):
    return hashlib.blake2b(value.encode(), key=key, digest_size=16).hexdigest()
