from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

KEPT_DAYS = 2
# Limits of messages within an hour, for one complaint and for one address.
CASE_HOUR, PLACE_HOUR = 20, 60


class CustomerIntakeCounter(models.Model):
    """A counter of messages from one source, stored as a keyed hash, in one period."""

    _name = "customer.intake.counter"
    _description = "Use of a Public Form"
    _log_access = False

    digest = fields.Char(required=True, readonly=True)
    date = fields.Datetime(string="From", required=True, readonly=True)
    count = fields.Integer(required=True, readonly=True)

    _source_uniq = models.UniqueIndex("(digest, date)", "This source already has a counter.")

    @api.model
    def _is_too_often(self, company, address, sender):
        """Count one use of the company's form and return whether it exceeds the limit.

        :param address: IP address of the request
        :param sender: e-mail or phone given in the form
        """
        now = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        day = now.replace(hour=0)
        uses = [
            self._count(f"form:{company.id}", now) > company.customer_form_hour,
            self._count(f"form:{company.id}:{day}:{address}", day) > company.customer_form_day,
            self._count(f"form:{company.id}:{day}:{sender}", day) > company.customer_form_day,
        ]
        return any(uses)

    @api.model
    def _is_written_too_often(self, complaint, address):
        """Count one message on a complaint page and return whether it exceeds the limit.

        :param address: IP address of the request
        """
        now = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        uses = [
            self._count(f"case:{now}:{complaint.id}", now) > CASE_HOUR,
            self._count(f"case:{now}:{address}", now) > PLACE_HOUR,
        ]
        return any(uses)

    @api.model
    def _count(self, source, date):
        """Increase the counter and return its value."""
        [(count,)] = self.env.execute_query(
            SQL(
                """INSERT INTO customer_intake_counter AS used (digest, date, count)
                   VALUES (%s, %s, 1)
                   ON CONFLICT (digest, date) DO UPDATE SET count = used.count + 1
                   RETURNING count""",
                self.env["customer.contact.block"]._digest(source),
                date,
            )
        )
        return count

    @api.autovacuum
    def _gc_counters(self):
        self.search([("date", "<", fields.Datetime.now() - timedelta(days=KEPT_DAYS))]).unlink()
