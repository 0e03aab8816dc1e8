from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from .customer_complaint import CLOSED
from .customer_complaint_fact import SPOKEN
from .customer_complaint_promise import VOID
from .customer_sla_policy import CRITERIA
from .customer_sla_target import CLOSURE, FIRST_ANSWER, PROGRESS, SURVEY

CHOOSING = {*CRITERIA, "partner_id", "company_id", "team_id", "date_received"}


class CustomerComplaint(models.Model):
    """A complaint makes promises, by the policies that hold for it."""

    _inherit = "customer.complaint"

    promise_ids = fields.One2many(
        "customer.complaint.promise", "complaint_id", string="Promises", readonly=True
    )
    clock_ids = fields.One2many("customer.complaint.clock", "complaint_id", readonly=True)
    date_deadline = fields.Datetime(
        readonly=True, help="When closing is promised; empty while that clock stands still."
    )

    @api.depends("promise_ids.date_deadline", "promise_ids.kind", "promise_ids.state")
    def _compute_date_deadline(self):
        """Follow the promise to close it, the last one; without any, what the category says."""
        closures = self.sudo().promise_ids.filtered(
            lambda promise: promise.kind == CLOSURE and promise.state != VOID
        )
        by_complaint = {one.complaint_id.id: one for one in closures.sorted("id")}
        for complaint in self:
            promise = by_complaint.get(complaint.id)
            hours = timedelta(hours=complaint.category_id.deadline_hours)
            complaint.date_deadline = (
                promise.date_deadline
                if promise
                else complaint.date_received and complaint.date_received + hours
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_no_deadline(vals)
        context = {**self.env.context}
        # A calendar proposes the day somebody clicked on.
        context.pop("default_date_deadline", None)
        known = self.with_env(self.env(context=context))
        complaints = super(CustomerComplaint, known).create(vals_list)
        complaints = complaints.with_env(self.env)
        complaints._promise()
        return complaints

    def write(self, vals):
        self._check_no_deadline(vals)
        received = {complaint: complaint.date_received for complaint in self}
        result = super().write(vals)
        if "company_id" in vals:
            # Promises are facts; the complaint takes them along.
            self.sudo().promise_ids.company_id = vals["company_id"]
            self.sudo().clock_ids.company_id = vals["company_id"]
        if CHOOSING & vals.keys():
            self._rematch(received)
        return result

    def _check_no_deadline(self, vals):
        if "date_deadline" in vals and not self.env.su:
            raise UserError(
                self.env._("“Solve until” follows from what was promised: it is not set by hand.")
            )

    def _promise(self, kinds=None):
        """Promise to the customers of new complaints what policies say, or these kinds of it."""
        # Promises are facts: nobody makes them by hand, whoever notes a complaint.
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
        """Return the kinds of which nothing is left to promise; surveys wait for the closing."""
        done = {SURVEY} | self._kinds_met_by_stage()
        return done | {FIRST_ANSWER} if self.date_answered else done

    def _targets(self):
        """Return what is promised for each complaint: ``{complaint: {kind: target}}``.

        For each kind the most specific policy decides, and among alike the shortest time.
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
        """Make promises: ``{complaint: {target: moment it counts from}}``.

        :param earliest: what would be over by then counts from then on
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
        """Promise these kinds anew, from now on."""
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
        """Let other policies hold for complaints that changed, and say what that changes.

        What is kept stays kept, what is broken stays broken; times count from where they did. What
        is promised only now is never broken at once.

        :param received: ``{complaint: when it was received before}``
        """
        # As for `_promise`.
        running = self.sudo().filtered(lambda complaint: complaint.state != CLOSED)
        running.invalidate_recordset(["tier_id"], flush=False)
        before = {one: one.date_deadline for one in running.promise_ids._pending()}
        missing, now = {}, fields.Datetime.now()
        for complaint, targets in running._targets().items():
            pending = complaint.promise_ids._pending()
            old = (received or {}).get(complaint)
            pending.filtered(
                lambda one, old=old: one.date_start == old
            ).date_start = complaint.date_received
            pending._follow(targets)
            known = {*complaint.promise_ids.filtered(lambda one: one.state != VOID).mapped("kind")}
            known |= complaint._done_already()
            missing[complaint] = {
                target: (complaint._last_contact() or now)
                if kind == PROGRESS
                else complaint.date_received
                for kind, target in targets.items()
                if kind not in known
            }
        running.promise_ids._recompute_deadlines()
        made = running._make_promises(missing, now)
        running._note_changes(before, made)

    def _last_contact(self):
        """Return when the customer heard of us last, if he did."""
        heard = self.contact_ids.filtered(lambda word: word.result in SPOKEN).mapped("date")
        answers = self.promise_ids.filtered(lambda one: one.kind in (FIRST_ANSWER, PROGRESS))
        return max(
            filter(None, [self.date_answered, *heard, *answers.mapped("date_met")]), default=None
        )

    @api.model
    def _rematch_open(self, domain):
        """Let other policies hold for the open complaints of a domain."""
        # Hours and tiers change for all complaints, also those their author may not see.
        self.sudo().search(Domain(domain) & Domain("state", "!=", CLOSED))._rematch()

    def _note_changes(self, before, made):
        """Say in the chatter which promises are new, gone, or until another time."""
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
                self.env._("What is promised has changed:"),
                Markup("").join(Markup("<li>%s</li>") % line for line in some),
            )
            for id_, some in lines.items()
        }
        self.browse(bodies)._message_log_batch(bodies)

    def _change_text(self, promise, was):
        kind = dict(promise._fields["kind"]._description_selection(self.env))[promise.kind]
        if promise.state == VOID:
            return self.env._("%(promise)s: not needed any more", promise=kind)
        # Whoever reads it may sit elsewhere: the company's time, and which that is.
        zone = promise.company_id._customer_zone()
        until = (
            f"{format_datetime(self.env, promise.date_deadline, tz=zone)} ({zone})"
            if promise.date_deadline
            else self.env._("not while the clock stands still")
        )
        if was:
            return self.env._(
                "%(promise)s: until %(until)s, was %(was)s",
                promise=kind,
                until=until,
                was=format_datetime(self.env, was, tz=zone),
            )
        if promise.date_start > promise.complaint_id.date_received:
            return self.env._(
                "%(promise)s: until %(until)s, counted from %(start)s",
                promise=kind,
                until=until,
                start=format_datetime(self.env, promise.date_start),
            )
        return self.env._("%(promise)s: until %(until)s", promise=kind, until=until)
