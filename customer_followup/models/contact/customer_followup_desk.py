from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import gate, worktime
from ..ground.system import yes_or_no
from .customer_followup import DONE, OPEN_STATES, WAITING

DESK = "customer_followup.customer_followup_action_desk"
OVERDUE, TODAY, WAIT, LATER, DONE_TODAY = "overdue", "today", "waiting", "later", "done"
# In which order an agent takes the contacts of a column.
ORDER = "priority desc, date_deadline, id"
# How many contacts are tried to find one that can be made now.
NEXT_AT_ONCE = 40
# Memory to count the cards of each column, for all rows of a company.
WORK_MEM = "32MB"


class CustomerFollowup(models.Model):
    """The columns of the Desk, and the order in which an agent works through them."""

    _inherit = "customer.followup"

    bucket = fields.Selection(
        [
            (OVERDUE, "Overdue"),
            (TODAY, "Today"),
            (WAIT, "Waiting"),
            (LATER, "Later"),
            (DONE_TODAY, "Done today"),
        ],
        string="Desk",
        compute="_compute_bucket",
        inverse="_inverse_bucket",
        search="_search_bucket",
        group_expand=True,
        help="The column of the Desk, by the user's day.",
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    is_failed = fields.Boolean(
        string="Not delivered",
        compute="_compute_failure",
        search="_search_is_failed",
        help="The message could not be sent, or came back: the customer has not received it.",
    )
    failure = fields.Char(
        string="Why not delivered", compute="_compute_failure", help="What the message met."
    )

    # The first cards of each column on a Desk with the contacts of many agents.
    _card_idx = models.Index(
        "(priority DESC, date_deadline, id)"
        " WHERE state IN ('planned', 'waiting') OR is_undelivered IS TRUE"
    )

    @api.model
    def _desk_moments(self):
        """Return now, and the start of the user's today and tomorrow, as naive UTC."""
        now = fields.Datetime.now()
        zone = self._reader_zone()
        today = worktime.local_day(now, zone)
        tomorrow = today + timedelta(days=1)
        return now, worktime.at_local(today, 0, zone), worktime.at_local(tomorrow, 0, zone)

    @api.depends(
        "state", "date_planned", "date_deadline", "date_done", "is_paused", "is_undelivered"
    )
    @api.depends_context("tz", "uid")
    def _compute_bucket(self):
        now, today, tomorrow = self._desk_moments()
        for followup in self:
            followup.bucket = followup._bucket_at(now, today, tomorrow)

    def _bucket_at(self, now, today, tomorrow):
        if self.state == DONE:
            return DONE_TODAY if self.date_done and self.date_done >= today else False
        is_open = self.state in OPEN_STATES
        if not (is_open or self.is_undelivered) or not self.date_planned or not self.date_deadline:
            return False
        if is_open and (self.is_paused or self.state == WAITING and self.date_planned > now):
            return WAIT
        if self.date_deadline < today:
            return OVERDUE
        return TODAY if self.date_planned < tomorrow else LATER

    def _inverse_bucket(self):
        raise UserError(
            self.env._("Record an outcome: open the contact, or drop it on Done today or Waiting.")
        )

    def _search_bucket(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._bucket_domain(bucket) for bucket in value)

    @api.model
    def _bucket_domain(self, bucket):
        now, today, tomorrow = self._desk_moments()
        done_today = Domain("state", "=", DONE) & Domain("date_done", ">=", today)
        waits = Domain("state", "=", WAITING) & Domain("date_planned", ">", now)
        waits |= Domain("is_paused", "=", True)
        is_open = Domain("state", "in", OPEN_STATES)
        is_undelivered = Domain("is_undelivered", "=", True)
        acts = is_open & ~waits | is_undelivered & ~is_open
        late = Domain("date_deadline", "<", today)
        begun = Domain("date_planned", "<", tomorrow)
        return {
            DONE_TODAY: done_today,
            WAIT: is_open & waits,
            OVERDUE: acts & late,
            TODAY: acts & ~late & begun,
            LATER: acts & ~late & ~begun,
            False: ~is_open & ~is_undelivered & ~done_today,
        }.get(bucket, Domain.FALSE)

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "bucket":
            return super()._read_group_groupby(alias, groupby_spec, query)
        self._raise_work_mem()
        now, today, tomorrow = self._desk_moments()
        return SQL(
            """CASE WHEN %(state)s = 'done' AND %(done)s >= %(today)s THEN 'done'
                WHEN %(state)s NOT IN ('planned', 'waiting') AND %(undelivered)s IS NOT TRUE
                     THEN NULL
                WHEN %(state)s IN ('planned', 'waiting') AND %(paused)s
                     OR %(state)s = 'waiting' AND %(planned)s > %(now)s THEN 'waiting'
                WHEN %(deadline)s < %(today)s THEN 'overdue'
                WHEN %(planned)s < %(tomorrow)s THEN 'today'
                ELSE 'later' END""",
            state=self._field_to_sql(alias, "state", query),
            undelivered=self._field_to_sql(alias, "is_undelivered", query),
            paused=self._field_to_sql(alias, "is_paused", query),
            done=self._field_to_sql(alias, "date_done", query),
            planned=self._field_to_sql(alias, "date_planned", query),
            deadline=self._field_to_sql(alias, "date_deadline", query),
            now=now,
            today=today,
            tomorrow=tomorrow,
        )

    @api.model
    def _raise_work_mem(self):
        # PostgreSQL expects one group per date, and would sort all rows on disk.
        self.env.execute_query(
            SQL(
                """SELECT set_config('work_mem', %(room)s, true)
                    WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes(%(room)s)""",
                room=WORK_MEM,
            )
        )

    @api.model
    @api.readonly
    def formatted_read_group(self, domain, groupby=(), *args, **kwargs):
        """Fold the column *Later* of the Desk."""
        groups = super().formatted_read_group(domain, groupby, *args, **kwargs)
        if list(groupby) == ["bucket"] and self.env.context.get("read_group_expand"):
            for group in groups:
                group["__fold"] = group["bucket"] == LATER
        return groups

    @api.depends("state", "date_deadline", "is_paused")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for followup in self:
            followup.is_late = bool(
                followup.state in OPEN_STATES
                and not followup.is_paused
                and followup.date_deadline
                and followup.date_deadline < now
            )

    def _search_is_late(self, operator, value):
        late = (
            Domain("state", "in", OPEN_STATES)
            & Domain("is_paused", "=", False)
            & Domain("date_deadline", "<", fields.Datetime.now())
        )
        return yes_or_no(operator, value, late)

    @api.depends("state", "error", "close_code", "is_undelivered")
    @api.depends_context("lang")
    def _compute_failure(self):
        for followup in self:
            is_unsent = followup.state in OPEN_STATES and bool(followup.error)
            followup.is_failed = followup.is_undelivered or is_unsent
            followup.failure = is_unsent and followup.error
            if followup.is_undelivered:
                followup.failure = followup._reason_text(followup.close_code)

    def _search_is_failed(self, operator, value):
        is_unsent = Domain("state", "in", OPEN_STATES) & Domain("error", "!=", False)
        return yes_or_no(operator, value, Domain("is_undelivered", "=", True) | is_unsent)

    def action_take(self):
        """Make the current user the agent of contacts that have none."""
        self.check_access("read")
        free = self.filtered(lambda one: not one.user_id and one.state in OPEN_STATES)
        free.user_id = self.env.user
        return True

    def action_desk_drop(self, bucket):
        """Open the dialog for a card that was dropped on the column ``bucket``."""
        self.ensure_one()
        self.check_access("write")
        if bucket not in (DONE_TODAY, WAIT) or self.state not in OPEN_STATES:
            self._inverse_bucket()
        waits = ["callback", "retry"]
        effects = waits if bucket == WAIT else ["close", "refuse", "stop", "block"]
        return self._action_close({"customer_effects": effects})

    def action_next(self):
        """Open the agent's next contact that may be made now, or the Desk if there is none."""
        self.check_access("read")
        following = self._next_to_make()
        if following:
            # Not the action of the Desk: its address in the browser would open this contact.
            return {
                "type": "ir.actions.act_window",
                "name": following.display_name,
                "res_model": self._name,
                "res_id": following.id,
                "views": [(False, "form")],
            }
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": self._none_left_text(), "type": "info", "next": DESK},
        }

    def _next_to_make(self):
        """Return the contact the agent makes after these: overdue ones first, then today's."""
        for bucket in (OVERDUE, TODAY):
            asked = 0
            # The gate is asked about some at a time, until it allows one.
            while waiting := self.search(
                self._mine(bucket), order=ORDER, limit=NEXT_AT_ONCE, offset=asked
            ):
                verdicts = waiting._gate()
                allowed = waiting.filtered(lambda one, v=verdicts: v[one.id].state == gate.ALLOWED)
                if allowed:
                    return allowed[0]
                asked += len(waiting)
        return self.browse()

    def _mine(self, *buckets):
        """Return the domain of the user's contacts that can be made now, without these."""
        return (
            Domain("id", "not in", self.ids)
            & Domain("user_id", "=", self.env.uid)
            & Domain("bucket", "in", buckets)
            & Domain("date_planned", "<=", fields.Datetime.now())
            & Domain("channel_id.is_automatic", "=", False)
        )

    def _none_left_text(self):
        left = self.search_count(self._mine(OVERDUE, TODAY))
        if left:
            return self.env._(
                "%s customers are due, but it is outside their contact hours now.", left
            )
        return self.env._("There are no more customers to contact now.")
