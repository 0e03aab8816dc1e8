from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .customer_succession_mixin import HOLDER, MEMBER, STAND_IN


class CustomerWorkMixin(models.AbstractModel):
    """Work somebody (``user_id``) does, which passes to somebody else when he cannot."""

    _name = "customer.work.mixin"
    _description = "Work of a User"
    _inherit = ["customer.succession.mixin"]

    absent_user_id = fields.Many2one(
        "res.users",
        string="Instead of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Who is away; what is still open when he is back is his again.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_stood_in(vals)
        records = super().create(vals_list)
        records._check_worker()
        return records

    def write(self, vals):
        self._check_not_stood_in(vals)
        if "user_id" in vals and "absent_user_id" not in vals:
            # Given to somebody for good.
            vals = {**vals, "absent_user_id": False}
        result = super().write(vals)
        if vals.get("user_id"):
            self._check_worker()
        return result

    def _check_worker(self):
        """Raise if somebody gives work to a person outside its company, where it would be lost."""
        if self.env.su:
            return
        # Who works for which company is no secret, and who gives work away may lose sight of it.
        for record in self.sudo().filtered("user_id"):
            user = record.user_id
            if user.share or record.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s does not work for %(company)s: choose somebody who does.",
                        user=user.name,
                        company=record.company_id.name,
                    )
                )

    def _check_not_stood_in(self, vals):
        by_context = "default_absent_user_id" in self.env.context
        if not self.env.su and (vals.get("absent_user_id") or by_context):
            raise UserError(self.env._("Whom somebody stands in for is recorded by the system."))

    @api.model
    def _work_models(self):
        """Return the models whose records are work of somebody, each empty."""
        names = self.pool.descendants(["customer.work.mixin"], "_inherit")
        return [self.env[name] for name in sorted(names) if not self.env[name]._abstract]

    @api.model
    def _work_label(self):
        """Return what some of these records are called, in the plural."""
        return self._description

    @api.model
    def _count_work_of(self, users):
        """Return how much open work is that of each user, ``{user: count}``, if any."""
        counts = {}
        for name in ("user_id", "absent_user_id"):
            # What is open counts, whoever asks; numbers leave here.
            for user, count in self.sudo()._read_group(
                self._open_work_domain() & Domain(name, "in", users.ids), [name], ["__count"]
            ):
                counts[user] = counts.get(user, 0) + count
        return counts

    @api.model
    def _told_work_of(self, users):
        """Return how much open work of each user the current one may be told, ``{user: count}``."""
        return self._count_work_of(users)

    @api.model
    def _open_work_domain(self):
        """Return the domain of what is still to be done."""
        return Domain.FALSE

    @api.model
    def _due_work_domain(self, until):
        """Return the domain of what cannot wait beyond a moment, naive UTC."""
        return Domain.FALSE

    @api.model
    def _customer_work_domain(self, customers):
        """Return the domain of work for customers."""
        return Domain("commercial_partner_id", "in", customers.ids)

    @api.model
    def _work_of(self, user):
        """Return the domain of open work of somebody, also what others do while he is away."""
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
            levels=(HOLDER, STAND_IN, MEMBER), away=away, stand_ins=stand_ins
        )

    def _give(self, receivers, is_meanwhile=False, team=None):
        """Make each record the work of its receiver, ``{record: user}``.

        :param is_meanwhile: whether it comes back when its present owner does
        :param team: the team the work moves to, if it does
        """
        groups = {}
        for record, receiver in receivers.items():
            before = (record.absent_user_id or record.user_id).id if is_meanwhile else False
            groups.setdefault((receiver.id, before), []).append(record.id)
        for (user_id, before), ids in groups.items():
            vals = {"user_id": user_id, "absent_user_id": before}
            if team:
                vals["team_id"] = team.id
            # Whoever passes work on may lose sight of it by that. No mail about each record.
            self.browse(ids).sudo().with_context(tracking_disable=True).write(vals)

    def _give_to(self, receiver, team=None):
        """Make all the work of one person, and of his team where he is not in its own.

        :param team: his team; else the first he is in
        """
        # Who is in which team is no secret.
        teams = team or receiver.sudo().customer_team_ids
        for company, records in self.grouped("company_id").items():
            own = teams.filtered(lambda one, company=company: one.company_id == company)[:1]
            stays = records.filtered(lambda one: receiver in one.sudo().team_id.member_ids)
            stays._give(dict.fromkeys(stays, receiver))
            moves = records - stays
            moves._give(dict.fromkeys(moves, receiver), team=own)
