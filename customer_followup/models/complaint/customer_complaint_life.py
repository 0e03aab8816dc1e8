from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .customer_complaint import CLOSED


class CustomerComplaint(models.Model):
    """How a complaint is closed, opened again, and tied to others."""

    _inherit = "customer.complaint"

    reopen_count = fields.Integer(string="Reopened", readonly=True, copy=False)
    date_awaiting = fields.Datetime(string="Waiting since", readonly=True, copy=False)
    date_answered = fields.Datetime(string="Answered on", readonly=True, copy=False)
    date_escalated = fields.Datetime(string="Leaders told on", readonly=True, copy=False)
    duplicate_of_id = fields.Many2one(
        "customer.complaint",
        string="Same as",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        help="The customer told us twice: the other complaint is the one we work on.",
    )
    duplicate_ids = fields.One2many("customer.complaint", "duplicate_of_id", string="Duplicates")
    previous_id = fields.Many2one(
        "customer.complaint",
        string="Follows",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="The complaint that was closed too long ago to open it again.",
    )
    next_ids = fields.One2many("customer.complaint", "previous_id", string="Followed by")
    # Stored: a board shows it on each card.
    is_blocked = fields.Boolean(
        string="Waits for a colleague", compute="_compute_is_blocked", store=True, precompute=True
    )

    @api.depends(
        "state",
        "verdict",
        "verdict_second_user_id",
        "solution_ids.state",
        "offered_user_id",
        "offered_team_id",
    )
    def _compute_is_blocked(self):
        for complaint in self:
            complaint.is_blocked = complaint.state != CLOSED and bool(
                complaint.is_second_needed
                or complaint.offered_user_id
                or complaint.offered_team_id
                or "proposed" in complaint.solution_ids.mapped("state")
            )

    @api.constrains("duplicate_of_id", "partner_id")
    def _check_duplicate(self):
        for complaint in self.filtered("duplicate_of_id"):
            original = complaint.duplicate_of_id
            # Odoo checks in sudo; a refusal would tell of it.
            original.sudo(False).check_access("read")
            customers = (complaint | original).commercial_partner_id
            if original == complaint or original.duplicate_of_id or complaint.duplicate_ids:
                raise ValidationError(
                    self.env._(
                        "%(number)s: name the one complaint you work on, which is itself no"
                        " duplicate.",
                        number=complaint.name,
                    )
                )
            if len(customers) > 1:
                raise ValidationError(
                    self.env._(
                        "%(number)s is from another customer than %(original)s: give both the same"
                        " known cause.",
                        number=complaint.name,
                        original=original.name,
                    )
                )

    @api.constrains("duplicate_of_id")
    def _check_original_goes_on(self):
        for complaint in self.filtered("duplicate_of_id"):
            original = complaint.duplicate_of_id
            if original.state == CLOSED and not original._is_reopenable():
                raise ValidationError(
                    self.env._(
                        "%(original)s was closed too long ago to work on it: %(number)s is a new"
                        " complaint, not the same.",
                        original=original.name,
                        number=complaint.name,
                    )
                )

    def _note_stage(self, before):
        """Record what entering or leaving a stage means; ``before``: states by id."""
        now = fields.Datetime.now()
        for complaint in self:
            was = before.get(complaint.id, "new")
            facts = complaint._facts_of(was, complaint.state, now)
            if facts:
                # Facts: nobody writes them by hand.
                complaint.sudo().write(facts)
            if complaint.state == CLOSED != was:
                complaint._tell_duplicates()
            elif was == CLOSED != complaint.state:
                complaint._reassign_if_inactive()

    def _facts_of(self, was, state, now):
        facts = {}
        if was == state:
            return facts
        if state == CLOSED:
            facts |= {"date_closed": now, "close_kind": self._ending()}
        elif was == CLOSED:
            facts |= {"date_closed": False, "close_kind": False, "confirmation": False}
            facts |= {"duplicate_of_id": False, "reopen_count": self.reopen_count + 1}
        if state == "awaiting":
            facts |= {"date_awaiting": now, "confirmation": False}
        return facts

    def _tell_duplicates(self):
        # Whoever noted the duplicate hears of it, whoever works on the original.
        for duplicate in self.sudo().duplicate_ids:
            duplicate._message_log(body=self.env._("%s is closed.", self.name))

    def _check_may_reopen(self, stage_id):
        if self.env["customer.complaint.stage"].browse(stage_id).meaning == CLOSED:
            return
        for complaint in self.filtered(lambda one: one.state == CLOSED):
            if not complaint._is_reopenable():
                raise UserError(
                    self.env._(
                        "%(number)s was closed more than %(days)s days ago: press “Open again” for"
                        " a new complaint that follows it.",
                        number=complaint.name,
                        days=complaint.company_id.customer_reopen_days,
                    )
                )

    def _is_reopenable(self):
        company = self.company_id
        closed = company._customer_day(self.date_closed or fields.Datetime.now())
        today = company._customer_day(fields.Datetime.now())
        return (today - closed).days <= company.customer_reopen_days

    def action_reopen(self):
        """Open a closed complaint again, or a new one that follows it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self._reopen().id,
            "view_mode": "form",
        }

    def _reopen(self, text=None):
        """Return the complaint that goes on: this one, or a new one if it was closed long ago."""
        self.ensure_one()
        if self.state != CLOSED:
            return self
        if self._is_reopenable():
            self.stage_id = self.env["customer.complaint.stage"]._with_meaning("assessing")
            return self
        vals = {"description": text and Markup("<p>%s</p>") % text}
        [vals] = self.copy_data({"user_id": self.user_id.id, **vals})
        following = self.create(vals)
        following._keep_like(self)
        # A fact, which nobody writes by hand.
        following.sudo().write(
            {"previous_id": self.id, "accountable_user_id": self.accountable_user_id.id}
        )
        following._reassign_if_inactive()
        return following

    def _reassign_if_inactive(self):
        """Give a complaint that goes on to somebody who is there, if its people have left."""
        # Whoever opens it again, also a customer, may give it to nobody himself.
        complaint = self.sudo()
        if complaint.accountable_user_id and not complaint.accountable_user_id.active:
            complaint._reassign_accountable()
        if complaint.user_id and not complaint.user_id.active:
            complaint.user_id = complaint._successors()[complaint]

    def _note_answer(self, moment):
        """The customer was told something at this moment: the first time counts."""
        for complaint in self.filtered(lambda one: not one.date_answered):
            # A fact, which nobody writes by hand.
            complaint.sudo().date_answered = moment

    def _escalate(self, why):
        """Tell the leaders, and mark the complaint on the board."""
        # A fact, which nobody writes by hand.
        self.sudo().date_escalated = fields.Datetime.now()
        for complaint in self:
            complaint._tell_leaders(why)

    def _tell_leaders(self, summary):
        """Give those above the handler an activity; if none of them may know, who decides."""
        self.ensure_one()
        # Who leads whom and who must not know: only activities come of it.
        complaint = self.sudo()
        leaders = self.env["res.users"].union(*complaint._levels()).sudo()
        for leader in complaint._filter_allowed(leaders) or complaint._decision_maker():
            complaint.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, user_id=leader.id
            )
