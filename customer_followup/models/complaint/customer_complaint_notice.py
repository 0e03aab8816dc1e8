import logging
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, format_datetime

from ...tools import masking
from .customer_complaint_promise import MET, VOID

_logger = logging.getLogger(__name__)
BATCH = 500
PAUSE = timedelta(hours=1)


class CustomerComplaintNotice(models.Model):
    """One thing that one person is to be told about a promise, once."""

    _name = "customer.complaint.notice"
    _description = "Notice about a Promise"
    _inherit = ["customer.bulk.mixin", "customer.batch.mixin"]
    _order = "id desc"
    _rec_name = "code"

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    promise_id = fields.Many2one(
        "customer.complaint.promise", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    code = fields.Selection(
        [("warning", "Soon over"), ("missed", "Broken"), ("step", "Step of the ladder")],
        required=True,
        readonly=True,
    )
    level = fields.Integer(string="Step", required=True, readonly=True)
    is_urgent = fields.Boolean(string="At once", readonly=True)
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
    error = fields.Text(readonly=True)

    # Whatever runs twice, nobody is told twice.
    _once_uniq = models.UniqueIndex(
        "(promise_id, user_id, code, level)", "This person was told that already."
    )
    # The scheduled action: what may be sent now.
    _send_idx = models.Index("(date_send) WHERE state = 'waiting'")
    # When a person was last told something.
    _user_idx = models.Index("(user_id, date_sent) WHERE state = 'sent'")

    @api.model
    def _tell(self, told):
        """Note what people are to be told: ``[(user, promise, code, step)]``."""
        now = fields.Datetime.now()
        self._insert(
            [
                {
                    "user_id": user.id,
                    "promise_id": promise.id,
                    "company_id": promise.company_id.id,
                    "code": code,
                    "level": level,
                    "is_urgent": promise.complaint_id.nature == "safety",
                    "state": "waiting",
                    "date_send": now,
                }
                for user, promise, code, level in dict.fromkeys(told)
            ]
        )

    @api.model
    def _send_batch(self):
        """Tell people what they must know by now, each in one message; return how much it was."""
        query = SQL(
            """SELECT id FROM customer_complaint_notice
                WHERE state = 'waiting' AND date_send <= %s
                ORDER BY user_id, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            fields.Datetime.now(),
            BATCH,
        )
        try:
            # Whoever is told need not be allowed to see what others are told.
            notices = self.sudo()._lock(query)
            waiting = notices - notices._drop_moot()
            for mine in waiting._put_off().grouped("user_id").values():
                mine._each_safely(lambda some: some._send())
            return len(notices)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Another process told these people meanwhile: look again.
            self.env.cr.rollback()
            self.env.invalidate_all()
            return BATCH

    def _drop_moot(self):
        """Leave out, and return, what is done by now or what a person must not know any more."""
        moot = self.filtered(
            lambda notice: (
                notice.promise_id.state in (MET, VOID)
                or not notice.user_id.active
                or not notice.promise_id.complaint_id._may_know(notice.user_id)
            )
        )
        moot.state = "moot"
        return moot

    def _put_off(self):
        """Return what may be sent now: in working time, and no more than once an hour.

        What concerns somebody's safety waits for nothing.
        """
        urgent = self.filtered("is_urgent")
        now = fields.Datetime.now()
        last = dict(
            self._read_group(
                [("user_id", "in", self.user_id.ids), ("date_sent", ">", now - PAUSE)],
                ["user_id"],
                ["date_sent:max"],
            )
        )
        ready, known = urgent, {}
        for user, mine in (self - urgent).grouped("user_id").items():
            moment = mine[0]._next_moment(last.get(user), now, known)
            if moment <= now:
                ready |= mine
            else:
                mine.date_send = moment
        return ready

    def _next_moment(self, last, now, known):
        """Return when this person may be told something, not before ``now``.

        :param last: when he was last told something, if within the hour
        :param known: hours found already
        """
        moment = max(now, last + PAUSE) if last else now
        calendar = self.user_id.resource_calendar_id or self.company_id.resource_calendar_id
        hours = self.promise_id._hours(calendar, self.company_id, known)
        return next((opens for opens, _closes in hours.open_from(moment)), moment)

    def _send(self):
        """Send these notices of one person as one message."""
        user = self.user_id
        notices = self.with_context(lang=user.lang, tz=user.tz or self.env.company.partner_id.tz)
        count = len(notices.promise_id)
        self.env["mail.thread"].with_context(lang=user.lang).message_notify(
            partner_ids=user.partner_id.ids,
            subject=notices.env._("Promises to customers: %s to look at", count),
            body=Markup("<ul>%s</ul>")
            % Markup("").join(notices.mapped(CustomerComplaintNotice._line)),
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
        )
        self.write({"state": "sent", "date_sent": fields.Datetime.now()})

    def _line(self):
        """Return one notice as an item of a list: the number and neutral facts, nobody's data."""
        promise = self.promise_id
        codes = dict(self._fields["code"]._description_selection(self.env))
        what = dict(promise._fields["kind"]._description_selection(self.env))[promise.kind]
        text = self.env._(
            "%(promise)s until %(moment)s: %(fact)s",
            promise=what,
            moment=format_datetime(self.env, promise.date_deadline)
            if promise.date_deadline
            else "",
            fact=codes["missed" if promise.state == "missed" else "warning"],
        )
        return Markup('<li><a href="/odoo/complaints/%s">%s</a> %s</li>') % (
            promise.complaint_id.id,
            promise.complaint_id.name,
            text,
        )

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
        stuck.write({"state": "waiting", "error": False})
        return True
