from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.contact.customer_followup import OPEN_STATES
from ..models.ground.groups import AGENT

# Above this number, notes on each contact would take longer than the change itself.
MAX_NOTES = 100


class CustomerFollowupReassign(models.TransientModel):
    """The dialog that reassigns contacts to a user, or within a team."""

    _name = "customer.followup.reassign"
    _description = "Reassign Follow-ups"
    _inherit = ["customer.dialog.mixin"]

    followup_ids = fields.Many2many(
        "customer.followup",
        relation="customer_followup_reassign_followup_rel",
        column1="reassign_id",
        column2="followup_id",
        required=True,
        default=lambda self: self._default_followup_ids(),
    )
    mode = fields.Selection(
        [("person", "One person"), ("fair", "Shared fairly within a team")],
        string="Give them to",
        required=True,
        default="person",
    )
    user_id = fields.Many2one(
        "res.users", string="Who", ondelete="cascade", domain="[('share', '=', False)]"
    )
    team_id = fields.Many2one(
        "customer.team",
        ondelete="cascade",
        default=lambda self: self._default_followup_ids().team_id[:1],
    )
    note = fields.Char(
        string="Why", help="Noted in the log of each contact, unless there are more than 100."
    )

    @api.model
    def _default_followup_ids(self):
        contacts = self.env["customer.followup"]
        if self.env.context.get("active_model") == contacts._name:
            contacts = contacts.browse(self.env.context.get("active_ids"))
        return contacts

    def action_reassign(self):
        """Reassign the contacts that are open; those that have ended stay as they are."""
        self.followup_ids.check_access("write")
        if not self._use():
            return {"type": "ir.actions.act_window_close"}
        contacts = self.followup_ids.filtered(lambda one: one.state in OPEN_STATES)
        if not contacts:
            raise UserError(self.env._("Choose contacts that are still to be made."))
        self._check_receiver(contacts)
        if self.note and len(contacts) <= MAX_NOTES:
            contacts._message_log_batch(dict.fromkeys(contacts.ids, self.note))
        if self.mode == "person":
            contacts._give_to(self.user_id)
        else:
            before = [contact.user_id for contact in contacts]
            users = self.team_id._next_users(len(contacts), freed=before)
            contacts._give(dict(zip(contacts, users, strict=True)), team=self.team_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_receiver(self, contacts):
        """Raise unless the receiver works for the company of the contacts."""
        # Who works for which company, and in which team, is not confidential.
        receiver = (self.user_id if self.mode == "person" else self.team_id).sudo()
        if self.mode == "fair":
            companies = receiver.company_id
            is_able = receiver.member_ids.filtered("active")
        else:
            companies = receiver.company_ids
            is_able = receiver.active and receiver.has_group(AGENT)
        if not is_able or contacts.company_id - companies:
            raise UserError(
                self.env._(
                    "%s cannot take these contacts: choose someone of their company who works"
                    " with follow-ups.",
                    receiver.name or self.env._("No one"),
                )
            )
