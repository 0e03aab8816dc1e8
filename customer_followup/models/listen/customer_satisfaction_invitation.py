from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..contact.customer_followup import DONE, OPEN_STATES

SENT, OPENED, PARTLY, ANSWERED = "sent", "opened", "partly", "answered"
# Until the customer opens the survey.
UNANSWERED = ("planned", SENT, "bounced", "withheld")


class CustomerSatisfactionInvitation(models.Model):
    """A survey that a follow-up sent to a customer."""

    _name = "customer.satisfaction.invitation"
    _description = "Survey Invitation"
    _check_company_auto = True
    _inherit = ["customer.card.mixin", "customer.confidential.mixin"]
    _order = "id desc"
    _rec_name = "survey_id"
    _hidden_with = ("followup_id",)

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
            (OPENED, "Opened"),
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

    def _email_content(self):
        """Return the subject and the body of the e-mail, in the customer's language."""
        template = self.env.ref("customer_followup.mail_template_invitation")
        lang = self.partner_id.lang or self.env.lang
        subject = template._render_field("subject", self.ids, set_lang=lang)
        body = template._render_field(
            "body_html", self.ids, set_lang=lang, options={"post_process": True}
        )
        return subject[self.id], Markup(body[self.id])

    def _follow_contact(self):
        """Take over the state of the contact, as long as the customer has not begun to answer."""
        for invitation in self.filtered(lambda one: one.state in UNANSWERED):
            contact = invitation.followup_id
            if contact.state == DONE:
                vals = {"state": SENT, "date_sent": contact.date_done}
            elif contact.state in OPEN_STATES:
                vals = {"state": "planned"}
            else:
                is_returned = contact.close_code == "undelivered"
                vals = {"state": "bounced" if is_returned else "withheld"}
            invitation.write(vals)

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
