from datetime import timedelta

from odoo import Command, fields, models

ANSWER_DAYS = 30


class CustomerFollowup(models.Model):
    """A contact in which scores are recorded, or which sends a survey."""

    _inherit = "customer.followup"

    score_ids = fields.One2many("customer.satisfaction.score", "followup_id", string="Scores")
    # For rules only: also those the reader does not see.
    low_complaint_ids = fields.One2many(
        "customer.complaint", "low_followup_id", groups=fields.NO_ACCESS
    )
    invitation_ids = fields.One2many("customer.satisfaction.invitation", "followup_id")

    def _is_worked_on(self):
        return super()._is_worked_on() or bool(self.score_ids or self.invitation_ids)

    def _send_survey(self):
        """Invite the customer to the survey of the step, with a personal link."""
        survey = self.step_id.survey_id
        partner = self.partner_id
        answers = self.env["survey.user_input"]
        answer = answers.create(
            {
                # Its own for each invitation: Odoo counts attempts by customer and token.
                "invite_token": answers._generate_invite_token(),
                "survey_id": survey.id,
                "partner_id": partner.id,
                "email": partner.email,
                "deadline": fields.Datetime.now() + timedelta(days=ANSWER_DAYS),
                "predefined_question_ids": [
                    Command.set(survey._prepare_user_input_predefined_questions().ids)
                ],
            }
        )
        invitation = self.env["customer.satisfaction.invitation"].create(
            {
                "followup_id": self.id,
                "survey_id": survey.id,
                "user_input_id": answer.id,
            }
        )
        invitation._send()
