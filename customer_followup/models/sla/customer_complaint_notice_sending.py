from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ..complaint.customer_complaint import CLOSED
from .customer_complaint_notice import MISSED, WARNING
from .customer_complaint_promise import MET, OPEN, PAUSED, VOID

BATCH = 500
PAUSE = timedelta(hours=1)


class CustomerComplaintNotice(models.Model):
    """Sending of notices: one message per user in their working time, or immediately for safety."""

    _inherit = "customer.complaint.notice"

    @api.model
    def _send_batch(self):
        """Send one batch of due notices, one message per user; return the number of notices."""
        query = SQL(
            """SELECT notice.id
                 FROM customer_complaint_notice AS notice
                 JOIN customer_complaint AS complaint ON complaint.id = notice.complaint_id
                WHERE notice.state = 'waiting' AND notice.date_send <= %s
                ORDER BY complaint.nature = 'safety' DESC, notice.user_id, notice.id
                LIMIT %s FOR NO KEY UPDATE OF notice SKIP LOCKED""",
            fields.Datetime.now(),
            BATCH,
        )
        # A scheduled action for all users, who may not read the notices of others.
        return self.sudo()._run_batch(query, lambda notices: notices._send_due())

    def _send_due(self):
        """Send the notices that may be sent now, one message per user."""
        ready = (self - self._drop_moot())._put_off()
        for mine in ready.grouped(lambda one: (one.is_urgent, one.user_id)).values():
            mine._run_halving(lambda some: some._send())

    def _drop_moot(self):
        """Drop notices that are outdated or whose user is excluded now; return the others."""
        moot = self.filtered(
            lambda notice: (
                notice._is_over()
                or not notice.user_id.active
                or not notice.complaint_id._filter_allowed(notice.user_id)
            )
        )
        moot.state = "moot"
        return moot

    def _is_over(self):
        """Return whether the notice is outdated."""
        promise = self.promise_id
        if not promise:
            return not self.is_urgent or self.complaint_id.state == CLOSED
        if promise.date_met or promise.state in (MET, VOID, PAUSED):
            return True
        # A warning is outdated if the promise is broken, or will be warned of again.
        return self.code == WARNING and not (promise.state == OPEN and promise.date_warned)

    def _put_off(self):
        """Return the notices that may be sent now: in working time, at most once an hour.

        Safety cases are sent at any time.
        """
        urgent = self.filtered("is_urgent")
        now = fields.Datetime.now()
        last = dict(
            self._read_group(
                [
                    ("user_id", "in", self.user_id.ids),
                    ("date_sent", ">", now - PAUSE),
                    ("state", "=", "sent"),
                ],
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
        """Return when this user may be notified, not before ``now``.

        :param last: time of their last notice, if within the hour
        :param known: cache of working hours
        """
        moment = max(now, last + PAUSE) if last else now
        calendar = self.user_id.resource_calendar_id or self.company_id.resource_calendar_id
        hours = self.promise_id._hours(calendar, self.company_id, known)
        return next((opens for opens, _closes in hours.open_from(moment)), moment)

    def _send(self):
        """Send these notices of one user as one message."""
        user = self.user_id
        zone = user._customer_zone(self.company_id[:1])
        notices = self.with_context(lang=user.lang, tz=zone)
        message = (
            self.env["mail.thread"]
            .with_context(lang=user.lang)
            .message_notify(
                partner_ids=user.partner_id.ids,
                subject=notices._subject(),
                body=Markup("<ul>%s</ul>") % Markup("").join(notices._lines()),
                email_layout_xmlid="mail.mail_notification_light",
                force_send=False,
            )
        )
        self.write(
            {
                "state": "sent",
                "date_sent": fields.Datetime.now(),
                "mail_message_id": message.id,
            }
        )

    def _subject(self):
        if self[0].is_urgent:
            numbers = ", ".join(self.complaint_id.mapped("name"))
            return self.env._("Safety case: %s", numbers)
        return self.env._("Promises to customers: %s need attention", len(self.promise_id))

    def _lines(self):
        """Return the lines of the message: numbers and facts, without personal data."""
        kinds = dict(self.promise_id._fields["kind"]._description_selection(self.env))
        facts = dict(self._fields["code"]._description_selection(self.env))
        lines = []
        for complaint, mine in self.grouped("complaint_id").items():
            texts = [
                self.env._(
                    "%(promise)s, deadline %(moment)s: %(fact)s",
                    promise=kinds[promise.kind],
                    moment=format_datetime(self.env, promise.date_deadline),
                    fact=facts[MISSED if promise.state == MISSED else WARNING],
                )
                for promise in mine.promise_id
            ]
            if mine[0].is_urgent:
                texts.insert(0, self.env._("Safety case: someone may be harmed"))
            lines += [
                Markup('<li><a href="/odoo/complaints/%s">%s</a> %s</li>')
                % (complaint.id, complaint.name, text)
                for text in texts
            ]
        return lines
