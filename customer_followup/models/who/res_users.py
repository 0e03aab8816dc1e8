from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..ground.groups import AGENT

ONE_DAY = timedelta(days=1)


class ResUsers(models.Model):
    """A user; one with customers, open work or a team to lead cannot be archived or deleted."""

    _inherit = "res.users"

    def write(self, vals):
        is_leaving = "active" in vals and not vals["active"]
        involved = self._involved() if is_leaving else self.browse()
        involved._check_leads_no_team()
        involved._check_work_is_passed_on()
        agents = self._agents() if "group_ids" in vals else self.browse()
        companies = {user: user.company_ids for user in self} if "company_ids" in vals else {}
        result = super().write(vals)
        for user, before in companies.items():
            if left := before - user.company_ids:
                user._check_left_companies(left)
        # Without the app they cannot do their work, as if they were archived.
        (agents - agents._agents())._check_work_is_passed_on()
        involved._archived()
        return result

    def unlink(self):
        involved = self._involved(is_deleted=True)
        involved._check_leads_no_team()
        involved._check_work_is_passed_on()
        involved._check_kept()
        return super().unlink()

    def _unlink_without_breaking_links(self):  # pylint: disable=missing-return
        """Nothing: :meth:`unlink` asks all at once."""

    def _involved(self, is_deleted=False):
        """Return those of these users who lead a team, own customers or have open work.

        It takes one query, whatever there is: most users have nothing to do with this app.

        :param is_deleted: also those whom another row of ours names
        """
        queries = []
        if is_deleted:
            queries = [
                SQL("SELECT id FROM (%s) AS kept(id, model)", self._kept_query(model, name))
                for model, name in self._restricting_fields()
            ]
        for model, name, domain in self._involvements():
            # The user who archives others may not read this; only users are returned.
            query = model.sudo()._search(domain & Domain(name, "in", self.ids))
            queries.append(query.select(model._field_to_sql(query.table, name, query)))
        rows = self.env.execute_query(SQL(" UNION ").join(queries))
        return self.browse(user_id for (user_id,) in rows)

    def _involvements(self):
        """Return where users are named whose leaving matters: a list of (model, field, domain)."""
        return [
            (self.env["customer.team"], "leader_id", Domain.TRUE),
            # The day before: which day it is at each company is asked of those found only.
            (
                self.env["customer.ownership"],
                "user_id",
                self.env["customer.ownership"]._until_domain(fields.Date.today() - ONE_DAY),
            ),
            *(
                (model, name, model._open_work_domain())
                for model in self.env["customer.work.mixin"]._work_models()
                for name in ("user_id", "absent_user_id")
            ),
        ]

    def _check_left_companies(self, companies):
        """Raise if this user has customers, open work or a team in companies they leave."""
        left = Domain("company_id", "in", companies.ids)
        for model, name, domain in self._involvements():
            if self.env.su and model._name == "customer.ownership":
                # Set right by the system: customers without an owner there hold up no work.
                continue
            if model._name == "customer.ownership":
                domain = model._unended_domain()
            # All of it counts, also what the current user may not read.
            found = model.sudo().search(domain & left & Domain(name, "=", self.id), limit=1)
            if found:
                self._refuse_to_leave(
                    self.env._(
                        "%(user)s still has open work, customers or a team in %(company)s. Pass"
                        " them on first.",
                        user=self.name,
                        company=found.company_id.name,
                    )
                )

    def _archived(self):
        """Do what follows when these users are archived; for later chapters."""

    def _agents(self):
        return self.filtered(lambda user: user.has_group(AGENT))

    def _busy(self):
        """Return those of these users for whom anything is open."""
        # All of it prevents archiving, also what the current user may not read.
        busy = self.env["customer.ownership"].sudo()._current_of(self).user_id
        for model in self.env["customer.work.mixin"]._work_models():
            busy = busy.union(*model._count_work_of(self))
        return busy & self

    def _customer_work(self):
        """Return what is open for each user, ``{user: {label: count}}``, as may be known."""
        work = {user: {} for user in self}
        # All of it prevents archiving, also what the current user may not read.
        owned = self.env["customer.ownership"].sudo()._current_of(self)
        owned = owned.filtered(lambda row: row.company_id in self.env.companies)
        for user, rows in owned.grouped("user_id").items():
            work[user][self.env._("customers")] = len(rows)
        for model in self.env["customer.work.mixin"]._work_models():
            for user, count in model._visible_work_of(self).items():
                work[user][model._work_label()] = count
        return {user: counts for user, counts in work.items() if counts}

    def _check_leads_no_team(self):
        """Raise a sentence that names the teams that would have no leader."""
        # All of it prevents archiving, also what the current user may not read.
        teams = self.env["customer.team"].sudo().search([("leader_id", "in", self.ids)])
        for user, led in teams.grouped("leader_id").items():
            raise UserError(
                self.env._(
                    "%(user)s leads %(teams)s: first choose another leader there.",
                    user=user.name,
                    teams=", ".join(led.mapped("name")),
                )
            )

    def _check_work_is_passed_on(self):
        """Raise a sentence, and offer the way out, if one of the users has open work."""
        work = self._customer_work()
        for user in self._busy():
            listed = ", ".join(f"{count} {label}" for label, count in work.get(user, {}).items())
            user._refuse_to_leave(
                self.env._(
                    "%(user)s still has %(work)s. Pass them on first.",
                    user=user.name,
                    work=listed or self.env._("open work"),
                )
            )

    def _refuse_to_leave(self, message):
        """Raise the message; the chapter on handovers offers the way to pass work on."""
        raise UserError(message)
