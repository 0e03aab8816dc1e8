from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import escape_psql
from odoo.tools.mail import email_normalize

from ...tools import identity, masking
from .customer_contact_block import WISH

PHONE, EMAIL = "phone", "email"
# A local number is that of a person by these, beside the number and its country.
IDENTIFIED_BY = frozenset({"phone", "email", "country_id", "city", "name"})


class Value(NamedTuple):
    """One number or address of a person.

    :param plain: as Odoo's blacklists know it
    :param kept: the forms kept if it is blocked, the main one first
    :param asked: the forms of which none may be blocked
    """

    plain: str
    kept: tuple
    asked: tuple

    @property
    def hint(self):
        """Return what users see of it."""
        return masking.email(self.plain) if "@" in self.plain else masking.phone(self.plain)


class ResPartner(models.Model):
    """The numbers and addresses by which a contact is reached, blocked and recognised."""

    _inherit = "res.partner"

    # Odoo keeps the first address of a field, and none of one with unusual characters.
    customer_addresses = fields.Char(
        compute="_compute_customer_addresses",
        store=True,
        groups=fields.NO_ACCESS,
        help="All addresses in normal form, between spaces, where Odoo's own does not say them.",
    )

    # Who wrote: the few contacts with several addresses, or with unusual characters in one.
    _customer_addresses_idx = models.Index("(id) WHERE customer_addresses IS NOT NULL")

    @api.depends("email")
    def _compute_customer_addresses(self):
        for person in self:
            found = identity.emails(person.email)
            is_plain = found in ((), (email_normalize(person.email or ""),))
            person.customer_addresses = False if is_plain else f" {' '.join(found)} "

    @api.model
    def _address_domain(self, address):
        """Return the domain of contacts that have one of the addresses in a text."""
        return Domain.OR(
            Domain("email_normalized", "=", one)
            | Domain("customer_addresses", "like", f" {escape_psql(one)} ")
            for one in identity.emails(address)
        )

    def _has_address(self, address):
        """Say whether one of these people has one of the addresses in a text."""
        wanted = set(identity.emails(address))
        # Whether they are the same may be known to all; the addresses are not shown.
        return any(wanted & set(identity.emails(person.email)) for person in self.sudo())

    def _reach(self):
        """Return the numbers and addresses of a person: ``{"phone": values, "email": values}``."""
        self.ensure_one()
        return {PHONE: self._numbers(), EMAIL: self._emails()}

    def _emails(self):
        return [Value(one, (one,), (one,)) for one in identity.emails(self.email)]

    def _numbers(self):
        found = identity.numbers(self.phone)
        if not found:
            return []
        sanitized = len(found) == 1 and self.phone_sanitized
        if sanitized and found[0].startswith("+"):
            return [Value(sanitized, *identity.known_number(sanitized))]
        own = self.country_id
        country = own or (self.company_id or self.env.company).country_id
        values = []
        for digits in found:
            is_known = digits.startswith("+")
            international = (
                sanitized or self._phone_format_number(digits, country) or (is_known and digits)
            )
            number = (
                identity.known_number(international, is_guessed=not (own or is_known))
                if international
                else identity.unknown_number(digits, self._local_owner())
            )
            values.append(Value(international or digits, *number))
        return values

    def _local_owner(self):
        """Return what tells this person from another one with the same local number."""
        return " ".join(f"{self.name or ''} {self.city or ''}".casefold().split())

    def _block_contact(self, reason, needs=(PHONE, EMAIL), kind=WISH, date=None):
        """Never use the numbers and addresses of these people again.

        :param needs: numbers, addresses or both
        :param kind: whether the customer wishes it or the value is wrong
        :param date: since when, naive UTC; now
        """
        blocks = self.env["customer.contact.block"]
        # Users who record the wish need not be allowed to read the values.
        for person in self.sudo():
            reach = person._reach()
            values = [value for name in needs for value in reach[name]]
            blocks |= blocks._block(values, reason, kind, kind == WISH and person.id, date)
        return blocks

    def _identity_changed(self):
        """Follow a change of what identifies these people; later chapters do it in one go."""
        self._block_changed()

    def _block_changed(self):
        """Block what has become of the numbers and addresses of people who wished that."""
        if not self:
            return
        rows = self.env["customer.contact.block"].sudo()
        for person_id, blocks in (
            rows.search(rows._of_people(self.ids)).grouped("partner_res_id").items()
        ):
            latest = blocks.sorted("date")[-1:]
            self.browse(person_id)._block_contact(latest.reason, date=latest.date)

    def _prepare_merged_vals(self, sources):
        """Return what holds of this person if other records of it are merged into it."""
        everyone = self | sources
        minors = everyone.filtered("customer_is_minor")
        return {
            "customer_is_minor": bool(minors),
            "customer_guardian_agreed": bool(minors)
            and all(one.customer_guardian_agreed for one in minors),
            "customer_tz": next((one.customer_tz for one in everyone if one.customer_tz), False),
            "customer_channel_id": everyone.customer_channel_id[:1].id,
        }

    def _customer_changed(self):
        """Find the customer of these people and those below them anew, after changes by SQL."""
        people = self.with_context(active_test=False).search([("id", "child_of", self.ids)])
        self.env.add_to_compute(self._fields["commercial_partner_id"], people)
        people.modified(["commercial_partner_id"])
