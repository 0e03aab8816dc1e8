from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestTeam(TransactionCase):
    """A user finds the teams they are a member of, and those they lead or that are below."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member, cls.leader, cls.head = (
            new_test_user(cls.env, f"cf_{name}") for name in ("member", "leader", "head")
        )
        teams = cls.env["customer.team"]
        cls.above = teams.create({"name": "Region", "leader_id": cls.head.id})
        cls.team = teams.create(
            {
                "name": "Shop",
                "leader_id": cls.leader.id,
                "member_ids": cls.member.ids,
                "parent_id": cls.above.id,
            }
        )

    def _found(self, user, name):
        """Return the teams that a search and that reading find for a user."""
        teams = (self.above | self.team).with_user(user).sudo().with_context(active_test=False)
        ours = [("id", "in", teams.ids)]
        found = teams.search([*ours, (name, "=", True)])
        self.assertEqual(teams.filtered(name), found)
        self.assertEqual(teams - found, teams.search([*ours, (name, "=", False)]))
        return found

    def test_who_is_in_which_team(self):
        no_team = self.env["customer.team"]
        self.assertEqual(self._found(self.member, "is_joined"), self.team)
        self.assertEqual(self._found(self.leader, "is_joined"), no_team)
        self.assertEqual(self._found(self.leader, "is_overseen"), self.team)
        self.assertEqual(self._found(self.head, "is_overseen"), self.above | self.team)
        self.assertEqual(self._found(self.member, "is_overseen"), no_team)

    def test_an_archived_team_still_has_its_members(self):
        self.team.active = False
        self.assertEqual(self._found(self.member, "is_joined"), self.team)
        self.assertEqual(self._found(self.head, "is_overseen"), self.above | self.team)
