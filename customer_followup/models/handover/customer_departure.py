from collections import Counter

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..complaint.customer_complaint import CLOSED
from ..ground.customer_succession_mixin import HOLDER
from ..ground.mail_thread import NO_TRACKING

DRAFT, DONE = "draft", "done"
# What the complaints that the leaving user is accountable for are called in an allocation.
ACCOUNTABLE = "accountable_user_id"


class CustomerDeparture(models.Model):
    """The departure of a user, whose customers and work go to others."""

    _name = "customer.departure"
    _description = "Departure"
    _inherit = ["customer.protected.mixin", "customer.change.mixin"]
    _order = "id desc"
    _rec_name = "user_id"
    _check_company_auto = True
    _protected_fields = frozenset({"state", "date_done", "done_by_id", "line_ids"})

    user_id = fields.Many2one(
        "res.users",
        string="Leaving user",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    allocation = fields.Selection(
        [("fair", "Shared fairly within a team"), ("person", "One person")],
        string="Without a backup",
        required=True,
        default="fair",
        help="Customers with a backup go to the backup.",
    )
    team_id = fields.Many2one(
        "customer.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        ondelete="restrict",
        check_company=True,
    )
    receiver_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
    )
    check_ids = fields.One2many(
        "customer.departure.check",
        "departure_id",
        string="Checklist",
        default=lambda self: self._default_check_ids(),
    )
    note = fields.Text()
    open_text = fields.Text(string="Still open", compute="_compute_open_text")
    share_text = fields.Text(string="Who gets what", compute="_compute_open_text")
    line_ids = fields.One2many(
        "customer.departure.line", "departure_id", string="Passed on", readonly=True, copy=False
    )
    state = fields.Selection(
        [(DRAFT, "To do"), (DONE, "Passed on")],
        required=True,
        readonly=True,
        default=DRAFT,
        copy=False,
    )
    date_done = fields.Datetime(string="Passed on at", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        "res.users", string="By", readonly=True, copy=False, ondelete="restrict"
    )

    @api.model
    def _default_check_ids(self):
        topics = self.env["customer.handover.topic"]._of("departure", self.env.company)
        return [
            Command.create({"name": topic.name, "sequence": number})
            for number, topic in enumerate(topics)
        ]

    @api.depends("user_id", "company_id")
    def _compute_team_id(self):
        for departure in self:
            teams = departure.user_id.sudo().customer_team_ids
            departure.team_id = teams.filtered(
                lambda team, departure=departure: team.company_id == departure.company_id
            )[:1]

    @api.depends("user_id", "company_id", "allocation", "team_id", "receiver_id")
    def _compute_open_text(self):
        for departure in self:
            work = departure.user_id._customer_work()
            departure.open_text = "\n".join(
                f"{count} {label}" for label, count in work.get(departure.user_id, {}).items()
            )
            departure.share_text = departure._share_text() if departure.state == DRAFT else False

    def _share_text(self):
        """Return who would get what, and how much each has already, or why it is not possible."""
        if not self.user_id or not self._has_receivers():
            return False
        try:
            shares = self._shares(self._allocation())
        except UserError as error:
            return str(error)
        people = self.env["res.users"].union(*(user for user, _what in shares))
        load = self.env["customer.team"]._open_work_of(people)
        return "\n".join(
            self.env._(
                "%(user)s, who has %(load)s open: %(count)s %(what)s",
                user=user.name,
                load=load.get(user.id, 0),
                count=count,
                what=what,
            )
            for (user, what), count in shares.items()
        )

    @api.constrains("user_id", "receiver_id", "company_id")
    def _check_receiver(self):
        for departure in self:
            # Who works for which company is not confidential.
            receiver, company = departure.receiver_id.sudo(), departure.company_id
            if receiver and (receiver.share or company not in receiver.company_ids):
                raise ValidationError(
                    self.env._(
                        "%(user)s does not work for %(company)s: choose someone who does.",
                        user=receiver.name,
                        company=company.name,
                    )
                )
            if departure.receiver_id == departure.user_id:
                raise ValidationError(
                    self.env._("%s leaves: choose another user.", departure.user_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_create(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_write(vals)
        return super().write(vals)

    def _check_create(self, vals):
        given = {name for name, value in vals.items() if value}
        self._check_protected(given, with_defaults=True)
        return super()._check_create(vals)

    def _check_write(self, vals):
        super()._check_write(vals)
        self._check_protected(vals)
        if not self.env.su and DONE in self.mapped("state"):
            raise UserError(self.env._("A departure that is done stays on record."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never_done(self):
        if DONE in self.mapped("state"):
            raise UserError(self.env._("A departure that is done stays on record."))

    def action_pass_on(self):
        """Pass on all customers and open work at once, and record who got what."""
        self.check_access("read")
        for departure in self:
            departure._check_ready()
            allocation = departure._allocation()
            departure._pass_on(allocation)
            departure._record_shares(departure._shares(allocation))

    def action_archive_user(self):
        """Archive the user who has left."""
        self.ensure_one()
        self.check_access("read")
        return self.user_id.action_archive()

    def _has_receivers(self):
        return self.receiver_id if self.allocation == "person" else self.team_id

    def _check_ready(self):
        self.ensure_one()
        self.check_access("write")
        missing = self.check_ids.filtered(lambda check: not check.is_done)
        if self.state == DONE or missing or not self._has_receivers():
            raise UserError(
                self.env._(
                    "%(user)s: first choose who takes over, and check: %(checks)s.",
                    user=self.user_id.name,
                    checks=", ".join(missing.mapped("name")) or self.env._("all is checked"),
                )
            )

    def _allocation(self):
        """Return who gets what: ``{model name: {record: user}}``; customers come first."""
        # A manager passes on everything, also what the manager may not read.
        owned = self.env["customer.ownership"].sudo()._current_of(self.user_id)
        owned = owned.filtered(lambda row: row.company_id == self.company_id)
        found = owned._find_successors(levels=(HOLDER,))
        found |= self._share(owned.filtered(lambda row: row not in found))
        receivers = {row.commercial_partner_id: user for row, user in found.items()}
        return {
            owned._name: found,
            **{
                work._name: self._allocate_work(work, receivers)
                for work in self.env["customer.work.mixin"]._work_models()
            },
            ACCOUNTABLE: self._allocate_accountable(receivers),
        }

    def _allocate_work(self, work, receivers):
        """Return who gets each record: with its customer, else the other holder, else shared.

        :param receivers: who gets each customer
        """
        # As in `_allocation`.
        records = work.sudo().search(
            work._work_of(self.user_id) & Domain("company_id", "=", self.company_id.id)
        )
        return self._allocate(records, records._customers_of_work(), receivers)

    def _allocate_accountable(self, receivers):
        """Return who becomes accountable for each complaint the leaving user received."""
        # As in `_allocation`.
        received = (
            self.env["customer.complaint"]
            .sudo()
            .search(
                Domain("accountable_user_id", "=", self.user_id.id)
                & Domain("state", "!=", CLOSED)
                & Domain("company_id", "=", self.company_id.id)
            )
        )
        found = self._allocate(received, received._customers_of_work(), receivers)
        return received._permitted(found)

    def _allocate(self, records, customers, receivers):
        found = {
            record: receivers[customers[record]]
            for record in records
            if customers[record] in receivers
        }
        rest = records.filtered(lambda record: record not in found)
        found |= rest._find_successors(levels=(HOLDER,), away=self.user_id)
        return found | self._share(records.filtered(lambda record: record not in found))

    def _share(self, records):
        """Return who gets each of these records: the chosen person, or the team by load."""
        if not records:
            return {}
        if self.allocation == "person":
            return dict.fromkeys(records, self.receiver_id)
        away = self.user_id | self.env["customer.absence"]._away()
        users = self.team_id._next_users(len(records), away)
        if not users[0]:
            raise UserError(
                self.env._("No other member of %s is present: choose a person.", self.team_id.name)
            )
        return dict(zip(records, users, strict=True))

    def _shares(self, allocation):
        """Return how much of what each user gets: ``{(user, label): count}``."""
        counts = Counter()
        for name, receivers in allocation.items():
            label = self._label(name)
            counts.update((user, label) for user in receivers.values())
        return counts

    def _label(self, name):
        if name == "customer.ownership":
            return self.env._("customers")
        if name == ACCOUNTABLE:
            return self.env._("complaints they are accountable for")
        return self.env[name]._work_label()

    def _pass_on(self, allocation):
        """Hand customers over at once, with the right of the manager, and all other work."""
        by_receiver, today = {}, self.company_id._customer_day()
        for row, user in allocation["customer.ownership"].items():
            if row.date_from > today:
                # It has not begun: the present owner stays until then.
                row.user_id = user
                continue
            by_receiver.setdefault(user, []).append(row.commercial_partner_id.id)
        for user, customer_ids in by_receiver.items():
            handover = self._hand_over(user, customer_ids)
            handover._notify_users(
                user, self.env._("You took over customers: %s", handover.display_name)
            )
        for name, receivers in allocation.items():
            if name not in ("customer.ownership", ACCOUNTABLE):
                self._give_work(receivers)
        self._pass_on_accountable(allocation[ACCOUNTABLE])
        ownership = self.env["customer.ownership"].sudo()
        ownership._current_of(self.user_id, "backup")._end_before(today)

    def _pass_on_accountable(self, receivers):
        # No one writes transfers by hand.
        transfers = self.env["customer.complaint.transfer"].sudo()
        reason = self.env._("%s has left", self.user_id.name)
        transfers.create(
            [
                transfers._prepare_accountable_vals(complaint, self.user_id, user, reason)
                for complaint, user in receivers.items()
            ]
        )
        for complaint, user in receivers.items():
            complaint.with_context(tracking_disable=NO_TRACKING).accountable_user_id = user

    def _give_work(self, receivers):
        by_receiver = {}
        for record, user in receivers.items():
            by_receiver.setdefault(user, []).append(record)
        for user, records in by_receiver.items():
            records[0].union(*records)._give_to(user)

    def _hand_over(self, user, customer_ids):
        handover = self.env["customer.handover"].create(
            {
                "user_from_id": self.user_id.id,
                "user_to_id": user.id,
                "company_id": self.company_id.id,
                "reason": "departure",
                "line_ids": [Command.create({"partner_id": id_}) for id_ in customer_ids],
            }
        )
        handover._accept_for(user, self.env._("%s leaves the company", self.user_id.name))
        return handover

    def _record_shares(self, shares):
        self._record(
            {
                "state": DONE,
                "date_done": fields.Datetime.now(),
                "done_by_id": self.env.uid,
                "line_ids": [
                    Command.create({"user_id": user.id, "name": what, "count": count})
                    for (user, what), count in shares.items()
                ],
            }
        )
