import logging

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import clean_context

from ...tools import masking, scoring
from ..contact.customer_followup import OPEN_STATES

_logger = logging.getLogger(__name__)

# What an agent enters of an answer.
_NOTED = {"metric_id", "value", "followup_id", "date"}


class CustomerSatisfactionScore(models.Model):
    """One number that a customer gave as an answer; a low one opens a complaint."""

    _name = "customer.satisfaction.score"
    _description = "Satisfaction Score"
    _inherit = ["customer.card.mixin", "customer.change.mixin", "customer.confidential.mixin"]
    _order = "date desc, id desc"
    _rec_name = "metric_id"
    _customer_confidential = "low_complaint_ids.excluded_user_ids"
    _hidden_with = ("followup_id",)
    _followed_fields = frozenset({"value"})
    _check_company_auto = True

    metric_id = fields.Many2one(
        "customer.satisfaction.metric", required=True, index=True, ondelete="restrict"
    )
    value = fields.Float(required=True, digits=(6, 2), aggregator="avg")
    # The scale when the answer was given: that of the metric or question may change later.
    scale_min = fields.Integer(
        string="Scale from",
        compute="_compute_scale",
        store=True,
        readonly=False,
        precompute=True,
        aggregator=None,
    )
    scale_max = fields.Integer(
        string="to",
        compute="_compute_scale",
        store=True,
        readonly=False,
        precompute=True,
        aggregator=None,
    )
    percent = fields.Float(
        string="% of the best",
        compute="_compute_hundred",
        store=True,
        precompute=True,
        aggregator="avg",
        digits=(6, 2),
        help="The number as a share of the highest number of its scale: 3 of 5 is 60.",
    )
    hundred = fields.Float(
        string="Of 100",
        compute="_compute_hundred",
        store=True,
        precompute=True,
        aggregator="avg",
        digits=(6, 2),
        help="Where the number lies on its scale, from the lowest (0) to the highest (100), so that"
        " scales can be compared: 3 on a scale from 1 to 5 is 50.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        compute="_compute_from_followup",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_from_followup",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        compute="_compute_from_followup",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "customer.team",
        compute="_compute_from_followup",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    source = fields.Selection(
        [("phone", "Asked by an agent"), ("survey", "Survey")],
        required=True,
        default="phone",
        help="Answers given to a person are kinder: reports keep them apart.",
    )
    followup_id = fields.Many2one(
        "customer.followup", index="btree_not_null", ondelete="restrict", check_company=True
    )
    invitation_id = fields.Many2one(
        "customer.satisfaction.invitation", index="btree_not_null", ondelete="restrict"
    )
    # For rules only: also those the reader does not see.
    low_complaint_ids = fields.One2many(
        "customer.complaint", "low_score_id", groups=fields.NO_ACCESS
    )

    # Not of the scale of the metric: a later change of it does not change what was answered.
    @api.depends("metric_id")
    def _compute_scale(self):
        for score in self:
            score.scale_min, score.scale_max = score.metric_id._scale()

    @api.depends("value", "scale_min", "scale_max")
    def _compute_hundred(self):
        for score in self:
            scale = score.scale_min, score.scale_max
            score.hundred = scoring.to_hundred(score.value, *scale) if score.scale_max else 0.0
            score.percent = scoring.percent(score.value, score.scale_max)

    @api.depends("followup_id")
    def _compute_from_followup(self):
        for score in self:
            contact = score.followup_id
            score.partner_id = contact.partner_id or score.partner_id
            score.company_id = contact.company_id or score.company_id or self.env.company
            score.user_id = contact.user_id or score.user_id
            score.team_id = contact.team_id or score.team_id

    @api.constrains("value", "metric_id")
    def _check_value_fits(self):
        for score in self.filtered(lambda one: not one.scale_min <= one.value <= one.scale_max):
            raise ValidationError(
                self.env._(
                    "%(metric)s: %(value)g is not between %(low)s and %(high)s.",
                    metric=score.metric_id.name,
                    value=score.value,
                    low=score.scale_min,
                    high=score.scale_max,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        # Defaults of a screen are no part of an answer.
        context = self.env.context
        plain = self.with_env(self.env(context=context if self.env.su else clean_context(context)))
        noted = [self._noted_vals(vals) for vals in vals_list]
        scores = super(CustomerSatisfactionScore, plain).create(noted).with_env(self.env)
        scores._check_noted(vals_list)
        scores._follow()
        return scores

    def write(self, vals):
        self._check_write(vals)
        before = self._snapshot(vals)
        result = super().write(vals)
        self._follow(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_while_being_asked(self):
        self._check_is_being_asked()

    def _check_write(self, vals):
        super()._check_write(vals)
        if vals.keys() - {"value"}:
            raise UserError(self.env._("A customer's answer is not changed: enter a new answer."))
        self._check_is_being_asked()

    def _follow(self, before=None):
        self._changed(before, "value")._open_complaints()
        return super()._follow(before)

    @api.model
    def _noted_vals(self, vals):
        """Return those values that the current user may enter; the contact gives the others."""
        return vals if self.env.su else {name: vals[name] for name in vals.keys() & _NOTED}

    def _check_noted(self, vals_list):
        """Raise if the current user may not add these answers, or gave more than an answer."""
        if self.env.su:
            return
        self.followup_id.check_access("read")
        for score, vals in zip(self, vals_list, strict=True):
            score._check_agrees({name: vals[name] for name in vals.keys() - _NOTED})
        self._check_is_being_asked()

    def _check_agrees(self, vals):
        """Raise if these values differ from those that the contact gives."""
        for name, given in vals.items():
            own = self._fields[name].convert_to_write(self[name], self)
            if given and given != own:
                raise AccessError(
                    self.env._(
                        "An agent enters the answer only: the contact gives all other values."
                    )
                )

    def _check_is_being_asked(self):
        """Raise unless these answers are of open contacts and opened no complaint."""
        for score in self:
            if score.source != "phone" or score.followup_id.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%s: a customer's answer is neither changed nor deleted.",
                        score.metric_id.name,
                    )
                )
            # That a complaint exists is all that is said, also to users who do not see it.
            if score.sudo().low_complaint_ids:
                raise UserError(
                    self.env._(
                        "%s: a complaint was opened from this answer, so it stays.",
                        score.metric_id.name,
                    )
                )

    @api.model
    def _last_texts(self, customers):
        """Return each customer's last answer as text, like ``NPS 9/10``, by the customer's id."""
        readable = self._search(Domain("commercial_partner_id", "in", customers.ids))
        # Users may not read what hides an answer; the answers are those that they may read.
        query = self.sudo()._search(
            self._shown_domain() & Domain("id", "in", readable),
            order="commercial_partner_id.id, date desc, id desc",
        )
        customer, id_ = (
            SQL.identifier(query.table, name) for name in ("commercial_partner_id", "id")
        )
        self.flush_model()
        rows = self.env.execute_query(
            query.select(SQL("DISTINCT ON (%s) %s", customer, customer), id_)
        )
        # Of one recordset, so that they are read together.
        last = self.browse(id_ for _customer, id_ in rows)
        return {row[0]: one._text() for row, one in zip(rows, last, strict=True)}

    @api.model
    def _shown_domain(self):
        """Return which answers may be shown to the current user, also where access is bypassed."""
        of_company = Domain("company_id", "in", self.env.companies.ids)
        if not self.env.user.has_hidden_complaints:
            return of_company
        hidden = Domain("excluded_user_ids", "in", self.env.uid)
        answer = Domain("low_complaint_ids", "any!", hidden)
        shown = ~Domain("low_complaint_ids", "any!", hidden) & ~Domain(
            "followup_id", "any!", answer
        )
        return shown & of_company & ~self._hidden_domain()

    def _text(self):
        return f"{self.metric_id.name} {self.value:g}/{self.scale_max}"

    def _is_low(self):
        metric = self.metric_id
        # The limit is a number on the metric's scale, the answer may be one on another.
        value = scoring.on_scale(self.value, (self.scale_min, self.scale_max), metric._scale())
        return metric.opens_complaint and value <= metric.complaint_value

    def _open_complaints(self):
        """Open a complaint for each answer with a low score that has none yet."""
        low = self.filtered(lambda score: score._is_low())
        if not low:
            return self.env["customer.complaint"]
        # The customer and the agent may see no complaints: a low score opens one all the same.
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
            # Another score of the same answer has opened it: the customer's answer is kept.
            return complaints
        except UserError as error:
            _logger.warning("Low scores %s opened no complaint: %s", low.ids, masking.error(error))
            return complaints

    def _prepare_complaint_vals(self):
        score = self[0]
        texts = [one._text() for one in self]
        vals = {
            # The customer reads the title on the portal.
            "title": ", ".join(texts),
            "description": Markup("<p>%s</p>") % ", ".join(texts),
            "followup_id": score.followup_id.id,
            "channel_id": score.followup_id.channel_id.id,
            "low_score_id": score.id,
            "date_received": score.date,
        }
        return self.env["customer.complaint"]._prepare_intake_vals(
            score.company_id, score.team_id, score.partner_id, vals
        )
