from odoo import fields, models
from odoo.exceptions import UserError

from ...tools import identity

# How a contact ends whose number or address is wrong.
WRONG_CODES = ("wrong_number", "undelivered")
# What the action requests.
CORRECTION = "correction"


class CustomerFollowup(models.Model):
    """How a wrong number or address is corrected, also by agents who may not read it."""

    _inherit = "customer.followup"
    _protected_fields = frozenset({"is_undelivered"})

    is_undelivered = fields.Boolean(
        string="Message returned",
        readonly=True,
        copy=False,
        help="The message came back, and the number or address is not corrected yet.",
    )

    # The Desk: my messages that came back.
    _undelivered_idx = models.Index("(user_id, date_deadline) WHERE is_undelivered IS TRUE")

    def _request_correction(self):
        """Request to correct the customer's number or address."""
        # The agent may not read the number; only its hash is kept.
        contact = self.sudo()
        contact._request_action(
            self._correction_text(), CORRECTION, wrong_digest=contact._reach_digest()
        )

    def _reach_digest(self):
        """Return a hash of the number or address that the contact uses."""
        person, needed = self.partner_id, self.channel_id._needed()
        if needed:
            parts = [form for value in person._reach()[needed] for form in value.kept]
        else:
            parts = [person.street, person.street2, person.zip, person.city]
        return self.env["customer.contact.block"]._digest("\n".join(part or "" for part in parts))

    def _correction_text(self):
        """Return the name of the action to correct the customer's number or address."""
        needed = self.channel_id._needed()
        if needed == "phone":
            return self.env._("Correct the number of %s", self._customer_name())
        if needed == "email":
            return self.env._("Correct the address of %s", self._customer_name())
        return self.env._("Correct the street address of %s", self._customer_name())

    def action_correct(self):
        """Ask for the right number or address."""
        self.ensure_one()
        self.check_access("read")
        self._check_correct()
        return {
            "type": "ir.actions.act_window",
            "name": self._correction_text(),
            "res_model": "customer.correction",
            "view_mode": "form",
            "target": "new",
            "context": {"default_followup_id": self.id},
        }

    def _check_correct(self):
        self.check_access("write")
        if self.close_code not in WRONG_CODES:
            raise UserError(
                self.env._("%s: its number or address was not wrong.", self.display_name)
            )

    def _correct(self, vals):
        """Write the right number or address to the customer, and end the request for it.

        :param vals: ``phone``, ``email``, or ``street`` with ``zip`` and ``city``
        """
        self.ensure_one()
        self._check_correct()
        # The agent works with this customer, and sees nothing of the contact by writing to it.
        contact = self.sudo()
        person = contact.partner_id
        if not vals or not _is_usable(vals):
            raise UserError(self.env._("%s: enter a whole number or address.", self.display_name))
        if "email" in vals and person.with_context(active_test=False).user_ids:
            # Mail to the address of a login can take the login over.
            raise UserError(
                self.env._(
                    "%s: this customer has a login. An administrator corrects its address.",
                    self.display_name,
                )
            )
        person.write(vals)
        facts = person._contact_facts(contact.company_id)[person.id]
        if "wrong_number" in (
            facts.no_phone if "phone" in vals else None,
            facts.no_email if "email" in vals else None,
        ):
            raise UserError(
                self.env._(
                    "%s: this number or address turned out to be wrong before.", self.display_name
                )
            )
        person._message_log(body=self.env._("Corrected after “%s”", self.name))
        contact.env["customer.action"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("state", "=", "open"),
                ("code", "=", CORRECTION),
            ]
        ).action_done()
        # The contact is planned anew by the correction, which no undo takes back.
        contact.env["customer.followup.undo"].search([("followup_id", "=", self.id)]).unlink()


def _is_usable(vals):
    return (
        bool(identity.numbers(vals.get("phone")))
        or bool(identity.emails(vals.get("email")))
        or bool(vals.get("street"))
    )
