from odoo import api, fields, models

from .customer_complaint_notify import NO_NOTIFICATION

REFERRAL = "customer_followup.mail_activity_type_referral"


class CustomerComplaintReferral(models.Model):
    """A referral of a complaint to an outside body, such as an arbitrator or a court."""

    _name = "customer.complaint.referral"
    _description = "Referral to an Outside Body"
    _inherit = ["customer.complaint.part.mixin"]
    _order = "date_referred desc, id desc"
    _is_checked_together = True
    _rec_name = "body"

    body = fields.Char(required=True)
    reference = fields.Char(string="Case number")
    method = fields.Selection(
        [
            ("facilitative", "Mediation"),
            ("advisory", "Recommendation"),
            ("determinative", "Binding decision"),
        ],
        required=True,
        default="facilitative",
    )
    date_referred = fields.Date(
        string="Referred on", required=True, default=fields.Date.context_today
    )
    date_deadline = fields.Date(string="Answer deadline")
    outcome = fields.Selection(
        [
            ("settlement", "Settlement"),
            ("recommendation", "Recommendation"),
            ("decision", "Decision"),
            ("refused", "Not accepted"),
        ]
    )
    outcome_note = fields.Text(string="Outcome details")
    date_outcome = fields.Date(string="Decided on")
    date_implemented = fields.Date(string="Implemented on")

    _outcome_dated = models.Constraint(
        "CHECK ((outcome IS NULL) = (date_outcome IS NULL))",
        "Enter the outcome together with its date.",
    )
    _dates_order = models.Constraint(
        "CHECK (date_outcome IS NULL OR date_outcome >= date_referred)",
        "The date of the outcome cannot be before the date of the referral.",
    )
    activity_id = fields.Many2one(
        "mail.activity", copy=False, ondelete="set null", groups=fields.NO_ACCESS
    )

    @api.model_create_multi
    def create(self, vals_list):
        referrals = super().create(vals_list)
        referrals._remind()
        return referrals

    def write(self, vals):
        result = super().write(vals)
        if {"body", "date_deadline", "outcome"} & vals.keys():
            self._remind()
        return result

    def unlink(self):
        self.check_access("unlink")
        self._forget()
        return super().unlink()

    def _forget(self):
        """Remove the reminders of answers that are no longer needed."""
        # The reminder belongs to its handler, not to the current user.
        self.sudo().activity_id.exists().unlink()

    def _remind(self):
        """Create, update or remove the reminders of the answers."""
        # The reminder belongs to its handler, not to the current user.
        for referral in self.sudo():
            reminder = referral.activity_id.exists()
            if referral.outcome:
                reminder.filtered("active").action_feedback()
            elif not referral.date_deadline:
                reminder.unlink()
            else:
                referral._remind_of(reminder.filtered("active"))

    def _remind_of(self, reminder):
        vals = {
            "summary": self.env._("Answer from %s", self.body),
            "date_deadline": self.date_deadline,
        }
        if reminder:
            reminder.write(vals)
        elif user := self.complaint_id._contact_user():
            self.activity_id = self.complaint_id.with_context(**NO_NOTIFICATION).activity_schedule(
                REFERRAL, user_id=user.id, **vals
            )
