from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import worktime
from .customer_followup_enrollment import ACTIVE, PAUSED, STOPPED, STUCK

SHIFT, COLLAPSE = "shift", "collapse"


class CustomerFollowupEnrollment(models.Model):
    """How a row changes: another start, a pause, another version, a stop."""

    _inherit = "customer.followup.enrollment"

    delay_days = fields.Integer(
        string="Postponed by days", readonly=True, copy=False, help="By all pauses together."
    )
    pause_mode = fields.Selection(
        [
            (SHIFT, "Everything comes later by the length of the pause"),
            (COLLAPSE, "What the pause covered is due when it ends"),
        ],
        string="After the pause",
        readonly=True,
        copy=False,
    )
    pause_note = fields.Char(string="Why paused", readonly=True, copy=False)
    date_paused = fields.Datetime(string="Paused since", readonly=True, copy=False)
    date_resume = fields.Datetime(
        string="Resumes on", readonly=True, copy=False, help="Empty: when it is resumed by hand."
    )
    date_resumed = fields.Datetime(string="Resumed on", readonly=True, copy=False)

    pauses = fields.Json(
        readonly=True,
        copy=False,
        help="The pauses that are over: from, to, and whether later dates moved.",
    )

    # The planner: pauses that are over.
    _resume_idx = models.Index("(date_resume) WHERE state = 'paused' AND date_resume IS NOT NULL")

    def _move(self):
        """Follow a changed start, target or version; later chapters move what is pending."""
        self._record({"date_known": fields.Datetime.now()})
        self._wake()

    def _wake(self):
        """Make the planner process these rows at once."""
        # An agent who ends a contact need not be allowed to change the row.
        rows = self.sudo().filtered(lambda row: row.state in (ACTIVE, PAUSED))
        if rows:
            rows.write({"date_next": fields.Datetime.now(), "is_planned_out": False})
            self._trigger_planners(len(rows))

    @api.model
    def _trigger_planners(self, count):
        """Trigger the scheduled actions that plan ``count`` rows; later chapters have them."""

    @api.model
    def _set_planners(self, count):
        """Set the number of scheduled actions that plan; later chapters have them."""

    @api.model
    def _shift_horizon(self, days):
        """Plan so many days further ahead; for later chapters."""

    def action_pause(self):
        """Open the dialog that pauses the plan."""
        self.check_access("read")
        return self._action_ask("customer.followup.pause", self.env._("Pause the plan"))

    def action_ask_stop(self):
        """Open the dialog that stops the plan."""
        self.check_access("read")
        return self._action_ask("customer.followup.stop", self.env._("Stop the plan"))

    def _action_ask(self, model, title):
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_enrollment_ids": self.ids},
        }

    def _pause(self, mode=SHIFT, note=None, until=None):
        """Pause the rows: nothing comes due until they go on, except what the law requires.

        :param until: when they resume automatically, naive UTC
        """
        for row in self.filtered(lambda row: row.state != ACTIVE):
            raise UserError(
                self.env._("%(enrollment)s is not running.", enrollment=row.display_name)
            )
        if until and until <= fields.Datetime.now():
            raise UserError(self.env._("A pause ends in the future."))
        self._record(
            {
                "state": PAUSED,
                "pause_mode": mode,
                "pause_note": note,
                "date_paused": fields.Datetime.now(),
                "date_resume": until or False,
                "date_resumed": False,
            }
        )

    def action_resume(self):
        """Resume the plan now."""
        self.check_access("read")
        for row in self.filtered(lambda row: row.state != PAUSED):
            raise UserError(
                self.env._("%(enrollment)s is not paused.", enrollment=row.display_name)
            )
        self._resume()

    def _resume(self):
        now = fields.Datetime.now()
        for row in self:
            is_shifted = row.pause_mode == SHIFT
            days = row._pause_length(now) if is_shifted else 0
            pause = [str(row.date_paused), str(now), is_shifted]
            row._record(
                {
                    "state": ACTIVE,
                    "date_resume": False,
                    "date_resumed": now,
                    "delay_days": row.delay_days + days,
                    "pauses": [*(row.pauses or []), pause],
                }
            )
        self._wake()

    def _pause_length(self, moment):
        """Return how many of the customer's days lie between the pause's start and ``moment``."""
        # Only the zone of the customer's day is read.
        zone = self.sudo().partner_id._customer_zone(self.company_id)
        return (worktime.local_day(moment, zone) - worktime.local_day(self.date_paused, zone)).days

    def _change_version(self, version):
        """Move the rows to another version of their plan."""
        self._record({"version_id": version.id})
        self._move()

    def action_stop(self, note=None, code="hand"):
        """Plan no further contact and drop those not yet made."""
        self.check_access("read")
        self._stop(code, note)

    def _stop(self, code, note=None):
        self._check_open()
        self._record(
            {
                "state": STOPPED,
                "date_next": False,
                "error": False,
                "stop_code": code,
                "stop_note": note or False,
            }
        )

    def action_retry(self):
        """Make the planner try again."""
        self.check_access("read")
        stuck = self.filtered(lambda row: row.state == STUCK)
        paused = stuck.filtered(lambda row: row.date_paused and not row.date_resumed)
        paused._record({"state": PAUSED, "error": False})
        (stuck - paused)._record({"state": ACTIVE, "error": False})
        stuck._wake()
