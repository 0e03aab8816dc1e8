from odoo import api, fields, models
from odoo.exceptions import UserError

from ..message.customer_followup import LAYOUT

SENT, PARTLY, ANSWERED = "sent", "partly", "answered"


class CustomerSatisfactionInvitation(models.Model):
    """A survey that a follow-up sent to a customer."""

    _name = "customer.satisfaction.invitation"
    _description = "Survey Invitation"
    _inherit = ["customer.card.mixin", "customer.confidential.mixin"]
    _order = "id desc"
    _rec_name = "survey_id"

    followup_id = fields.Many2one(
        "customer.followup", required=True, index=True, readonly=True, ondelete="restrict"
    )
    survey_id = fields.Many2one(
        "survey.survey", required=True, index=True, readonly=True, ondelete="restrict"
    )
    # The answer holds the customer's address and the token of the personal link.
    user_input_id = fields.Many2one(
        "survey.user_input",
        readonly=True,
        copy=False,
        index=True,
        ondelete="set null",
        groups="customer_followup.group_followup_manager",
    )
    partner_id = fields.Many2one(
        related="followup_id.partner_id",
        store=True,
        precompute=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="followup_id.company_id", store=True, index=True)
    user_id = fields.Many2one(related="followup_id.user_id", store=True, index=True)
    team_id = fields.Many2one(related="followup_id.team_id", store=True, index=True)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            (SENT, "Sent"),
            ("opened", "Opened"),
            (PARTLY, "Partly answered"),
            (ANSWERED, "Answered"),
            ("expired", "Expired"),
            ("bounced", "Not delivered"),
            ("withheld", "Withheld"),
        ],
        required=True,
        readonly=True,
        default="planned",
    )
    date_sent = fields.Datetime(readonly=True)
    date_answered = fields.Datetime(readonly=True)
    problem = fields.Char(readonly=True, help="Answers outside the scale of their metric.")
    score_ids = fields.One2many("customer.satisfaction.score", "invitation_id", string="Scores")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An invitation is not deleted: it was sent to the customer."))

    def _url(self):
        """Return the customer's personal link to the survey."""
        self.ensure_one()
        return f"{self.get_base_url()}{self.user_input_id.get_start_url()}"

    def _unsubscribe_url(self):
        """Return the page on which the customer unsubscribes, for the layout of the e-mail."""
        return self.followup_id._unsubscribe_url()

    def _send(self):
        """Queue the e-mail with the survey, in the customer's language."""
        template = self.env.ref("customer_followup.mail_template_invitation")
        for invitation in self:
            headers = invitation.followup_id._unsubscribe_headers()
            template.send_mail_batch(
                invitation.ids,
                force_send=False,
                email_values={"headers": repr(headers)},
                email_layout_xmlid=LAYOUT,
            )
        self.write({"state": SENT, "date_sent": fields.Datetime.now()})

    def _answered(self):
        """Turn what the customer answered into scores."""
        self.write({"state": ANSWERED, "date_answered": fields.Datetime.now()})
        for invitation in self:
            answers = invitation.user_input_id._metric_values()
            misfits = [one for one in answers if not one.fits()]
            invitation.problem = (
                ", ".join(f"{one.metric.name}: {one.value:g}" for one in misfits) or False
            )
            self.env["customer.satisfaction.score"].create(
                [invitation._prepare_score_vals(one) for one in answers if one.fits()]
            )

    def _prepare_score_vals(self, answer):
        return {
            "metric_id": answer.metric.id,
            "value": answer.value,
            "scale_min": answer.low,
            "scale_max": answer.high,
            "followup_id": self.followup_id.id,
            "invitation_id": self.id,
            "source": "survey",
        }
