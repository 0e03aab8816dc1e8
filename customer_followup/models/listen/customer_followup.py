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
        """Queue an invitation to the survey of the step, with a personal link."""
        self.step_id.survey_id._check_can_be_sent()
        invitation = self.invitation_ids[:1] or self._invite()
        subject, body = invitation._email_content()
        # A reader of the chatter could answer in the customer's name.
        note = self.env._("Invitation to the survey %s", invitation.survey_id.title)
        self._record_queued(self._queue_email(self.step_id.subject or subject, body, note=note))

    def _invite(self):
        """Return an invitation of the customer to the survey of the step."""
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
        return self.env["customer.satisfaction.invitation"].create(
            {
                "followup_id": self.id,
                "survey_id": survey.id,
                "user_input_id": answer.id,
            }
        )

    def _follow(self, before=None):
        result = super()._follow(before)
        # The system keeps invitations, which agents may not write.
        self._changed(before, "state").sudo().invitation_ids._follow_contact()
        return result
