from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_time

from ...tools import worktime
from .customer_followup import DONE, MISSED, OPEN_STATES

MAX_LAST = 5


class CustomerFollowup(models.Model):
    """What the Desk and the call form show of the customer before a contact."""

    _inherit = "customer.followup"

    best_hours = fields.Char(
        compute="_compute_best_hours",
        compute_sudo=True,
        help="Today's contact hours of the customer and the plan, in your time zone.",
    )
    history = fields.Html(
        string="Last contacts", compute="_compute_history", compute_sudo=True, sanitize=False
    )

    is_automatic = fields.Boolean(related="channel_id.is_automatic", string="Sent by the system")
    is_written = fields.Boolean(
        compute="_compute_is_written",
        help="Made by a message: there is no call, and no conversation to record.",
    )

    # The card: the last contact with each of some customers.
    _last_idx = models.Index("(commercial_partner_id, date_done DESC) WHERE state = 'done'")

    @api.depends("channel_id.kind")
    def _compute_is_written(self):
        kinds = self.env["customer.channel"]._automatic_kinds()
        for contact in self:
            contact.is_written = contact.channel_id.kind in kinds

    @api.depends("state", "partner_id", "plan_id", "channel_id")
    @api.depends_context("tz", "uid", "lang")
    def _compute_best_hours(self):
        pending = self.filtered(lambda contact: contact.state in OPEN_STATES)
        self.best_hours = False
        wished = pending.partner_id._wished_hours()
        limited = pending.filtered(
            lambda contact: contact.partner_id.id in wished or contact.plan_id.window_ids
        )
        for company, contacts in limited.grouped("company_id").items():
            zones = contacts.partner_id._customer_zones(company)
            for contact in contacts:
                windows = wished.get(contact.partner_id.id, ()), contact.plan_id.window_ids._spans()
                contact.best_hours = contact._hours_text(zones[contact.partner_id.id], windows)

    def _hours_text(self, zone, windows):
        """Return the contact hours of the customer's today in the user's time zone, if any."""
        today = worktime.local_day(fields.Datetime.now(), zone)
        hours = self.channel_id.hour_from, self.channel_id.hour_to
        return ", ".join(
            "-".join(
                format_time(self.env, worktime.at_local(today, hour, zone), time_format="short")
                for hour in span
            )
            for span in worktime.openings(today, hours, *windows)
        )

    @api.depends("commercial_partner_id")
    @api.depends_context("lang", "uid")
    def _compute_history(self):
        """List the last contacts with the customer, of all agents, with their outcomes."""
        last = self._last_ended()
        for contact in self:
            lines = [
                Markup("<li>%s</li>") % one._history_line()
                for one in last.get((contact.commercial_partner_id.id, contact.company_id.id), ())
                if one != contact._origin
            ]
            text = Markup("<ul class='mb-0'>%s</ul>") % Markup().join(lines)
            contact.history = text if lines else False

    @api.model
    def _unknown_ids(self, customers):
        """Return the contacts with some customers of which the current user must not know."""
        return []

    @api.model
    def _last_done(self, customers, companies):
        """Return the latest contacts of each company with each customer.

        :return: ``{(customer id, company id, whether the system sent it): contact}``
        """
        self.flush_model()
        query = self._search(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("company_id", "in", companies.ids),
                ("state", "=", DONE),
                ("id", "not in", self._unknown_ids(customers)),
            ],
            order="commercial_partner_id.id, company_id.id, channel_id.id, date_done desc, id desc",
        )
        names = ("commercial_partner_id", "company_id", "channel_id", "id")
        columns = [SQL.identifier(query.table, name) for name in names]
        rows = self.env.execute_query(
            query.select(
                SQL("DISTINCT ON (%s) %s", SQL(", ").join(columns[:3]), SQL(", ").join(columns))
            )
        )
        last = {}
        # Of one recordset, so that they are read together.
        for (*pair, _channel, _id), one in zip(rows, self.browse(r[3] for r in rows), strict=True):
            key = (*pair, one.channel_id.is_automatic)
            last[key] = max(last.get(key, one), one, key=lambda each: (each.date_done, each.id))
        return last

    def _done_text(self):
        """Return when a contact was made, its occasion and outcome."""
        return self.env._(
            "%(date)s: %(occasion)s, %(outcome)s",
            date=format_date(self.env, self.date_done),
            occasion=self.name,
            outcome=self.outcome_id.name,
        )

    def _last_ended(self):
        """Return the last contacts made or missed, by (customer, company) ids."""
        pairs = {(contact.commercial_partner_id.id, contact.company_id.id) for contact in self}
        customers, companies = zip(*pairs, strict=True) if pairs else ((), ())
        query = SQL(
            """SELECT pair.customer_id, pair.company_id, ARRAY(
                      SELECT id FROM customer_followup
                       WHERE commercial_partner_id = pair.customer_id
                         AND company_id = pair.company_id AND state IN %s AND id <> ALL(%s)
                       ORDER BY date_done DESC LIMIT %s)
                 FROM unnest(%s::int[], %s::int[]) AS pair(customer_id, company_id)""",
            (DONE, MISSED),
            self._unknown_ids(self.commercial_partner_id),
            MAX_LAST + 1,
            list(customers),
            list(companies),
        )
        self.env["customer.followup"].flush_model()
        found = self.env.execute_query(query)
        return {tuple(pair): self.browse(ids) for *pair, ids in found}

    def _history_line(self):
        code = dict(self._fields["close_code"]._description_selection(self.env))
        return self.env._(
            "%(date)s: %(occasion)s (%(channel)s), %(outcome)s",
            date=format_date(self.env, self.date_done),
            occasion=self.name,
            channel=self.channel_id.name,
            outcome=self.outcome_id.name if self.state == DONE else code.get(self.close_code, ""),
        )

    def action_add_action(self):
        """Open a new action about this contact."""
        self.ensure_one()
        self.check_access("read")
        return self.env["customer.action"]._action_new(self, self.team_id)
