from typing import NamedTuple

from odoo import api, fields, models

from ..ground.system import as_system
from .customer_satisfaction_invitation import ANSWERED, OPENED, PARTLY


class MetricAnswer(NamedTuple):
    """A number that answers a metric, and the scale it was given on."""

    metric: object
    value: float
    low: int
    high: int

    def fits(self):
        """Say whether the number lies on its scale."""
        return self.low <= self.value <= self.high


class SurveyUserInput(models.Model):
    """A customer's answers to a survey, confidential with the invitation."""

    _inherit = "survey.user_input"
    _check_company_auto = True

    # An address is a contact detail, wherever it stands.
    email = fields.Char(groups="survey.group_survey_user,customer_followup.group_data_contact")

    # Not prefixed: the name by which Odoo's own company checks know it.
    company_id = fields.Many2one(related="survey_id.company_id", store=True, index="btree_not_null")
    customer_invitation_ids = fields.One2many(
        "customer.satisfaction.invitation",
        "user_input_id",
        groups="customer_followup.group_followup_manager",
    )
    # Read with the answer itself, so that answers to other surveys cost no query.
    customer_is_invited = fields.Boolean(
        string="Invited by a follow-up",
        compute="_compute_customer_is_invited",
        store=True,
        precompute=True,
        groups="customer_followup.group_followup_manager",
    )

    @api.depends("customer_invitation_ids")
    def _compute_customer_is_invited(self):
        for answer in self:
            answer.customer_is_invited = bool(answer.customer_invitation_ids)

    def _mark_in_progress(self):
        result = super()._mark_in_progress()
        self._follow_progress()
        return result

    def _save_lines(self, question, answer, *args, **kwargs):
        """Mark the invitation as partly answered from its first answer on."""
        result = super()._save_lines(question, answer, *args, **kwargs)
        self._follow_progress()
        return result

    def _follow_progress(self):
        """Record whether invited customers only opened the survey or answered some of it."""
        for invitation in self._customer_invitations():
            lines = invitation.user_input_id.user_input_line_ids
            state = PARTLY if any(not line.skipped for line in lines) else OPENED
            if invitation.state != state:
                invitation.state = state

    def _mark_done(self):
        fresh = self.filtered(lambda answer: answer.state != "done" and not answer.test_entry)
        result = super()._mark_done()
        fresh._customer_invitations()._answered()
        return result

    def _customer_invitations(self):
        # The customer answers as a visitor who may read nothing of ours.
        answers = as_system(self.sudo()).filtered("customer_is_invited")
        invitations = answers.customer_invitation_ids
        return invitations.filtered(lambda invitation: invitation.state != ANSWERED)

    def _metric_values(self):
        """Return a :class:`MetricAnswer` for each metric asked for; a skipped one is no zero.

        Where several questions or choices measure the same metric, the first counts.
        """
        lines = self.user_input_line_ids.filtered(
            lambda line: not line.skipped and line.question_id.customer_metric_id
        )
        found = {}
        for line in lines.sorted(lambda one: (one.question_id.sequence, one.id)):
            metric, number = line.question_id.customer_metric_id, line._customer_number()
            if number is not None:
                scale = line.question_id._customer_scale()
                found.setdefault(metric, MetricAnswer(metric, number, *scale))
        return list(found.values())
