import logging
from datetime import datetime, timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import masking, worktime
from .customer_followup_enrollment import OPEN_STATES

_logger = logging.getLogger(__name__)
NOON = 12
FOLLOWED_AT_ONCE = 200


class CustomerFollowupRule(models.Model):
    """How a rule enrolls: by schedule or by hand, a batch of records at a time."""

    _inherit = "customer.followup.rule"

    def action_ask_start(self):
        """Ask which records the rule shall take, and switch it on."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": (
                self.env._("Take earlier records: %s", self.name)
                if self.active
                else self.env._("Switch on %s", self.name)
            ),
            "res_model": "customer.followup.rule.start",
            "view_mode": "form",
            "target": "new",
            # A rule that is on takes new records already: only earlier ones can be added.
            "context": {
                "default_rule_id": self.id,
                "default_choice": "days" if self.active else "now",
            },
        }

    def action_switch_off(self):
        """Enroll no more customers; those on the plan stay on it."""
        self.check_access("read")
        self.active = False
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_run(self):
        """Enroll all that the rule takes, now."""
        self.ensure_one()
        self.check_access("write")
        if not self.active:
            raise UserError(
                self.env._(
                    "%(rule)s is off: switch it on to choose which records it takes.",
                    rule=self.name,
                )
            )
        self.plan_id._check_runs()
        return self._notification(self._enroll_matches(is_full=True, is_by_hand=True))

    def _notification(self, enrolled):
        """Return the message that says how many customers were enrolled and what is left."""
        texts = [
            self.env._(
                "%(rule)s: enrolled for %(count)s records.", rule=self.name, count=len(enrolled)
            )
        ]
        left = self._watched().search_count(self._new_domain())
        if left:
            texts.append(
                self.env._(
                    "%(left)s more can be enrolled: the nightly run takes up to %(limit)s of them.",
                    left=left,
                    limit=self.limit_per_run,
                )
            )
        if self.problem:
            texts.append(self.problem)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if self.problem else "success",
                "message": " ".join(texts),
                "sticky": bool(left or self.problem),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _cron_enroll(self, is_full=False):
        """Enroll the customers of records that match, one rule after the other."""
        cron = self.env["ir.cron"]
        rules = self.search([("plan_id.state", "=", "running"), ("plan_id.active", "=", True)])
        cron._commit_progress(remaining=len(rules) + 1)
        # Stop rules first, so that a new start finds the plan free.
        self.env["customer.followup.rule.stop"]._stop_all()
        if not cron._commit_progress(1):
            return
        for rule in rules:
            rule._enroll_safely(is_full)
            # What was enrolled stays, whatever becomes of the dates.
            if not cron._commit_progress(1) or (is_full and not rule._follow_all_dates()):
                break

    def _enroll_safely(self, is_full):
        """Enroll, unless another process does so; note on the rule what went wrong."""
        self._run_one(lambda rule: rule._enroll_matches(is_full))

    def _follow_all_dates(self):
        """Follow the dates of all records, some at a time, and say whether time is left."""
        cron, last = self.env["ir.cron"], 0
        self._run_one(lambda rule: rule._note_unmatched())
        while rows := self._rows_to_follow(last, FOLLOWED_AT_ONCE):
            self._run_one(lambda rule, rows=rows: rule._follow_dates(rows))
            last = rows[-1:].id
            if not cron._commit_progress():
                return False
        return True

    def _rows_to_follow(self, last=0, limit=None):
        """Return open rows of the rule after an id, the first by id."""
        # The scheduled action works for all users.
        return (
            self.env["customer.followup.enrollment"]
            .sudo()
            .search(
                [
                    ("rule_id", "=", self.id),
                    ("res_model", "=", self.model_name),
                    ("state", "in", OPEN_STATES),
                    ("id", ">", last),
                ],
                order="id",
                limit=limit,
            )
        )

    def _park(self, error):
        if isinstance(error, psycopg2.errors.UniqueViolation):
            # Another process enrolled the same records: the next run sees what is left.
            return
        self.problem = masking.error(error)
        _logger.warning("Enrollment rule %s: %s", self.id, self.problem)

    def _enroll_matches(self, is_full, is_by_hand=False):
        """Enroll up to ``limit_per_run`` matching records and return the rows."""
        self._check_one_makes_sense()
        domain = self._new_domain()
        if not is_full:
            domain &= self._since_domain(fields.Datetime.now() - timedelta(days=self.lookback_days))
        if is_by_hand and not self.env.su and "company_id" in self._watched()._fields:
            # Users enroll customers of the companies they work for only.
            domain &= Domain("company_id", "in", [False, *self.env.user.company_ids.ids])
        self.env["customer.followup.enrollment"].flush_model(
            ["is_unmatched", "res_id", "res_model", "rule_id", "state", "stop_code"]
        )
        # The scheduled action runs with all rights; the rights of the author were checked.
        found = self._watched().sudo().search(domain, order="id", limit=self.limit_per_run + 1)
        records = found[: self.limit_per_run]
        if found != records and not is_by_hand and not self._has_enrolled():
            self.problem = self.env._(
                "It would enroll more than %s customers. Check them, and press Enroll now to"
                " start.",
                self.limit_per_run,
            )
            return self.env["customer.followup.enrollment"]
        problems = []
        enrollments = self._enroll_by_rounds(records, problems)
        self.problem = "; ".join(problems)[:500] or False
        return enrollments

    def _has_enrolled(self):
        # All earlier enrollments count, also those the current user may not read.
        rows = self.env["customer.followup.enrollment"].sudo()
        return bool(rows.search_count([("rule_id", "=", self.id)], limit=1))

    def _enroll_by_rounds(self, records, problems):
        """Enroll records, one of each customer at a time where a plan takes a customer once."""
        policy, rounds = self.plan_id.reenrollment, [[]]
        seen = {}
        for record in records:
            person = record.mapped(self.partner_path)[:1] if policy != "record" else record
            number = seen[person] = seen.get(person, -1) + 1
            if number == len(rounds):
                rounds.append([])
            rounds[number].append(record.id)
        if policy in ("single", "never"):
            # The others wait until the plan may take the customer again.
            rounds = rounds[:1]
        enrolled = self.env["customer.followup.enrollment"].sudo()
        for ids in rounds:
            enrolled |= self._enroll_records(records.browse(ids), problems)
        return enrolled

    def _follow_dates(self, rows=None):
        """Update customers on the plan to the dates of their records; return the moved rows.

        Where the record or its date is gone, there is nothing left to follow up.
        """
        moved = self.env["customer.followup.enrollment"].sudo()
        if rows is None:
            self._note_unmatched()
            rows = self._rows_to_follow()
        records = self._watched().sudo().browse(rows.mapped("res_id")).exists()
        by_id = {record.id: record for record in records}
        others = rows.filtered(
            lambda row: row.res_id in by_id and self._is_of_another(by_id[row.res_id], row)
        )
        # The next run enrolls the record for its present customer.
        for row in others:
            self._follow_safely(row, {}, code="customer")
        for row in rows - others:
            dates = self._dates(by_id.get(row.res_id, records.browse()), row)
            if dates != {name: row[name] for name in dates}:
                moved |= self._follow_safely(row, dates)
        return moved

    def _is_of_another(self, record, row):
        """Return whether a record has another customer or company than it was enrolled for."""
        own = record["company_id"] if "company_id" in record._fields else row.company_id
        person = record.mapped(self.partner_path)[:1]
        return person != row.partner_id or (own or row.company_id) != row.company_id

    def _follow_safely(self, row, dates, code=None):
        """Give a row its dates, or stop it, and return it; note a failure on the rule.

        :param code: why it stops
        """
        try:
            with self.env.cr.savepoint():
                if code:
                    row.action_stop(code=code)
                else:
                    row.write(dates)
                return row
        except psycopg2.Error:
            raise
        except Exception as error:
            self.env.invalidate_all()
            self.problem = f"{masking.text(row.display_name)}: {masking.error(error)}"[:500]
            return row.browse()

    def _dates(self, record, row):
        """Return the dates of a row as its record, if there is one, has them now."""
        partner, company = row.partner_id, row.company_id
        paths = {"date_anchor": self.anchor_path, "date_target": self.target_path}
        return {
            name: bool(record) and self._date(record, path, partner, company)
            for name, path in paths.items()
            if path
        }

    def _enroll_records(self, records, problems):
        """Enroll records; one that fails stops no other and is named in ``problems``."""
        enrollments = self.env["customer.followup.enrollment"].sudo()
        if not records:
            return enrollments
        try:
            with self.env.cr.savepoint():
                return enrollments._enroll(
                    [self._prepare_enrollment_vals(record) for record in records]
                )
        except psycopg2.Error:
            raise
        except Exception as error:
            if len(records) == 1:
                problems.append(f"{masking.text(records.display_name)}: {masking.error(error)}")
                return enrollments
        half = len(records) // 2
        first = self._enroll_records(records[:half], problems)
        return first | self._enroll_records(records[half:], problems)

    def _prepare_enrollment_vals(self, record):
        partner = record.mapped(self.partner_path)[:1]
        company = self._company_of(record)
        return {
            "plan_id": self.plan_id.id,
            "rule_id": self.id,
            "res_model": record._name,
            "res_id": record.id,
            "partner_id": partner.id,
            "company_id": company.id,
            "date_anchor": self._date(record, self.anchor_path, partner, company),
            "date_target": bool(self.target_path)
            and self._date(record, self.target_path, partner, company),
        }

    def _company_of(self, record):
        """Return the company of a record, else of the plan, else the current one."""
        own = record["company_id"] if "company_id" in record._fields else None
        return own or self.plan_id.company_id or self.env.company

    def _date(self, record, path, partner, company):
        """Return a date of a record as naive UTC; without a time, noon of the customer's day."""
        value = record.mapped(path)[:1]
        value = value and value[0]
        if not value or isinstance(value, datetime):
            return value or False
        return worktime.at_local(value, NOON, partner._customer_zone(company))
