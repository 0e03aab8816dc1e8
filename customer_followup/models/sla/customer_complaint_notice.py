import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...tools import masking
from ..ground.groups import ADMIN

_logger = logging.getLogger(__name__)
WARNING, MISSED, STEP, SAFETY = "warning", "missed", "step", "safety"
# The states of e-mails that were not delivered.
FAILED = ("bounce", "exception")


class CustomerComplaintNotice(models.Model):
    """A notice to one user about one event of a complaint or promise."""

    _name = "customer.complaint.notice"
    _description = "SLA Notice"
    _check_company_auto = True
    _inherit = ["customer.bulk.mixin", "customer.batch.mixin"]
    _customer_confidential = "complaint_id.excluded_user_ids"
    _order = "id desc"
    _rec_name = "code"

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    complaint_id = fields.Many2one(
        "customer.complaint",
        compute="_compute_complaint_id",
        store=True,
        precompute=True,
        required=True,
        ondelete="cascade",
    )
    promise_id = fields.Many2one(
        "customer.complaint.promise",
        readonly=True,
        ondelete="cascade",
        help="Empty: the notice is about the complaint itself.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    code = fields.Selection(
        [
            (WARNING, "Due soon"),
            (MISSED, "Broken"),
            (STEP, "Escalation"),
            (SAFETY, "Safety case"),
        ],
        required=True,
        readonly=True,
    )
    level = fields.Integer(
        required=True,
        readonly=True,
        help="Escalation level, or the number of the warning.",
    )
    is_urgent = fields.Boolean(string="Immediate", compute="_compute_is_urgent")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sent", "Sent"),
            ("moot", "No longer needed"),
            ("stuck", "Needs attention"),
        ],
        required=True,
        readonly=True,
    )
    date_send = fields.Datetime(string="Not before", required=True, readonly=True)
    date_sent = fields.Datetime(string="Sent on", readonly=True)
    mail_message_id = fields.Many2one(
        "mail.message",
        string="Message",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    error = fields.Text(readonly=True)

    # No user gets the same notice twice, even if the job is repeated.
    _once_uniq = models.UniqueIndex(
        "(promise_id, user_id, code, level)", "This user was already notified of this."
    )
    _complaint_uniq = models.UniqueIndex(
        "(complaint_id, user_id, code) WHERE promise_id IS NULL",
        "This user was already notified of this complaint.",
    )
    # Pending notices of a complaint.
    _complaint_idx = models.Index("(complaint_id) WHERE state = 'waiting'")
    # For the scheduled action: notices that may be sent now.
    _send_idx = models.Index("(date_send) WHERE state = 'waiting'")
    # The time of the last notice to a user.
    _user_idx = models.Index("(user_id, date_sent) WHERE state = 'sent'")

    @api.depends("promise_id")
    def _compute_complaint_id(self):
        for notice in self:
            notice.complaint_id = notice.promise_id.complaint_id or notice.complaint_id

    @api.depends("complaint_id.nature")
    def _compute_is_urgent(self):
        for notice in self:
            # Users who may read the notice may know its urgency.
            notice.is_urgent = notice.sudo().complaint_id.nature == "safety"

    @api.model
    def _notify_users(self, notices):
        """Create notices about promises: ``[(user, promise, code, level)]``."""
        about = Domain(
            "promise_id", "in", [promise.id for _user, promise, _code, _level in notices]
        )
        self._note(
            [(user, one.complaint_id, one, code, level) for user, one, code, level in notices],
            about,
        )

    @api.model
    def _note_safety(self, users):
        """Create immediate notices about safety cases: ``{complaint: users}``.

        Notices about them that wait for working time are sent immediately, too.
        """
        complaints = self.env["customer.complaint"].union(*users)
        about = Domain("complaint_id", "in", complaints.ids)
        nothing = self.promise_id
        self._note(
            [(user, one, nothing, SAFETY, 1) for one, some in users.items() for user in some],
            about & Domain("promise_id", "=", False),
        )
        # Including notices that were dropped before it became a safety case again.
        again = Domain("code", "=", SAFETY) & Domain("state", "=", "moot")
        waiting = self.search(about & (Domain("state", "=", "waiting") | again))
        waiting.write({"state": "waiting", "date_send": fields.Datetime.now()})

    def _note(self, notices, about):
        """Create the notices that do not exist yet: ``[(user, complaint, promise, code, level)]``.

        :param about: domain of notices that may exist already
        """
        if not notices:
            return
        keys = ["user_id", "complaint_id", "promise_id", "code", "level"]
        known = set(self._read_group(about, keys))
        now = fields.Datetime.now()
        self._insert(
            [
                {
                    "user_id": user.id,
                    "complaint_id": complaint.id,
                    "promise_id": promise.id,
                    "company_id": complaint.company_id.id,
                    "code": code,
                    "level": level,
                    "state": "waiting",
                    "date_send": now,
                }
                for user, complaint, promise, code, level in dict.fromkeys(notices)
                if (user, complaint, promise, code, level) not in known
            ]
        )

    @api.model
    def _follow_mail(self, notifications):
        """Set aside notices that a mail server refused, and mark delivered ones as sent."""
        rows = self.search(
            [
                ("mail_message_id", "in", notifications.mail_message_id.ids),
                ("state", "in", ("sent", "stuck")),
            ]
        )
        if not rows:
            return
        failed = {
            one.mail_message_id: one.failure_reason or one.format_failure_reason()
            for one in notifications
            if one.notification_status in FAILED
        }
        for message, some in rows.grouped("mail_message_id").items():
            if message in failed:
                some.write({"state": "stuck", "error": masking.error(failed[message])})
            else:
                some.write({"state": "sent", "error": False})

    def _park(self, error):
        """Set the notice aside with the reason."""
        self._set_aside({"state": "stuck", "error": masking.error(error)})
        _logger.warning("Notice %s cannot be sent: %s", self.id, self.error)

    def action_retry(self):
        """Send notices again that were set aside, as an administrator."""
        self.check_access("read")
        if not self.env.user.has_group(ADMIN):
            raise AccessError(self.env._("Only administrators can send notices again."))
        # Users have no write access to notices; a retry does not change their content.
        stuck = self.sudo().filtered(lambda notice: notice.state == "stuck")
        stuck.write({"state": "waiting", "error": False, "mail_message_id": False})
        self.env["customer.complaint.promise"]._trigger_tick([fields.Datetime.now()])
        return True
