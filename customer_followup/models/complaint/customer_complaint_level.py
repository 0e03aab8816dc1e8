from odoo import models

VIOLATION = "violation"


class CustomerComplaint(models.Model):
    """Who is above the handler of a complaint, and who acts for them while they are away."""

    _inherit = "customer.complaint"

    def _levels(self):
        """Return who is told of a complaint, level by level: a list of users.

        Complaints about employees go past all levels to whoever decides on them, and breaches of
        rules to whoever looks after compliance.
        """
        if self._is_confided():
            decides = (
                self._filter_allowed(self.decision_maker_id.filtered("active"))
                or self._decision_maker()
            )
            return [decides] if decides else []
        return self.team_id._chain()

    def _acting_for(self, users, levels, away):
        """Return who acts for those of ``users`` who are away.

        Whoever stands in for one, else the next level at which somebody is there.

        :param away: who is away, and who stands in: ``{user: user}``
        """
        acting = self.env["res.users"]
        for user in users:
            if user in away:
                above = levels[levels.index(user) + 1 :] if user in levels else levels
                options = (one for one in (away[user], *above) if one and one not in away)
                able = (one for one in options if one.active and self.company_id in one.company_ids)
                acting |= next((one for one in able if self._filter_allowed(one)), acting.browse())
        return acting
