from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_followup import OPEN_STATES


class CustomerFollowupFeedback(models.Model):
    """One need, problem, suggestion or question of a customer, recorded in a contact."""

    _name = "customer.followup.feedback"
    _description = "Feedback"
    _check_company_auto = True
    _order = "id"
    _rec_name = "text"

    followup_id = fields.Many2one(
        "customer.followup", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="followup_id.company_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(
        [
            ("need", "Need"),
            ("problem", "Problem"),
            ("suggestion", "Suggestion"),
            ("question", "Question"),
        ],
        required=True,
        default="need",
    )
    text = fields.Char(required=True)
    action_ids = fields.One2many("customer.action", "feedback_id", string="Actions")

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.followup_id._check_ended({"feedback_ids"})
        return lines

    def write(self, vals):
        self.check_access("write")
        (self.followup_id | self.followup_id.browse(vals.get("followup_id")))._check_ended(
            {"feedback_ids"}
        )
        return super().write(vals)

    @api.constrains("kind", "text", "followup_id")
    def _check_problem_is_answered(self):
        self.followup_id._check_end()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_while_open(self):
        ended = self.followup_id.filtered(lambda followup: followup.state not in OPEN_STATES)
        if ended:
            raise UserError(
                self.env._("%s has ended: its feedback cannot be deleted.", ended[0].display_name)
            )

    def _is_answered(self):
        """Say whether the line has an action; later chapters add to it."""
        self.ensure_one()
        return bool(self.action_ids)

    def action_add_action(self):
        """Open a new action about this line."""
        self.ensure_one()
        self.check_access("read")
        contact = self.followup_id
        return self.env["customer.action"]._action_new(
            contact, contact.team_id, name=self.text, feedback_id=self.id
        )
