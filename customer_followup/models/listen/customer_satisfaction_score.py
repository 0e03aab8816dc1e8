from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import clean_context

from ..contact.customer_followup import OPEN_STATES

# What an agent says of an answer.
_NOTED = {"metric_id", "value", "followup_id", "date"}


class CustomerSatisfactionScore(models.Model):
    """One number one customer gave."""

    _name = "customer.satisfaction.score"
    _description = "Satisfaction Score"
    _inherit = ["customer.card.mixin"]
    _order = "date desc, id desc"
    _rec_name = "metric_id"
    _check_company_auto = True

    metric_id = fields.Many2one(
        "customer.satisfaction.metric", required=True, index=True, ondelete="restrict"
    )
    value = fields.Float(required=True, digits=(6, 2), aggregator="avg")
    hundred = fields.Float(
        string="Of 100",
        compute="_compute_hundred",
        store=True,
        precompute=True,
        aggregator="avg",
        digits=(6, 2),
        help="The same as a share of the scale, so that scales can be compared.",
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

    @api.depends("value", "metric_id")
    def _compute_hundred(self):
        for score in self:
            score.hundred = score.metric_id._hundred(score.value) if score.metric_id else 0.0

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
        for score in self.filtered(lambda score: not score.metric_id._fits(score.value)):
            raise ValidationError(
                self.env._(
                    "%(metric)s: %(value)g is not between %(low)s and %(high)s.",
                    metric=score.metric_id.name,
                    value=score.value,
                    low=score.metric_id.scale_min,
                    high=score.metric_id.scale_max,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        # Defaults of a screen say nothing of an answer.
        plain = self.with_env(self.env(context=clean_context(self.env.context)))
        noted = [{name: vals[name] for name in vals.keys() & _NOTED} for vals in vals_list]
        scores = super(CustomerSatisfactionScore, plain).create(noted).with_env(self.env)
        scores.followup_id.check_access("read")
        for score, vals in zip(scores, vals_list, strict=True):
            score._check_agrees({name: vals[name] for name in vals.keys() - _NOTED})
        scores._check_is_being_asked()
        return scores

    def _check_agrees(self, vals):
        """Raise if a form says something else of an answer than its contact does."""
        for name, given in vals.items():
            own = self._fields[name].convert_to_write(self[name], self)
            if given and given != own:
                raise AccessError(
                    self.env._("An agent notes what was answered; its contact says the rest.")
                )

    def write(self, vals):
        if vals.keys() - {"value"}:
            raise UserError(
                self.env._("What a customer answered is not changed: note a new answer.")
            )
        self._check_is_being_asked()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_while_being_asked(self):
        self._check_is_being_asked()

    def _check_is_being_asked(self):
        """Raise unless these answers are being noted in a contact that is open."""
        for score in self:
            if score.source != "phone" or score.followup_id.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%s: what a customer answered is neither changed nor deleted.",
                        score.metric_id.name,
                    )
                )

    @api.model
    def _last_texts(self, customers):
        """Return each customer's last answer as text, like ``NPS 9/10``, by his id."""
        readable = self._search(Domain("commercial_partner_id", "in", customers.ids))
        # What hides an answer is a field of the system; the answers are those the user may read.
        rows = self.sudo()._read_group(
            self._told_domain() & Domain("id", "in", readable),
            ["commercial_partner_id"],
            ["id:max"],
        )
        return {customer.id: self.browse(last)._text() for customer, last in rows}

    @api.model
    def _told_domain(self):
        """Return of which answers the current user may be told, also where access is bypassed."""
        return Domain.TRUE

    def _text(self):
        return f"{self.metric_id.name} {self.value:g}/{self.metric_id.scale_max}"
