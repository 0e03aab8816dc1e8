from odoo import models

from .groups import MANAGER

HOLDER, STAND_IN, MEMBER = "holder", "stand_in", "member"
LEADERS, GENERAL, DEPUTY, ANY_MANAGER = "leaders", "general", "deputy", "any_manager"
# Who takes over, in this order: the customer's backup or else owner; the user named to stand in;
# the member of the team with the least work; the leaders of the team, from its own upwards; the
# general manager; the deputy of the general manager; any manager of the company.
LEVELS = (HOLDER, STAND_IN, MEMBER, LEADERS, GENERAL, DEPUTY, ANY_MANAGER)


class CustomerSuccessionMixin(models.AbstractModel):
    """A record of one user (``user_id``) that others take over when that user cannot act."""

    _name = "customer.succession.mixin"
    _description = "Taken Over by Others"

    def _successor(self, user, **conditions):
        """Return who takes this record over from ``user``, or an empty user.

        :param conditions: as for :meth:`_find_successors`
        """
        self.ensure_one()
        return self._find_successors({self: user}, **conditions).get(self, self.env["res.users"])

    def _find_successors(self, replaced=None, levels=LEVELS, away=None, stand_ins=None):
        """Return who takes over each record from a user who cannot act: ``{record: user}``.

        That user has left, is away or must not know of the record. Levels are tried in the order
        of :data:`LEVELS`; within one, the first user counts who is active, works for the company
        of the record (:meth:`_is_able`), is not the replaced user and is not ``away``. Records for
        which there is no one are left out.

        :param replaced: who cannot act, ``{record: user}``; the user of each record
        :param levels: which levels apply
        :param away: further users who cannot act now
        :param stand_ins: who is named to stand in for each user who is away, ``{user: user}``
        """
        replaced = replaced or {record: record.user_id for record in self}
        away = away or self.env["res.users"]
        found, left = {}, self
        for level in [one for one in LEVELS if one in levels]:
            if not left:
                break
            candidates = left._succession_candidates(level, replaced, away, stand_ins or {})
            for record, users in candidates.items():
                excluded = away | replaced[record]
                for user in users:
                    if user and user not in excluded and record._is_able(user):
                        found[record] = user
                        break
            left = left.filtered(lambda record: record not in found)
        return found

    def _customers_of_work(self):
        """Return the customer each record is about, empty where there is none."""
        return {record: record.commercial_partner_id for record in self}

    def _is_able(self, user):
        # Who works for which company is not confidential.
        user = user.sudo()
        return user.active and self.company_id in user.company_ids

    def _succession_candidates(self, level, replaced, away, stand_ins):
        """Return the users of a level for each record, the first choice first: ``{record: users}``.

        Each chapter adds the users it knows.
        """
        if level == STAND_IN:
            return {record: [stand_ins.get(replaced[record])] for record in self}
        if level == MEMBER:
            return self._least_busy_members(away.union(*replaced.values()))
        if level == LEADERS:
            return {record: record._leaders_above(replaced[record]) for record in self}
        if level == GENERAL:
            return {record: record._team_or_root()._general_managers() for record in self}
        if level == ANY_MANAGER:
            managers = self.env.ref(MANAGER).sudo().all_user_ids - self.env.ref("base.user_root")
            return dict.fromkeys(self, managers.sorted("id"))
        return {}

    def _least_busy_members(self, away):
        chosen = {}
        for team, records in self.grouped("team_id").items():
            users = team._next_users(len(records), away) if team else ()
            # Another one where the least busy may not take it over.
            present = team.sudo().member_ids.filtered("active") - away if team else ()
            for one, user in zip(records, users, strict=False):
                chosen[one] = [user, *present]
        return chosen

    def _leaders_above(self, user):
        """Return the leaders of the team, from its own upwards; of a leader, those above."""
        leaders = self._team_or_root()._chain()
        return leaders[leaders.index(user) + 1 :] if user in leaders else leaders

    def _team_or_root(self):
        """Return the team of the record, else the topmost team of its company."""
        # Who leads which team is known to everyone who works in a team.
        return self.sudo().team_id or self.env["customer.team"]._root(self.company_id)
