from odoo import api, fields, models
from odoo.exceptions import UserError


class SurveySurvey(models.Model):
    """A survey that may measure satisfaction."""

    _inherit = "survey.survey"
    _check_company_auto = True

    survey_type = fields.Selection(
        selection_add=[("satisfaction", "Satisfaction")], ondelete={"satisfaction": "set default"}
    )
    # Not prefixed: the name by which Odoo's own company checks know it.
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", ondelete="restrict", help="Empty: shared by all."
    )

    def _check_can_be_sent(self):
        """Raise if these surveys ask nothing, or are archived."""
        for survey in self:
            if not survey.active or not survey.question_ids:
                raise UserError(
                    self.env._(
                        "The survey %s cannot be sent: it is archived or has no question.",
                        survey.title,
                    )
                )

    @api.depends_context("uid")
    def _compute_allowed_survey_types(self):
        result = super()._compute_allowed_survey_types()
        if self.env.user.has_group("customer_followup.group_followup_manager"):
            for survey in self:
                survey.allowed_survey_types = [*(survey.allowed_survey_types or []), "satisfaction"]
        return result

    def _has_attempts_left(self, partner, email, invite_token):
        """Take one answer for each invitation: another one would count nowhere."""
        if self._is_customer_answered(invite_token):
            return False
        return super()._has_attempts_left(partner, email, invite_token)

    def _is_customer_answered(self, invite_token):
        """Return whether an invitation of ours with this token was answered."""
        if self.survey_type != "satisfaction" or not invite_token:
            return False
        # Visitors may read no answers; only yes or no is returned.
        answers = (
            self.env["survey.user_input"]
            .sudo()
            .search([("survey_id", "=", self.id), ("invite_token", "=", invite_token)])
        )
        done = answers.filtered(lambda one: one.state == "done" and not one.test_entry)
        return bool(done) and any(answers.mapped("customer_is_invited"))

    @api.onchange("survey_type")
    def _onchange_survey_type(self):
        result = super()._onchange_survey_type()
        if self.survey_type == "satisfaction":
            self.access_mode = "token"
            self.company_id = self.env.company
        return result
