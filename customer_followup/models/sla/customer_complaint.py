import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ...tools import masking
from ..complaint.customer_complaint import CLOSED
from ..complaint.customer_complaint_contact import ACKNOWLEDGED
from ..ground.customer_succession_mixin import LEADERS, STAND_IN
from .customer_complaint_fulfilment import INFORMED_RESULTS, SILENT_RESULTS
from .customer_complaint_promise import VOID
from .customer_hours_mixin import MAX_IMMEDIATE
from .customer_sla_policy import CRITERIA
from .customer_sla_target import CLOSURE, FIRST_ANSWER, PROGRESS, SURVEY

_logger = logging.getLogger(__name__)
SAFETY = "safety"
# The fields that decide which policies match a complaint.
MATCHED = {*CRITERIA, "partner_id", "company_id", "team_id", "date_received"}


class CustomerComplaint(models.Model):
    """A complaint with promises, made by the policies that match it."""

    _name = "customer.complaint"
    _inherit = ["customer.complaint", "customer.batch.mixin"]
    _protected_fields = frozenset({"date_asked", "date_reminded", "date_replied", "is_match_due"})
    _followed_fields = frozenset({*MATCHED, "nature", "satisfaction", "stage_id", "user_id"})

    promise_ids = fields.One2many(
        "customer.complaint.promise", "complaint_id", string="Promises", readonly=True
    )
    clock_ids = fields.One2many("customer.complaint.clock", "complaint_id", readonly=True)
    is_match_due = fields.Boolean(
        readonly=True,
        copy=False,
        help="Policies have changed: the scheduled action of promises matches it with them again.",
    )

    # What is marked, of all complaints.
    _match_due_idx = models.Index("(id) WHERE is_match_due")

    @api.depends("promise_ids.date_deadline", "promise_ids.kind", "promise_ids.state")
    def _compute_date_deadline(self):
        """Use the deadline of the last closing promise, else that of the category."""
        result = super()._compute_date_deadline()
        closures = self.sudo().promise_ids.filtered(
            lambda promise: promise.kind == CLOSURE and promise.state != VOID
        )
        for promise in closures.sorted("id"):
            promise.complaint_id.date_deadline = promise.date_deadline
        return result

    def _prepare_write(self, vals):
        vals = super()._prepare_write(vals)
        if "stage_id" in vals:
            self._go_on_before_stage(vals["stage_id"])
        if "user_id" in vals:
            # Overdue promises were missed by the previous handler, not by the next one.
            self.sudo().promise_ids._note_broken()
        return vals

    def _follow(self, before=None):
        super()._follow(before)
        if before is None:
            self._promise()
        else:
            self._move_promises(before)
            self._follow_stages(before)
            # The former customer was asked.
            self._of_another_customer(before)._go_on()
            self._rematch_changed(before)
            self._changed(before, "satisfaction").filtered("satisfaction")._surveys()._void()
            self._changed(before, "user_id").sudo()._pass_reminders()

    def _conclude(self, before):
        super()._conclude(before)
        self._changed(before, "nature")._notify_of_safety()

    def _conclude_creation(self):
        super()._conclude_creation()
        self._notify_of_safety()

    def _note_contact(self, result, *args, **kwargs):
        noted = super()._note_contact(result, *args, **kwargs)
        # A message informs the customer when it has left.
        if result in INFORMED_RESULTS and not kwargs.get("message"):
            self._contacted()
        if result not in SILENT_RESULTS:
            self._go_on()
        if result == "replied":
            self._note_reply()
        elif result in ("informed", "asked") and not kwargs.get("message"):
            self._await_again()
        return noted

    def _message_left(self, entry):
        result = super()._message_left(entry)
        self._contacted(is_automatic=entry.result == ACKNOWLEDGED, moment=entry.date)
        # What was written before the customer's reply does not answer it.
        if entry.result == "informed":
            self.filtered(
                lambda one: one.date_replied and one.date_replied <= entry.create_date
            )._await_again()
        return result

    def _message_failed(self, entry, was_sent):
        result = super()._message_failed(entry, was_sent)
        if was_sent:
            self._take_back(entry.date)
        return result

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        if self._is_seen_by_customer(message):
            self._contacted(is_automatic=message.message_type not in ("comment", "email"))
        return result

    @api.model
    def _due_work_domain(self, until, zone):
        # A first answer is due long before the complaint is closed.
        return super()._due_work_domain(until, zone) | Domain("date_next", "<=", until)

    def _park(self, error):
        if self.is_match_due:
            self._park_match(error)
        else:
            self._park_reminder(error)

    def _move_promises(self, before):
        """Move promises to the new company of their complaint."""
        for company, moved in (
            self._changed(before, "company_id").sudo().grouped("company_id").items()
        ):
            moved.promise_ids.company_id = company
            moved.clock_ids.company_id = company

    def _rematch_changed(self, before):
        changed = self._changed(before, *MATCHED)
        if changed:
            received = {
                one: before[one].get("date_received", one.date_received) for one in changed.sudo()
            }
            changed._rematch(received)

    def _promise(self, kinds=None):
        """Create the promises of complaints by their policies.

        :param kinds: only promises of these kinds
        """
        # Users have no write access to promises, but any handler records complaints.
        complaints = self.sudo().filtered(lambda complaint: complaint.state != CLOSED)
        moments = {complaint: complaint.date_received for complaint in complaints}
        self.env["customer.complaint.clock"].sudo()._begin(moments)
        made = complaints._make_promises(
            {
                complaint: {
                    target: complaint.date_received
                    for kind, target in targets.items()
                    if kind not in complaint._done_already() and (not kinds or kind in kinds)
                }
                for complaint, targets in complaints._targets().items()
            }
        )
        made._mark_missed_on_creation()

    def _done_already(self):
        """Return the kinds not to promise: they are met, or like surveys follow the closing."""
        done = {SURVEY} | self._kinds_met_by_stage()
        return done | {FIRST_ANSWER} if self.date_answered else done

    def _targets(self):
        """Return the targets of each complaint: ``{complaint: {kind: target}}``.

        For each kind the most specific policy decides; among equal ones, the shortest time.
        """
        policies, known, hours = self.env["customer.sla.policy"]._running(), {}, {}
        found = {}
        for complaint in self:
            key = tuple(complaint[name] for name in (*CRITERIA, "company_id"))
            if key not in known:
                known[key] = policies._candidates(complaint)
            found[complaint] = {
                kind: complaint._shortest(targets, hours) for kind, targets in known[key].items()
            }
        return found

    def _shortest(self, targets, hours):
        if len(targets) == 1:
            return targets[0]
        promises = self.env["customer.complaint.promise"]
        return min(targets, key=lambda one: promises._clock_of(self, one, hours).deadline)

    def _make_promises(self, targets, earliest=None):
        """Create promises.

        :param targets: ``{complaint: {target: start of its time}}``
        :param earliest: new start of promises whose deadline would be before it
        """
        promises, hours = self.env["customer.complaint.promise"].sudo(), {}
        rows = (
            self.env["customer.complaint.clock"].sudo().search([("complaint_id", "in", self.ids)])
        )
        ledgers = rows.grouped("complaint_id")
        made = promises._insert(
            [
                promises._prepare_vals(
                    complaint, target, start, hours, ledgers.get(complaint, rows[:0]), earliest
                )
                for complaint in self
                for target, start in targets.get(complaint, {}).items()
            ]
        )
        promises = promises.browse(made)
        promises._trigger_tick(promises.mapped("date_check"))
        return promises

    def _promise_again(self, *kinds):
        """Create new promises of these kinds, starting now."""
        running = self.sudo().filtered(lambda complaint: complaint.state != CLOSED)
        now = fields.Datetime.now()
        running._make_promises(
            {
                complaint: {targets[kind]: now for kind in kinds if kind in targets}
                for complaint, targets in running._targets().items()
            }
        )

    def _promise_survey(self):
        targets = self._targets() if self else {}
        now = fields.Datetime.now()
        self._make_promises(
            {one: {kinds[SURVEY]: now} for one, kinds in targets.items() if SURVEY in kinds}
        )

    def _rematch(self, received=None):
        """Match changed complaints with policies again and log what changes.

        Kept and broken promises stay as they are, and pending ones keep their start. A promise
        that is new or has another time is never broken from the beginning.

        :param received: previous dates of receipt, ``{complaint: date}``
        """
        # As for `_promise`.
        running = self.sudo().filtered(lambda complaint: complaint.state != CLOSED)
        running.invalidate_recordset(["tier_id"], flush=False)
        before = {one: one.date_deadline for one in running.promise_ids._pending()}
        missing, now = {}, fields.Datetime.now()
        corrected = self.env["customer.complaint.promise"]
        for complaint, targets in running._targets().items():
            pending = complaint.promise_ids._pending()
            old = (received or {}).get(complaint, complaint.date_received)
            if old != complaint.date_received:
                moved = pending.filtered(lambda one, old=old: one.date_start == old)
                moved.date_start = complaint.date_received
                corrected |= moved
            pending._apply_targets(targets)
            complaint.promise_ids._follow_policies(targets)
            known = {*complaint.promise_ids.filtered(lambda one: one.state != VOID).mapped("kind")}
            known |= complaint._done_already()
            missing[complaint] = {
                target: (complaint._last_contact() or now)
                if kind == PROGRESS
                else complaint.date_received
                for kind, target in targets.items()
                if kind not in known
            }
        running.promise_ids._recompute_deadlines(corrected)
        made = running._make_promises(missing, now)
        running._note_changes(before, made)

    def _last_contact(self):
        """Return the moment of the last contact with the customer, else ``None``."""
        informed = self.contact_ids.filtered(lambda one: one.result in INFORMED_RESULTS)
        contacts = informed._has_reached().mapped("date")
        answers = self.promise_ids.filtered(lambda one: one.kind in (FIRST_ANSWER, PROGRESS))
        return max(
            filter(None, [self.date_answered, *contacts, *answers.mapped("date_met")]), default=None
        )

    @api.model
    def _rematch_open(self, domain):
        """Match the open complaints of a domain with policies again."""
        # Working hours and tiers apply to all complaints, including those the user may not read.
        self.sudo().search(Domain(domain) & Domain("state", "!=", CLOSED))._rematch_soon()

    def _rematch_soon(self):
        """Match complaints with policies again, many by the scheduled action; say if it is done."""
        if len(self) <= MAX_IMMEDIATE:
            self._rematch()
            return True
        # Users have no write access to what policies say.
        self.sudo()._record_plainly({"is_match_due": True})
        self.env["customer.complaint.promise"]._trigger_tick([fields.Datetime.now()])
        return False

    @api.model
    def _rematch_batch(self):
        """Match one batch of marked complaints again, and return the number of them."""
        query = SQL(
            """SELECT id FROM customer_complaint WHERE is_match_due ORDER BY id LIMIT %s
                  FOR NO KEY UPDATE SKIP LOCKED""",
            MAX_IMMEDIATE,
        )
        return self.sudo()._run_batch(query, lambda some: some._rematch_marked())

    def _rematch_marked(self):
        self._record_plainly({"is_match_due": False})
        self._rematch()

    def _park_match(self, error):
        """Keep the promises of a complaint that cannot be matched, and say so in its chatter."""
        self._set_aside({"is_match_due": False})
        text = masking.error(error)
        _logger.warning("Complaint %s is not matched with policies again: %s", self.id, text)
        self._message_log(body=self.env._("The promises could not follow the policies: %s", text))

    def _note_changes(self, before, made):
        """Log in the chatter which promises are new, void, or have another deadline."""
        lines = defaultdict(list)
        for promise in [*before, *made]:
            if promise in made or promise.state == VOID:
                was = None
            elif promise.date_deadline == before[promise]:
                continue
            else:
                was = before[promise]
            lines[promise.complaint_id.id].append(self._change_text(promise, was))
        bodies = {
            id_: Markup("%s<ul>%s</ul>")
            % (
                self.env._("The promises have changed:"),
                Markup("").join(Markup("<li>%s</li>") % line for line in some),
            )
            for id_, some in lines.items()
        }
        self.browse(bodies)._message_log_batch(bodies)

    def _change_text(self, promise, was):
        kind = dict(promise._fields["kind"]._description_selection(self.env))[promise.kind]
        if promise.state == VOID:
            return self.env._("%(promise)s: no longer needed", promise=kind)
        # In the time zone of the company, as readers may be in different zones.
        zone = promise.company_id._customer_zone()
        until = (
            f"{format_datetime(self.env, promise.date_deadline, tz=zone)} ({zone})"
            if promise.date_deadline
            else self.env._("none while the clock is paused")
        )
        if was:
            return self.env._(
                "%(promise)s: deadline %(until)s, previously %(was)s",
                promise=kind,
                until=until,
                was=format_datetime(self.env, was, tz=zone),
            )
        if promise.date_start > promise.complaint_id.date_received:
            return self.env._(
                "%(promise)s: deadline %(until)s, counted from %(start)s",
                promise=kind,
                until=until,
                start=format_datetime(self.env, promise.date_start),
            )
        return self.env._("%(promise)s: deadline %(until)s", promise=kind, until=until)

    def _notify_of_safety(self):
        """Notify the handler and all leaders above of safety cases, each user once for a case."""
        # Excluded users and team leaders are read; only notices are created from them.
        cases = self.sudo().filtered(lambda one: one.nature == SAFETY and one.state != CLOSED)
        if not cases:
            return
        away = self.env["customer.absence"]._stand_ins()
        self.env["customer.complaint.notice"].sudo()._note_safety(
            {case: case._safety_users(away) for case in cases}
        )
        self.env["customer.complaint.promise"]._trigger_tick([fields.Datetime.now()])

    def _safety_users(self, away):
        levels = self._levels()
        users = self.user_id.union(*levels).filtered("active")
        users = self._filter_allowed(users) or self._decision_maker()
        return users | self._acting_for(users, away)

    def _acting_for(self, users, away):
        """Return who acts for the absent ones of ``users``: a stand-in, else a leader above.

        :param away: absent users with their stand-ins, ``{user: user}``
        """
        absent = self.env["res.users"].union(*away)
        conditions = {"levels": (STAND_IN, LEADERS), "stand_ins": away, "away": absent}
        return absent.browse().union(
            *(self._successor(user, **conditions) for user in users & absent)
        )
