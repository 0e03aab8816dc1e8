from odoo import fields, models
from odoo.exceptions import UserError


class CustomerConsentNote(models.TransientModel):
    """The dialog that records what a customer allows or refuses, and the proof."""

    _name = "customer.consent.note"
    _description = "Record a Customer's Wish"
    _inherit = ["customer.dialog.mixin"]

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True)
    kind = fields.Selection(
        [("withdrawn", "Refuses"), ("given", "Allows")],
        required=True,
    )
    purpose_id = fields.Many2one("customer.purpose", string="For", help="Empty: for everything.")
    channel_id = fields.Many2one("customer.channel", string="By", help="Empty: every channel.")
    how = fields.Selection(
        [("spoken", "Said so"), ("written", "Wrote so")], required=True, default="spoken"
    )
    notice = fields.Char(string="Wording", help="The text the customer agreed to.")
    note = fields.Char(string="Proof", help="Where the proof is kept.")

    def action_note(self):
        """Record the wish, which takes effect at once and is never changed."""
        if self.kind == "given" and not self.notice:
            raise UserError(
                self.env._("Enter what the customer allows: the wording they agreed to.")
            )
        person = self._partner()
        if self._use():
            person._note_consent(
                self.purpose_id, self.kind, self.how, self.channel_id, self.note, self.notice
            )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _partner(self):
        """Return the person of a record that the current user may read."""
        model = self.env.get(self.res_model)
        if model is None or (
            self.res_model != "res.partner"
            and not isinstance(model, self.pool["customer.card.mixin"])
        ):
            raise UserError(self.env._("Record the wish from a customer's record."))
        record = model.browse(self.res_id)
        record.check_access("read")
        # Agents record wishes of people they may not open; the person does not leave here.
        return record if self.res_model == "res.partner" else record.sudo().partner_id
