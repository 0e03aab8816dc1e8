from datetime import date

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import AGENT, FollowupCommon


class HandoverCommon(FollowupCommon):
    """The agent looks after the customer; a team of its own renews contracts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owned = cls._own(cls.customer, date_from="2026-01-30")
        cls.renewer = new_test_user(cls.env, "cf_renewer", groups=AGENT)
        cls.renewal = cls.env["customer.team"].create(
            {"name": "Renewal", "member_ids": [Command.set(cls.renewer.ids)]}
        )

    @classmethod
    def _own(cls, customer, user=None, **vals):
        return cls.env["customer.ownership"].create(
            {"commercial_partner_id": customer.id, "user_id": (user or cls.agent).id, **vals}
        )

    def _propose(self, user=None, customers=None, **vals):
        """Propose, as the agent or ``user``, to hand customers over to the colleague."""
        return (
            self.env["customer.handover"]
            .with_user(user or self.agent)
            .create(
                {
                    "user_from_id": self.agent.id,
                    "user_to_id": self.colleague.id,
                    "line_ids": [
                        Command.create({"partner_id": customer.id})
                        for customer in customers or self.customer
                    ],
                    **vals,
                }
            )
        )

    def _accept(self, handover, user=None):
        mine = handover.with_user(user or self.colleague)
        mine.check_ids.is_done = True
        mine.action_accept()

    def _notices(self, handover):
        """Return the notifications about a handover."""
        return self.env["mail.message"].search(
            [
                ("model", "=", handover._name),
                ("res_id", "in", handover.ids),
                ("message_type", "=", "user_notification"),
            ]
        )

    def _owner(self, customer=None, role="owner"):
        customer = customer or self.customer
        holders = self.env["customer.ownership"]._holders(customer, self.company, (role,))
        return holders.get((customer.id, role), self.env["res.users"])


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestHandover(HandoverCommon):
    """Customers change hands when the receiver accepts, and what is open goes with them."""

    def test_the_owner_changes_on_acceptance_not_before(self):
        handover = self._propose()
        self.assertEqual(self._owner(), self.agent)
        self.assertEqual(handover.date_due, date(2026, 3, 12))
        self.assertEqual(len(handover.check_ids), 3)
        self._accept(handover)
        self.assertEqual((handover.state, self._owner()), ("accepted", self.colleague))
        self.assertEqual(self.owned.date_to, date(2026, 3, 4))

    def test_a_day_belongs_to_who_was_the_holder_then(self):
        with freeze_time("2026-10-30 10:00"):
            handover = self._propose()
        with freeze_time("2026-11-03 10:00"):
            self._accept(handover)
        ownership = self.env["customer.ownership"]
        for day, holder in (
            ("2026-10-29", self.agent),
            ("2026-11-01", self.agent),
            ("2026-11-03", self.colleague),
        ):
            with self.subTest(day=day):
                found = ownership._holders_on(date.fromisoformat(day), self.customer, self.company)
                self.assertEqual(found, {(self.customer.id, "owner"): holder})
        before = ownership._holders_on(date(2026, 1, 29), self.customer, self.company)
        self.assertEqual(before, {})

    def test_a_customer_may_change_hands_twice_a_day(self):
        self._accept(self._propose())
        back = self._propose(
            self.colleague, user_from_id=self.colleague.id, user_to_id=self.agent.id
        )
        self._accept(back, self.agent)
        found = self.env["customer.ownership"]._holders_on(
            date(2026, 3, 5), self.customer, self.company
        )
        self.assertEqual(found, {(self.customer.id, "owner"): self.agent})

    def test_the_receivers_clock_starts_at_receipt(self):
        with freeze_time("2026-01-30 10:00"):
            handover = self._propose(reason="card")
        self.assertEqual(handover.date_due, date(2026, 2, 6))
        plan = self._make_cadence({"late_count": 7, "late_unit": "days"}, reenrollment="record")
        self.env["customer.followup.rule"].create(
            {
                "name": "Received cards",
                "model_name": "customer.handover.line",
                "domain": "[('state', '=', 'accepted')]",
                "anchor_path": "date_accepted",
                "plan_id": plan.id,
                "active": True,
                "scope": "all",
            }
        )
        with freeze_time("2026-02-12 10:00"):
            self._accept(handover)
            self.assertEqual(handover.late_days, 6)
            self._run_cron("ir_cron_enroll")
            self._run_cron("ir_cron_plan")
        contact = self.env["customer.followup"].search([("plan_id", "=", plan.id)])
        self.assertEqual(contact.user_id, self.colleague)
        self.assertEqual(contact.date_deadline.date(), date(2026, 2, 19))

    def test_what_is_open_goes_along_and_what_is_done_stays(self):
        enrollment = self.plan._enroll(self.customer)
        call, done = self._make_followup(), self._make_followup()
        done._record_outcome(self._ending("reached"))
        other = self._make_followup(partner_id=self._make_customer("Wang Wei").id)
        action = self.env["customer.action"].create(
            {
                "name": "Send the list",
                "user_id": self.agent.id,
                "res_model": "customer.followup",
                "res_id": call.id,
            }
        )
        complaint = self.env["customer.complaint"].create(
            {"title": "It rattles", "partner_id": self.customer.id, "user_id": self.agent.id}
        )
        self._accept(self._propose())
        for record in (enrollment, call, action, complaint):
            self.assertEqual(record.user_id, self.colleague, record._name)
        for record in (done, other):
            self.assertEqual(record.user_id, self.agent)

    def test_the_work_moves_to_the_receivers_team(self):
        call = self._make_followup()
        self._accept(self._propose(user_to_id=self.renewer.id), self.renewer)
        self.assertEqual((call.user_id, call.team_id), (self.renewer, self.renewal))

    def test_many_customers_cost_as_many_queries_as_one(self):
        def queries(count):
            customers = self.env["res.partner"].union(
                *(self._make_customer(f"One of {count}") for _one in range(count))
            )
            for customer in customers:
                self._own(customer, date_from="2026-01-01")
                self._make_followup(partner_id=customer.id)
            handover = self._propose(customers=customers).with_user(self.colleague)
            handover.check_ids.is_done = True
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            handover.action_accept()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertLessEqual(queries(30), queries(2) + 2)

    def test_only_the_receiver_accepts(self):
        handover = self._propose()
        for user in (self.agent, self.leader, self.manager):
            with self.assertRaises(AccessError):
                handover.with_user(user).action_accept()
        with self.assertRaises(AccessError):
            handover.with_user(self.agent).check_ids.is_done = True
        with self.assertRaises(UserError), self.cr.savepoint():
            handover.with_user(self.colleague).action_accept()
        handover.with_user(self.colleague).check_ids.is_done = True
        handover.with_user(self.colleague).action_accept()
        self.assertEqual(handover.decided_by_id, self.colleague)
        with self.assertRaises(UserError):
            handover.with_user(self.colleague).action_accept()

    def test_a_manager_accepts_on_behalf_with_a_reason(self):
        handover = self._propose()
        with self.assertRaises(AccessError):
            handover.with_user(self.leader)._accept_for(self.env["res.users"], "Ill for weeks")
        action = handover.with_user(self.manager).action_accept_for()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({"note": "Ill for weeks"})
        )
        wizard.action_decide()
        self.assertEqual(
            (handover.state, handover.decided_by_id, handover.decision_note, self._owner()),
            ("accepted", self.manager, "Ill for weeks", self.colleague),
        )

    def test_the_member_of_a_team_who_accepts_takes_them(self):
        handover = self._propose(user_to_id=False, team_to_id=self.renewal.id)
        with self.assertRaises(AccessError):
            handover.with_user(self.colleague).action_accept()
        self._accept(handover, self.renewer)
        self.assertEqual((self._owner(), handover.user_to_id), (self.renewer, self.renewer))

    def test_those_who_can_accept_for_a_team_are_asked(self):
        self.renewal.leader_id = self.leader
        handover = self._propose(user_to_id=False, team_to_id=self.renewal.id).sudo()
        self.assertEqual(handover.activity_ids.user_id, self.renewer)
        self._accept(handover, self.renewer)
        self.assertEqual(len(handover.activity_ids), 0)

    def test_managers_are_asked_for_a_team_without_members(self):
        self.renewal.write({"leader_id": self.leader.id, "member_ids": [Command.clear()]})
        handover = self._propose(user_to_id=False, team_to_id=self.renewal.id).sudo()
        managers = self.env.ref("customer_followup.group_followup_manager").all_user_ids
        managers = managers.filtered(lambda one: self.company in one.company_ids)
        self.assertEqual(handover.activity_ids.user_id, managers.filtered("active"))
        handover.with_user(self.manager)._accept_for(self.renewer, "No members yet")
        self.assertEqual(self._owner(), self.renewer)

    def test_what_is_declined_stays_and_both_are_notified_without_names(self):
        handover = self._propose()
        with self.assertRaises(AccessError):
            handover.with_user(self.agent)._decline("No")
        handover.with_user(self.colleague)._decline("Too many already")
        self.assertEqual((handover.state, self._owner()), ("declined", self.agent))
        notices = self._notices(handover)
        self.assertEqual(notices.notified_partner_ids, (self.agent | self.leader).partner_id)
        for message in notices:
            self.assertNotIn("Li Na", f"{message.body}{message.subject}{message.record_name}")
        self.assertFalse(handover.activity_ids)

    def test_the_giver_withdraws(self):
        handover = self._propose()
        with self.assertRaises(AccessError):
            handover.with_user(self.colleague).action_withdraw()
        handover.with_user(self.agent).action_withdraw()
        self.assertEqual((handover.state, self._owner()), ("withdrawn", self.agent))

    def test_the_receiver_finds_an_activity_without_names(self):
        activity = self._propose().sudo().activity_ids
        self.assertEqual(activity.user_id, self.colleague)
        self.assertNotIn("Li Na", f"{activity.summary}{activity.res_name}{activity.note}")

    def test_both_sides_are_notified_once_of_a_late_handover(self):
        handover = self._propose()
        for day, count in (("2026-03-12", 0), ("2026-03-13", 1), ("2026-03-14", 1)):
            with freeze_time(f"{day} 10:00"):
                self._run_cron("ir_cron_handover")
                notices = self._notices(handover)
                self.assertEqual(len(notices), count)
        self.assertEqual(notices.notified_partner_ids, (self.agent | self.colleague).partner_id)
        with freeze_time("2026-03-14 10:00"):
            late = self.env["customer.handover"].search([("is_late", "=", True)])
            self.assertIn(handover, late)

    def test_the_giver_becomes_the_backup_where_the_backup_takes_over(self):
        self._own(self.customer, self.colleague, role="backup", date_from="2026-02-01")
        self._accept(self._propose())
        self.assertEqual((self._owner(), self._owner(role="backup")), (self.colleague, self.agent))

    def test_a_giver_who_is_away_for_long_is_no_backup(self):
        self._own(self.customer, self.colleague, role="backup", date_from="2026-02-01")
        self._accept(self._propose(self.leader, reason="leave"))
        self.assertFalse(self._owner(role="backup"))

    def test_agents_give_away_their_own_customers_only(self):
        theirs = self._make_customer("Wang Wei")
        self._own(theirs, self.colleague)
        nobodys = self._make_customer("Zhao Min")
        for customer in (theirs, nobodys):
            # The message names neither the customer nor the owner.
            with (
                self.assertRaisesRegex(ValidationError, "only customers they own"),
                self.cr.savepoint(),
            ):
                self._propose(customers=customer)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._propose().line_ids = [Command.create({"partner_id": nobodys.id})]
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._propose(
                customers=theirs, user_from_id=self.colleague.id, user_to_id=self.renewer.id
            )
        self._propose(
            self.leader, theirs, user_from_id=self.colleague.id, user_to_id=self.renewer.id
        )
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._propose(customers=self.env["res.partner"], line_ids=[])

    def test_facts_are_not_written_by_hand(self):
        handover = self._propose()
        for vals in (
            {"state": "accepted"},
            {"date_accepted": "2026-01-01 10:00:00"},
            {"user_to_id": self.renewer.id},
            {"user_from_id": self.colleague.id},
            {"date_proposed": "2026-01-01"},
        ):
            with self.assertRaises(UserError):
                handover.with_user(self.manager).write(vals)
        for vals in ({"state": "accepted"}, {"date_proposed": "2026-01-01"}):
            with self.assertRaises(UserError):
                self._propose(**vals)
        with self.assertRaises(UserError):
            self.env["customer.handover"].with_user(self.agent).with_context(
                default_state="accepted"
            ).create({"user_to_id": self.colleague.id})
        with self.assertRaises(UserError):
            handover.with_user(self.manager).sudo().unlink()

    def test_agents_see_what_they_give_or_receive(self):
        handover = self._propose()
        for user, sees in (
            (self.agent, True),
            (self.colleague, True),
            (self.renewer, False),
            (self.leader, True),
            (self.manager, True),
            (self.auditor, True),
        ):
            with self.subTest(user=user.login):
                for model, field in (
                    ("customer.handover", "id"),
                    ("customer.handover.line", "handover_id"),
                    ("customer.handover.check", "handover_id"),
                ):
                    found = self.env[model].with_user(user).search([(field, "=", handover.id)])
                    self.assertEqual(bool(found), sees)
        with self.assertRaises(AccessError):
            handover.with_user(self.auditor).note = "x"
        with self.assertRaises(AccessError):
            self.env["customer.handover"].with_user(self.stranger).search([])

    def test_another_company_sees_nothing(self):
        handover = self._propose()
        self._make_second_company()
        with self.assertRaises(AccessError):
            handover.with_user(self.other_manager).read(["state"])
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._propose(user_to_id=self.other_agent.id)

    def test_masked_people_read_no_contact_details(self):
        line = self._propose().line_ids.with_user(self.colleague)
        values = line.read(["customer_name", "phone_masked", "partner_id"])[0]
        self.assertEqual(values["customer_name"], "Li Na")
        self.assertNotIn("12 34 56", values["phone_masked"])
        with self.assertRaises(AccessError):
            line.partner_id.read(["phone"])

    def test_customers_are_handed_over_from_a_selection(self):
        theirs = self._make_customer("Wang Wei")
        self._own(theirs, self.colleague)
        wizard = (
            self.env["customer.handover.propose"]
            .with_user(self.leader)
            .with_context(active_model="res.partner", active_ids=(self.customer | theirs).ids)
            .create({"user_to_id": self.renewer.id})
        )
        found = self.env["customer.handover"].search(wizard.action_propose()["domain"])
        self.assertEqual(found.user_from_id, self.agent | self.colleague)
        mine = (
            self.env["customer.handover.propose"]
            .with_user(self.agent)
            .with_context(active_model="customer.ownership", active_ids=self.owned.ids)
            .create({"user_to_id": self.renewer.id})
        )
        self.assertEqual(mine.customer_names, "Li Na")
        one = self.env["customer.handover"].browse(mine.action_propose()["res_id"])
        self.assertEqual(one.line_ids.partner_id, self.customer)

    def test_a_customer_of_another_company_is_not_handed_over(self):
        self._make_second_company()
        foreign = self._make_customer("Elsewhere only", company_id=self.other_company.id)
        with self.assertRaises(UserError):
            self._propose(customers=foreign)

    def test_what_is_decided_gets_no_more_customers_or_checks(self):
        handover = self._propose()
        self._accept(handover)
        more = {
            "customer.handover.line": {"partner_id": self._make_customer("Zhou Min").id},
            "customer.handover.check": {"name": "Never confirmed"},
        }
        for model, vals in more.items():
            rows = self.env[model].with_user(self.agent)
            with self.subTest(model=model), self.assertRaisesRegex(UserError, "decided already"):
                rows.create({"handover_id": handover.id, **vals})

    def test_the_giver_confirms_nothing_for_the_receiver(self):
        handover = self._propose()
        checks = self.env["customer.handover.check"].with_user(self.agent)
        with self.assertRaises(AccessError):
            checks.with_context(default_is_done=True).create(
                {"handover_id": handover.id, "name": "Never confirmed"}
            )

    def test_no_one_outside_takes_customers_over(self):
        visitor = new_test_user(self.env, "cf_visitor", groups="base.group_portal")
        with self.assertRaisesRegex(ValidationError, "both must work"):
            self._propose(user_to_id=visitor.id)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestTwoPeople(HandoverCommon):
    """At least two people know each customer."""

    def test_customers_whom_only_one_person_knows_are_listed(self):
        known = self._make_customer("Wang Wei")
        owner = self._own(known)
        self._own(known, self.colleague, role="backup")
        both = self.owned | owner
        self.assertEqual(both.filtered("is_alone"), self.owned)
        rows = self.env["customer.ownership"].with_user(self.agent)
        self.env.invalidate_all()
        self.assertTrue(rows.browse(self.owned.id).is_alone)
        self.assertEqual(rows.search([("is_alone", "=", True), ("id", "in", both.ids)]), self.owned)
        self.assertEqual(rows.search([("is_alone", "=", False), ("id", "in", both.ids)]), owner)
        partners = self.env["res.partner"].with_user(self.manager)
        listed = partners.search([("customer_is_alone", "=", True)])
        self.assertIn(self.customer, listed)
        self.assertNotIn(known, listed)
        self.assertTrue(self.customer.customer_is_alone)
        self.assertFalse(known.customer_is_alone)

    def test_the_backup_is_another_user(self):
        with self.assertRaises(ValidationError):
            self._own(self.customer, self.agent, role="backup")


@tagged("post_install", "-at_install")
class TestHandoverByMonths(HandoverCommon):
    """A team hands its customers over after so many months."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write({"handover_months": 9, "handover_team_id": cls.renewal.id})
        cls.renewal.leader_id = cls.manager

    def _opened(self):
        return self.env["customer.handover"].search(
            [("reason", "=", "months"), ("team_to_id", "=", self.renewal.id)]
        )

    def _open_on(self, day):
        with freeze_time(f"{day} 03:00"):
            self._run_cron("ir_cron_handover")

    def test_it_is_opened_that_day_once_and_changes_nothing_by_itself(self):
        self._open_on("2026-10-29")
        self.assertFalse(self._opened())
        for _turn in range(2):
            self._open_on("2026-10-30")
            handover = self._opened()
            self.assertEqual(len(handover), 1)
        self.assertEqual(handover.line_ids.partner_id, self.customer)
        self.assertEqual((handover.user_from_id, handover.team_to_id), (self.agent, self.renewal))
        self.assertEqual(self._owner(), self.agent)
        with freeze_time("2026-11-03 10:00"):
            self._accept(handover, self.renewer)
        self.assertEqual(self._owner(), self.renewer)
        self._open_on("2027-12-30")
        self.assertEqual(self._opened(), handover)

    def test_what_was_declined_is_not_opened_again(self):
        self._open_on("2026-10-30")
        self._opened().with_user(self.renewer)._decline("Too early")
        self._open_on("2026-11-10")
        self.assertEqual(len(self._opened()), 1)

    def test_a_month_without_that_day_counts_to_its_last(self):
        self.team.handover_months = 1
        self._open_on("2026-02-27")
        self.assertFalse(self._opened())
        self._open_on("2026-02-28")
        self.assertTrue(self._opened())

    def test_a_handover_under_way_comes_first(self):
        with freeze_time("2026-10-29 10:00"):
            handover = self._propose()
        self._open_on("2026-10-30")
        self.assertFalse(self._opened())
        with freeze_time("2026-10-31 10:00"):
            handover.with_user(self.agent).action_withdraw()
        self._open_on("2026-10-31")
        self.assertTrue(self._opened())

    def test_never_and_without_a_team_nothing_is_opened(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.team.handover_team_id = False
        self.team.handover_months = 0
        self._open_on("2030-01-01")
        self.assertFalse(self._opened())

    def test_two_runs_at_once_open_one(self):
        self._open_on("2026-10-30")
        handover = self._opened()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.cr.savepoint(),
        ):
            self.owned._open_handovers()
        self.assertEqual(self._opened(), handover)

    def test_one_that_cannot_be_opened_holds_up_no_other(self):
        poison = self._make_customer("Wang Wei")
        bad = self._own(poison, self.colleague, date_from="2026-01-30")
        # The colleague works elsewhere by now.
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.colleague.write(
            {"company_id": elsewhere.id, "company_ids": [Command.set(elsewhere.ids)]}
        )
        with mute_logger("odoo.addons.customer_followup.models.handover.customer_ownership"):
            self._open_on("2026-10-30")
        self.assertEqual(self._opened().line_ids.partner_id, self.customer)
        self.assertIn("must work for", bad.error)

    def test_a_crash_half_way_opens_the_rest_next_time_and_none_twice(self):
        with freeze_time("2026-10-30 03:00"), self._dying_before_commit(2):
            self._run_cron("ir_cron_handover")
        self._open_on("2026-10-30")
        self.assertEqual(len(self._opened()), 1)
