import logging

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import masking

_logger = logging.getLogger(__name__)


class CustomerSatisfactionScore(models.Model):
    """A low score is answered for: it opens a complaint, once per answer."""

    _inherit = "customer.satisfaction.score"
    _customer_confidential = "low_complaint_ids.excluded_user_ids"

    # For rules only: also those the reader does not see.
    low_complaint_ids = fields.One2many(
        "customer.complaint", "low_score_id", groups=fields.NO_ACCESS
    )

    @api.model_create_multi
    def create(self, vals_list):
        scores = super().create(vals_list)
        scores._open_complaints()
        return scores

    def write(self, vals):
        result = super().write(vals)
        self._open_complaints()
        return result

    def _check_is_being_asked(self):
        result = super()._check_is_being_asked()
        # That there is one is all that is told, also to those who do not see it.
        for score in self.filtered(lambda one: one.sudo().low_complaint_ids):
            raise UserError(
                self.env._(
                    "%s: a complaint was opened from this answer, so it stays.",
                    score.metric_id.name,
                )
            )
        return result

    @api.model
    def _told_domain(self):
        hidden = Domain("excluded_user_ids", "in", self.env.uid)
        answer = Domain("low_complaint_ids", "any!", hidden)
        return (
            super()._told_domain()
            & ~Domain("low_complaint_ids", "any!", hidden)
            & ~Domain("followup_id", "any!", answer)
        )

    def _is_low(self):
        metric = self.metric_id
        return metric.opens_complaint and self.value <= metric.complaint_value

    def _open_complaints(self):
        """Open a complaint for each answer with a low score that has none yet."""
        low = self.filtered(lambda score: score._is_low())
        if not low:
            return self.env["customer.complaint"]
        # Whoever answers or asks may see no complaints; what he gave is followed up nevertheless.
        complaints = self.env["customer.complaint"].sudo()
        contacts = low.followup_id
        known = complaints.search([("followup_id", "in", contacts.ids)]).followup_id
        known |= complaints.search([("low_followup_id", "in", contacts.ids)]).low_followup_id
        answers = low.filtered(
            lambda score: score.followup_id not in known or not score.followup_id
        )
        # One of several in the same contact; a score without a contact is an answer of its own.
        groups = answers.grouped(lambda score: score.followup_id or score).values()
        try:
            with self.env.cr.savepoint():
                return complaints.create(
                    [scores.sudo()._prepare_complaint_vals() for scores in groups]
                )
        except psycopg2.errors.UniqueViolation:
            # Another score of the same answer was faster; the customer's answer is kept.
            return complaints
        except UserError as error:
            _logger.warning("Low scores %s opened no complaint: %s", low.ids, masking.error(error))
            return complaints

    def _prepare_complaint_vals(self):
        score = self[0]
        texts = [one._text() for one in self]
        vals = {
            "title": self.env._("Low score: %s", ", ".join(texts)),
            "description": Markup("<p>%s</p>") % ", ".join(texts),
            "followup_id": score.followup_id.id,
            "channel_id": score.followup_id.channel_id.id,
            "low_score_id": score.id,
            "date_received": score.date,
        }
        return self.env["customer.complaint"]._prepare_intake_vals(
            score.company_id, score.team_id, score.partner_id, vals
        )
