from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .customer_succession_mixin import HOLDER, LEADERS, MEMBER, STAND_IN
from .mail_thread import NO_TRACKING


class CustomerWorkMixin(models.AbstractModel):
    """A record that one user (``user_id``) works on, and others while that user is away."""

    _name = "customer.work.mixin"
    _description = "Work of a User"
    _inherit = ["customer.succession.mixin"]
    # Whether a record finds another user itself when it moves to another company.
    _is_reassigned_by_company = False
    # Whether it moves to a team of the user to whom another user gives it.
    _is_moved_to_team = False

    absent_user_id = fields.Many2one(
        "res.users",
        string="Instead of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The absent user, who gets back what is still open afterwards.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_stood_in(vals)
        records = super().create(vals_list)
        records._check_worker()
        records._pass_on_soon()
        return records

    def write(self, vals):
        self._check_not_stood_in(vals)
        if "user_id" in vals and "absent_user_id" not in vals:
            # A permanent change of the user.
            vals = {**vals, "absent_user_id": False}
        result = super().write(vals)
        if vals.get("user_id") or ("company_id" in vals and not self._is_reassigned_by_company):
            self._check_worker()
            self._pass_on_soon()
        if vals.get("user_id") and "team_id" not in vals:
            self._move_to_team_of_user()
        return result

    def _move_to_team_of_user(self):
        """Move work that a user gave to someone of another team there, so that its leader sees it.

        What the system gives, such as during an absence, stays with its team.
        """
        if self.env.su or not self._is_moved_to_team:
            return
        # Who is in which team is not confidential; the giver may lose access to the record.
        for record in self.sudo():
            user, team = record.user_id, record.team_id
            if user not in team.member_ids | team.overseer_ids:
                own = user.customer_team_ids.filtered(
                    lambda one, company=record.company_id: one.company_id == company
                )
                record.team_id = own[:1] or team

    def _pass_on_soon(self):
        """Have the scheduled action pass on what is new for users who are away."""
        if self.user_id & self.env["customer.absence"]._away():
            # Scheduled actions belong to the system; any user may trigger them.
            self.env.ref("customer_followup.ir_cron_absence").sudo()._trigger()

    def _check_worker(self):
        """Raise if a user assigns work to a person outside its company, who could not open it."""
        if self.env.su:
            return
        # Who works for which company is not confidential; the giver may lose access to the record.
        for record in self.sudo().filtered("user_id"):
            user = record.user_id
            if user.share or record.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s does not work for %(company)s: choose someone who does.",
                        user=user.name,
                        company=record.company_id.name,
                    )
                )

    def _check_not_stood_in(self, vals):
        by_context = "default_absent_user_id" in self.env.context
        if not self.env.su and (vals.get("absent_user_id") or by_context):
            raise UserError(self.env._("“Instead of” is recorded by the system."))

    @api.model
    def _work_models(self):
        """Return an empty recordset of each model whose records are work of a user."""
        names = self.pool.descendants(["customer.work.mixin"], "_inherit")
        return [self.env[name] for name in sorted(names) if not self.env[name]._abstract]

    @api.model
    def _work_label(self):
        """Return what such records are called, in the plural."""
        return self._description

    @api.model
    def _count_work_of(self, users, domain=Domain.TRUE):
        """Return how much open work is that of each user, ``{user: count}``, if any.

        :param domain: of what counts
        """
        counts = {}
        for name in ("user_id", "absent_user_id"):
            # All open work counts, also what the caller may not read; only numbers leave here.
            for user, count in self.sudo()._read_group(
                self._open_work_domain() & domain & Domain(name, "in", users.ids),
                [name],
                ["__count"],
            ):
                counts[user] = counts.get(user, 0) + count
        return counts

    @api.model
    def _visible_work_of(self, users):
        """Return how much open work of each user the current user may know, ``{user: count}``."""
        return self._count_work_of(users, self._own_companies_domain())

    @api.model
    def _own_companies_domain(self):
        """Return the domain of what is of the companies of the current user."""
        if "company_id" not in self._fields:
            return Domain.TRUE
        return Domain("company_id", "in", [False, *self.env.companies.ids])

    @api.model
    def _open_work_domain(self):
        """Return the domain of what is still to be done."""
        return Domain.FALSE

    @api.model
    def _due_work_domain(self, until, zone):
        """Return the domain of what is due until a moment, naive UTC.

        :param zone: where it is which day, for what is due on a day
        """
        return Domain.FALSE

    @api.model
    def _customer_work_domain(self, customers):
        """Return the domain of work for customers."""
        return Domain("commercial_partner_id", "in", customers.ids)

    @api.model
    def _work_of(self, user):
        """Return the domain of the open work of a user, also what others do in the absence."""
        return self._open_work_domain() & (
            Domain("user_id", "=", user.id) | Domain("absent_user_id", "=", user.id)
        )

    def _substitutes(self, stand_ins, away):
        """Return who does each record while its user is away: ``{record: user}``.

        Records for which there is no one are left out.

        :param stand_ins: the user named to stand in for each user, if any
        :param away: users who cannot act now
        """
        return self._find_successors(
            levels=(HOLDER, STAND_IN, MEMBER, LEADERS), away=away, stand_ins=stand_ins
        )

    def _give(self, receivers, is_meanwhile=False, team=None):
        """Assign each record to its receiver, ``{record: user}``.

        :param is_meanwhile: whether the present user gets it back after an absence
        :param team: the team the work moves to, if it does
        """
        groups = {}
        for record, receiver in self._permitted(receivers).items():
            before = (record.absent_user_id or record.user_id).id if is_meanwhile else False
            groups.setdefault((receiver.id, before), []).append(record.id)
        for (user_id, before), ids in groups.items():
            vals = {"user_id": user_id, "absent_user_id": before}
            if team:
                vals["team_id"] = team.id
            # The giver may lose access to the record by this. No mail about each record.
            self.browse(ids).sudo().with_context(tracking_disable=NO_TRACKING).write(vals)

    def _permitted(self, receivers):
        """Return who gets each record, ``{record: user}``, instead of users who may not."""
        return receivers

    def _give_to(self, receiver, team=None):
        """Assign all records to one user, and to that user's team where the present one is another.

        :param team: that team; else the first of the user's teams
        """
        # Who is in which team is not confidential.
        teams = team or receiver.sudo().customer_team_ids
        for company, records in self.grouped("company_id").items():
            own = teams.filtered(lambda one, company=company: one.company_id == company)[:1]
            stays = records.filtered(lambda one: receiver in one.sudo().team_id.member_ids)
            stays._give(dict.fromkeys(stays, receiver))
            moves = records - stays
            moves._give(dict.fromkeys(moves, receiver), team=own)

    def _pass_on(self, giver, receiver, customers, company, team=None):
        """Assign the open work of one user for customers to another."""
        for work in self._work_models():
            # The right to hand customers over includes the open work for them.
            records = work.sudo().search(
                work._work_of(giver)
                & work._customer_work_domain(customers)
                & Domain("company_id", "=", company.id)
            )
            records._give_to(receiver, team)
