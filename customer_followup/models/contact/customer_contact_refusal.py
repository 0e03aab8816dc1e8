from odoo import api, fields, models

REASONS = [
    ("archived", "The contact is archived"),
    ("blocked", "The number or address must not be used"),
    ("blacklisted", "The number or address is on the blacklist"),
    ("wrong_number", "The number or address is wrong"),
    ("no_phone", "There is no phone number"),
    ("no_email", "There is no e-mail address"),
    ("minor", "The contact is a minor"),
    ("withdrawn", "The customer has refused it"),
    ("no_consent", "There is no consent"),
    ("hold", "Contacts for this purpose are paused"),
    ("cooling_off", "It is too soon after the start"),
    ("budget", "The contact limit of the purpose is reached"),
    ("hours", "It is outside the contact hours"),
]
# What a refusal has in common with its contact.
COPIED = (
    "partner_id",
    "commercial_partner_id",
    "company_id",
    "user_id",
    "team_id",
    "purpose_id",
    "channel_id",
)


class CustomerContactRefusal(models.Model):
    """One contact that the gate withheld, with the reason."""

    _name = "customer.contact.refusal"
    _description = "Withheld Contact"
    _inherit = ["customer.card.mixin", "customer.bulk.mixin"]
    _order = "id desc"
    _rec_name = "reason"
    _check_company_auto = True

    followup_id = fields.Many2one("customer.followup", index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Agent", ondelete="restrict")
    team_id = fields.Many2one("customer.team", ondelete="restrict")
    purpose_id = fields.Many2one("customer.purpose", required=True, ondelete="restrict")
    channel_id = fields.Many2one("customer.channel", required=True, ondelete="restrict")
    reason = fields.Selection(REASONS, required=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)

    @api.model
    def _note(self, reason_by_followup):
        """Record why each follow-up of ``{follow-up: reason}`` was withheld, and return the ids."""
        return self._note_rows(
            {
                "followup_id": followup.id,
                "reason": reason,
                **{name: followup[name].id for name in COPIED},
            }
            for followup, reason in reason_by_followup.items()
        )

    @api.model
    def _note_rows(self, rows):
        """Record withheld contacts by their values, and return the ids."""
        now = fields.Datetime.now()
        # The gate records refusals; no user may create them.
        return self.sudo()._insert([{**row, "date": now} for row in rows])
