from odoo import models
from odoo.exceptions import RedirectWarning, UserError

AGENT = "customer_followup.group_followup_user"
MANAGER = "customer_followup.group_followup_manager"


class ResUsers(models.Model):
    """Nobody leaves while customers or work are his."""

    _inherit = "res.users"

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_leads_no_team()
            self._check_work_is_passed_on()
        agents = self._agents() if "group_ids" in vals else self.browse()
        result = super().write(vals)
        # Without the app his work would lie as it does with somebody archived.
        (agents - agents._agents())._check_work_is_passed_on()
        return result

    def unlink(self):
        self._check_leads_no_team()
        self._check_work_is_passed_on()
        return super().unlink()

    def _agents(self):
        return self.filtered(lambda user: user.has_group(AGENT))

    def _busy(self):
        """Return those of these users for whom anything is open."""
        # What keeps a user from being archived counts whoever archives him.
        busy = self.env["customer.ownership"].sudo()._current_of(self).user_id
        for model in self.env["customer.work.mixin"]._work_models():
            busy = busy.union(*model._count_work_of(self))
        return busy & self

    def _customer_work(self):
        """Return what is open for each user, ``{user: {label: count}}``, as may be told."""
        work = {user: {} for user in self}
        # What keeps a user from being archived counts whoever archives him.
        owned = self.env["customer.ownership"].sudo()._current_of(self)
        for user, rows in owned.grouped("user_id").items():
            work[user][self.env._("customers")] = len(rows)
        for model in self.env["customer.work.mixin"]._work_models():
            for user, count in model._told_work_of(self).items():
                work[user][model._work_label()] = count
        return {user: counts for user, counts in work.items() if counts}

    def _check_leads_no_team(self):
        """Raise a sentence that names the teams nobody would lead."""
        # What keeps a user from being archived counts whoever archives him.
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
            told = ", ".join(f"{count} {label}" for label, count in work.get(user, {}).items())
            message = self.env._(
                "%(user)s still has %(work)s. Pass them on first.",
                user=user.name,
                work=told or self.env._("open work"),
            )
            if not self.env.user.has_group(MANAGER):
                raise UserError(
                    self.env._("%(message)s A follow-up manager can do so.", message=message)
                )
            action = self.env.ref("customer_followup.customer_departure_action_new")
            raise RedirectWarning(
                message, action.id, self.env._("Pass on"), {"default_user_id": user.id}
            )
