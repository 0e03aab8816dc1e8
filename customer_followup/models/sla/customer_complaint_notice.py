import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import masking

_logger = logging.getLogger(__name__)
WARNING, MISSED, STEP, SAFETY = "warning", "missed", "step", "safety"
# Of mail that did not arrive.
FAILED = ("bounce", "exception")


class CustomerComplaintNotice(models.Model):
    """One thing that one person is to be told about a complaint or one of its promises, once."""

    _name = "customer.complaint.notice"
    _description = "Notice about a Promise"
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
        help="Empty: it is about the complaint itself.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    code = fields.Selection(
        [
            (WARNING, "Soon over"),
            (MISSED, "Broken"),
            (STEP, "Step of the ladder"),
            (SAFETY, "Safety case"),
        ],
        required=True,
        readonly=True,
    )
    level = fields.Integer(
        string="Step", required=True, readonly=True, help="Of warnings: how many there were."
    )
    is_urgent = fields.Boolean(string="At once", compute="_compute_is_urgent")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sent", "Sent"),
            ("moot", "Not needed any more"),
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

    # Whatever runs twice, nobody is told twice.
    _once_uniq = models.UniqueIndex(
        "(promise_id, user_id, code, level)", "This person was told that already."
    )
    _complaint_uniq = models.UniqueIndex(
        "(complaint_id, user_id, code) WHERE promise_id IS NULL",
        "This person was told of the complaint already.",
    )
    # What waits to be told about a complaint.
    _complaint_idx = models.Index("(complaint_id) WHERE state = 'waiting'")
    # The scheduled action: what may be sent now.
    _send_idx = models.Index("(date_send) WHERE state = 'waiting'")
    # When a person was last told something.
    _user_idx = models.Index("(user_id, date_sent) WHERE state = 'sent'")

    @api.depends("promise_id")
    def _compute_complaint_id(self):
        for notice in self:
            notice.complaint_id = notice.promise_id.complaint_id or notice.complaint_id

    @api.depends("complaint_id.nature")
    def _compute_is_urgent(self):
        for notice in self:
            # Who may read the notice may know that it does not wait.
            notice.is_urgent = notice.sudo().complaint_id.nature == "safety"

    @api.model
    def _notify_users(self, told):
        """Note what people are to be told about promises: ``[(user, promise, code, step)]``."""
        about = Domain("promise_id", "in", [promise.id for _user, promise, _code, _level in told])
        self._note(
            [(user, one.complaint_id, one, code, level) for user, one, code, level in told], about
        )

    @api.model
    def _note_safety(self, users):
        """Note who is to be told at once of safety cases: ``{complaint: users}``.

        What waits to be told about them waits no longer.
        """
        complaints = self.env["customer.complaint"].union(*users)
        about = Domain("complaint_id", "in", complaints.ids)
        nothing = self.promise_id
        self._note(
            [(user, one, nothing, SAFETY, 1) for one, some in users.items() for user in some],
            about & Domain("promise_id", "=", False),
        )
        # As does what seemed settled before it became one again.
        again = Domain("code", "=", SAFETY) & Domain("state", "=", "moot")
        waiting = self.search(about & (Domain("state", "=", "waiting") | again))
        waiting.write({"state": "waiting", "date_send": fields.Datetime.now()})

    def _note(self, told, about):
        """Note what is not noted yet: ``[(user, complaint, promise, code, step)]``.

        :param about: domain of the notices there may be already
        """
        if not told:
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
                for user, complaint, promise, code, level in dict.fromkeys(told)
                if (user, complaint, promise, code, level) not in known
            ]
        )

    @api.model
    def _follow_mail(self, notifications):
        """Set aside what a mail server refused, with the reason; what arrives after all is sent."""
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
        """Set the notice aside, with the reason."""
        self.env.execute_query(
            SQL(
                "UPDATE customer_complaint_notice SET state = 'stuck', error = %s WHERE id = %s"
                " RETURNING id",
                masking.error(error),
                self.id,
            )
        )
        self.invalidate_recordset(["state", "error"], flush=False)
        _logger.warning("Notice %s cannot be sent: %s", self.id, self.error)

    def action_retry(self):
        """Have notices that were set aside sent again."""
        self.check_access("read")
        # Only the scheduled action writes notices; asking it to try again changes no fact.
        stuck = self.sudo().filtered(lambda notice: notice.state == "stuck")
        stuck.write({"state": "waiting", "error": False, "mail_message_id": False})
        self.env["customer.complaint.promise"]._trigger_tick([fields.Datetime.now()])
        return True
