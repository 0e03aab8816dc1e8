import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools import masking, worktime
from .groups import MANAGER

_logger = logging.getLogger(__name__)
ONE_DAY = timedelta(days=1)


class CustomerAbsence(models.Model):
    """A period in which a user is away, and who stands in."""

    _name = "customer.absence"
    _description = "Absence"
    _check_company_auto = True
    _inherit = ["customer.protected.mixin", "customer.batch.mixin", "customer.change.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"
    _protected_fields = frozenset({"date_begun", "date_ended", "error"})
    _followed_fields = frozenset({"date_from", "date_to", "stand_in_id"})

    user_id = fields.Many2one(
        "res.users",
        string="Absent user",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(
        related="user_id.company_id", store=True, index=True, precompute=True
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today, help="First day away."
    )
    date_to = fields.Date(
        string="Until", required=True, default=fields.Date.context_today, help="Last day away."
    )
    stand_in_id = fields.Many2one(
        "res.users",
        string="Stand-in",
        ondelete="restrict",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="For customers who have no backup. Empty: the team member with the least work.",
    )
    date_begun = fields.Datetime(
        string="Work passed on", readonly=True, copy=False, help="When it went to the stand-ins."
    )
    date_ended = fields.Datetime(string="Work given back", readonly=True, copy=False)
    error = fields.Char(readonly=True, copy=False, help="Why the work could not be passed on.")

    _period_check = models.Constraint(
        "CHECK (date_to >= date_from)", "An absence cannot end before it begins."
    )
    # Who is away now; absences to begin or to end.
    _open_idx = models.Index("(date_from) WHERE date_ended IS NULL")

    @api.constrains("user_id", "stand_in_id")
    def _check_stand_in(self):
        for absence in self:
            if absence.stand_in_id == absence.user_id:
                raise ValidationError(
                    self.env._(
                        "%s cannot be their own stand-in: choose a colleague.", absence.user_id.name
                    )
                )

    @api.constrains("user_id", "stand_in_id")
    def _check_stand_in_works(self):
        # Who works for which company is not confidential.
        for absence in self.sudo().filtered("stand_in_id"):
            stand_in = absence.stand_in_id
            if stand_in.share or not stand_in.company_ids & absence.user_id.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(stand_in)s cannot stand in for %(user)s: choose a colleague of the same"
                        " company.",
                        stand_in=stand_in.name,
                        user=absence.user_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_create(vals)
        absences = super().create(vals_list)
        absences._follow()
        return absences

    def write(self, vals):
        self._check_write(vals)
        before = self._snapshot(vals)
        result = super().write(vals)
        self._follow(before)
        return result

    def _check_create(self, vals):
        self._check_protected(vals, with_defaults=True)
        return super()._check_create(vals)

    def _check_write(self, vals):
        super()._check_write(vals)
        self._check_protected(vals)
        if "user_id" in vals and any(one.user_id.id != vals["user_id"] for one in self):
            raise UserError(self.env._("The absent user does not change: enter a new absence."))

    def _follow(self, before=None):
        changed = self._changed(before, "date_from", "date_to", "stand_in_id")
        if before is not None and changed:
            changed._record({"error": False})
        changed._keep_up()
        return super()._follow(before)

    @api.ondelete(at_uninstall=False)
    def _unlink_and_end(self):
        for absence in self.filtered("date_ended"):
            raise UserError(
                self.env._(
                    "The absence of %(user)s from %(day)s has ended: it stays on record.",
                    user=absence.user_id.name,
                    day=absence.date_from,
                )
            )
        self._running()._end()

    def action_back(self):
        """End the absence now: the user gets back what is still open."""
        self.check_access("write")
        self._running()._end()

    def _running(self):
        return self.filtered(lambda absence: absence.date_begun and not absence.date_ended)

    def _day(self):
        """Return which day it is for the absent user."""
        # When a colleague is there is not confidential.
        return self.sudo().user_id._customer_day()

    def _last_moment(self):
        """Return the end of the last day away, naive UTC."""
        return worktime.end_of_local_day(self.date_to, self._zone())

    def _zone(self):
        return self.sudo().user_id._customer_zone()

    def _keep_up(self):
        """Begin absences whose first day has come, and end those whose last day is over."""
        for absence in self.filtered(lambda one: not one.date_ended):
            day = absence._day()
            if absence.date_from <= day <= absence.date_to:
                absence._begin()
            elif absence.date_to < day:
                absence._end()
            elif absence.date_begun:
                absence._record({"date_begun": False})
                absence._give_back()

    def _begin(self):
        """Pass on what is open and due during the absences; nothing else about it changes."""
        # The right to write the absence is enough to move the work.
        for absence in self.sudo():
            absence.date_begun = absence.date_begun or fields.Datetime.now()
            away = self._away()
            for work in self.env["customer.work.mixin"]._work_models():
                due = work._open_work_domain() & work._due_work_domain(
                    absence._last_moment(), absence._zone()
                )
                records = work.sudo().search(due & Domain("user_id", "=", absence.user_id.id))
                stand_ins = {absence.user_id: absence.stand_in_id}
                records._give(records._substitutes(stand_ins, away), is_meanwhile=True)

    def _end(self):
        """Give back what the stand-ins did not finish."""
        self._record({"date_ended": fields.Datetime.now(), "error": False})
        self._give_back()

    def _give_back(self):
        # As in `_begin`.
        back = self.sudo().user_id.filtered("active") - self._away()
        for work in self.env["customer.work.mixin"]._work_models():
            records = work.sudo().search(
                work._open_work_domain() & Domain("absent_user_id", "in", back.ids)
            )
            records._give({record: record.absent_user_id for record in records})

    @api.model
    def _away(self):
        """Return who is away now."""
        # Everyone who distributes work considers who is away.
        return self._open_now().user_id

    @api.model
    def _stand_ins(self):
        """Return who is away now and who stands in, which may be no one: ``{user: user}``."""
        return {absence.user_id: absence.stand_in_id for absence in self._open_now()}

    @api.model
    def _open_now(self):
        return self.sudo().search([("date_begun", "!=", False), ("date_ended", "=", False)])

    @api.model
    def _days_away(self, users, first, last):
        """Return the days users are away between two days: ``{user: set of days}``."""
        # As for `_away`.
        rows = self.sudo().search(
            [
                ("user_id", "in", users.ids),
                ("date_ended", "=", False),
                ("date_from", "<=", last),
                ("date_to", ">=", first),
            ]
        )
        days = {}
        for row in rows:
            start, end = max(row.date_from, first), min(row.date_to, last)
            days.setdefault(row.user_id, set()).update(
                start + timedelta(days=number) for number in range((end - start).days + 1)
            )
        return days

    @api.model
    def _due_domain(self):
        """Return the domain of absences that may begin, run or end, in any time zone.

        What is new for a user who is away is passed on at each run, and what failed is tried
        again.
        """
        tomorrow = worktime.local_day(fields.Datetime.now(), "UTC") + ONE_DAY
        return Domain("date_ended", "=", False) & Domain("date_from", "<=", tomorrow)

    @api.model
    def _cron_keep_up(self):
        """Pass on the work of users who are away from today on, and give it back afterwards."""
        cron = self.env["ir.cron"]
        due = self.search(self._due_domain(), order="date_from, id").sorted(
            lambda one: bool(one.error)
        )
        cron._commit_progress(remaining=len(due))
        for absence in due:
            absence._run_one(lambda one: one._try_again(), Domain("date_ended", "=", False))
            if not cron._commit_progress(1):
                break

    def _try_again(self):
        self._keep_up()
        self.filtered("error")._record({"error": False})

    def _park(self, error):
        is_new = not self.error
        self._record({"error": masking.error(error)})
        _logger.warning("Absence %s is set aside: %s", self.id, self.error)
        if is_new:
            self._notify_of_error()

    def _notify_of_error(self):
        """Notify the leaders of the user, once, that the work could not be passed on."""
        # Who leads a team is not confidential.
        user = self.sudo().user_id
        leaders = user.customer_team_ids.leader_id or self.env.ref(MANAGER).sudo().all_user_ids
        receivers = leaders.filtered(lambda one: user.company_id in one.company_ids) - user
        title = self.env._("The work of %s could not be passed on", user.name)
        self.env["mail.thread"].message_notify(
            partner_ids=receivers.partner_id.ids, subject=title, body=self.sudo().error
        )
