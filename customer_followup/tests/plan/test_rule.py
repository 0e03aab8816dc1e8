import json
from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.plan import customer_followup_rule_run as rules
from ..common import FollowupCommon


class RuleCommon(FollowupCommon):
    """A rule by which users with certain logins, like deals, put their customers on a plan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Users serve as business records: they are there whatever is installed.
        cls.rule = cls._make_rule()

    @classmethod
    def _make_rule(cls, **vals):
        return cls.env["customer.followup.rule"].create(
            {
                "name": "Deals",
                "model_name": "res.users",
                "domain": "[('login', 'like', 'cf_deal')]",
                "anchor_path": "create_date",
                "plan_id": cls.plan.id,
                "active": True,
                "scope": "all",
                **vals,
            }
        )

    def _deal(self, count=1, **vals):
        known = self.env["res.users"].search_count([("login", "like", "cf_deal")])
        return self.env["res.users"].create(
            [
                {"name": f"Deal {n}", "login": f"cf_deal{n}", **vals}
                for n in range(known, known + count)
            ]
        )

    def _rows(self, rule=None):
        return self.env["customer.followup.enrollment"].search(
            [("rule_id", "=", (rule or self.rule).id)]
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestRule(RuleCommon):
    """Business records of any app put their customers on a plan."""

    def test_matches_are_enrolled_once(self):
        deals = self._deal(3)
        for _turn in range(2):
            self._run_cron("ir_cron_enroll_full")
            self.assertEqual(self._rows().partner_id, deals.partner_id)
            self.assertEqual(len(self._rows()), 3)
        self._rows().action_stop()
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(len(self._rows()), 3)

    def test_the_preview_counts_before_anything_happens(self):
        self._deal(3)
        self.rule.invalidate_recordset()
        self.assertEqual((self.rule.match_count, self.rule.new_count), (3, 3))
        self.assertFalse(self._rows())
        self.rule.limit_per_run = 2
        self.rule.with_user(self.admin).action_run()
        self.rule.invalidate_recordset()
        self.assertEqual((self.rule.match_count, self.rule.new_count), (3, 1))

    def test_each_button_opens_what_it_counts(self):
        self._deal(5)
        self.rule.limit_per_run = 2
        self.rule.with_user(self.admin).action_run()
        self.rule.domain = "[('login', 'like', 'cf_deal'), ('create_date', '>', 'today -1y')]"
        rule = self.rule.with_user(self.admin)
        rule.invalidate_recordset()
        for action, count in ((rule.action_matches(), 5), (rule.action_new(), 3)):
            domain = json.loads(json.dumps(action["domain"]))
            self.assertEqual(self.env["res.users"].search_count(domain), count)
        self.assertEqual((rule.match_count, rule.new_count), (5, 3))

    def test_a_cap_protects_from_a_wrong_condition(self):
        self._deal(5)
        self.rule.limit_per_run = 2
        self._run_cron("ir_cron_enroll_full")
        self.assertFalse(self._rows())
        self.assertIn("more than 2 customers", self.rule.problem)
        # A manager looks at them and starts it.
        self.rule.with_user(self.admin).action_run()
        self.assertEqual(len(self._rows()), 2)
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(len(self._rows()), 4)

    def test_the_frequent_run_looks_back_some_days_only(self):
        self._deal()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users SET create_date = '2026-01-01' WHERE login LIKE 'cf_deal%'"
        )
        self.env.invalidate_all()
        self._run_cron("ir_cron_enroll")
        self.assertFalse(self._rows())
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(self._rows().date_anchor, datetime(2026, 1, 1))

    def test_a_date_without_time_is_noon_of_the_customers_day(self):
        users = self._deal()
        users.partner_id.customer_tz = "Asia/Shanghai"
        rule = self._make_rule(anchor_path="partner_id.write_date")
        record = users
        self.assertIsInstance(
            rule._date(record, rule.anchor_path, users.partner_id, self.company), datetime
        )
        rule.anchor_path = "login_date"
        currency = self._make_rule(
            name="Rates",
            model_name="res.currency.rate",
            partner_path="company_id.partner_id",
            anchor_path="name",
            domain="[]",
        )
        rate = self.env["res.currency.rate"].create(
            {"name": "2026-03-01", "rate": 2, "currency_id": self.env.ref("base.EUR").id}
        )
        self.assertEqual(
            currency._date(rate, "name", users.partner_id, self.company), datetime(2026, 3, 1, 4)
        )

    def test_nonsense_is_refused_with_the_name_of_the_rule(self):
        for vals, sentence in (
            ({"model_name": "no.such"}, "Deals: the app that brings no.such is not installed"),
            ({"domain": "[('nonsense', '=', 1)]"}, "Deals: the condition cannot be used"),
            ({"domain": "__import__('os')"}, "Deals: the condition cannot be used"),
            ({"domain": "[("}, "Deals: the condition cannot be used"),
            ({"partner_path": "login"}, "Deals: login does not lead"),
            ({"partner_path": "nonsense.more"}, "Deals: nonsense.more does not lead"),
            ({"anchor_path": "partner_id"}, "Deals: partner_id does not lead"),
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(ValidationError, sentence),
                self.env.cr.savepoint(),
            ):
                self.rule.write(vals)

    def test_the_author_cannot_use_what_the_author_may_not_read(self):
        rule = self.rule.with_user(self.admin)
        with self.assertRaises(AccessError):
            rule.write({"model_name": "ir.config_parameter", "domain": "[('value', 'like', 'a')]"})
        for domain in (
            "[('presence_ids', '!=', False)]",
            "[('create_uid.presence_ids.status', '=', 'online')]",
            "[('partner_id.create_uid', 'any', [('presence_ids', '!=', False)])]",
        ):
            with self.subTest(domain=domain), self.assertRaises(AccessError):
                rule.domain = domain
        rule.domain = "[('partner_id.create_uid.login', '=', 'a')]"
        for user in (self.manager, self.leader, self.agent):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.rule.with_user(user).write({"domain": "[]"})

    def test_no_path_leads_through_what_the_author_may_not_read(self):
        rule = self.rule.with_user(self.admin)
        stop = {"name": "Spy", "plan_id": self.plan.id, "model_name": "res.users"}
        for path in ("anchor_path", "target_path"):
            with self.subTest(path=path), self.assertRaises(AccessError), self.env.cr.savepoint():
                rule.write({path: "log_ids.create_date"})
        for more in (
            {"partner_path": "log_ids.create_uid.partner_id"},
            {"partner_path": "partner_id", "date_path": "log_ids.create_date"},
        ):
            with self.subTest(more=more), self.assertRaises(AccessError), self.env.cr.savepoint():
                self.env["customer.followup.rule.stop"].with_user(self.admin).create(stop | more)

    def test_no_rule_asks_what_is_written_on_records_of_others(self):
        rule = self.rule.with_user(self.admin)
        about = {"partner_path": "author_id", "anchor_path": "date"}
        for vals in (
            {"model_name": "mail.message", "domain": "[('body', 'like', 'raise')]", **about},
            {"domain": "[('partner_id.message_ids.body', 'like', 'raise')]"},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(AccessError, "belong to records with access rights"),
                self.env.cr.savepoint(),
            ):
                rule.write(vals)

    def test_a_user_who_sees_only_some_records_writes_no_rule_about_all(self):
        vals = {"name": "Spy", "plan_id": self.plan.id, "anchor_path": "create_date"}
        answers = self.env["survey.user_input"].with_user(self.admin)
        answers.sudo().create(
            {"survey_id": self.env.ref("customer_followup.survey_after_delivery").id}
        )
        self.assertLess(answers.search_count([]), answers.sudo().search_count([]))
        for more in (
            {"model_name": "survey.user_input"},
            {"model_name": "survey.user_input", "partner_path": "create_uid.partner_id"},
            {"model_name": "survey.user_input", "target_path": "end_datetime"},
        ):
            with (
                self.subTest(more=more),
                self.assertRaisesRegex(AccessError, "you see only some of Survey User Input"),
            ):
                self.env["customer.followup.rule"].with_user(self.admin).create(vals | more)
        # The manager sees all of these.
        self.env["customer.followup.rule"].with_user(self.admin).create(
            {**vals, "model_name": "customer.complaint"}
        )

    def test_a_record_rule_for_all_users_counts_like_one_of_a_group(self):
        author = self.env["customer.followup.rule"].with_user(self.admin)
        vals = {"name": "Spy", "plan_id": self.plan.id, "anchor_path": "create_date"}
        hides = self.env["ir.rule"].create(
            {
                "name": "Kept from some",
                "model_id": self.env["ir.model"]._get_id("customer.complaint"),
                "domain_force": "[('user_id', '!=', user.id), ('company_id', 'in', company_ids)]",
            }
        )
        with self.assertRaisesRegex(AccessError, "you see only some of"), self.env.cr.savepoint():
            author.create({**vals, "model_name": "customer.complaint"})
        hides.domain_force = "['|', ('user_id', '!=', user.id), ('company_id', 'in', company_ids)]"
        author.create({**vals, "model_name": "customer.complaint"})

    def test_a_user_who_sees_only_their_own_contacts_writes_no_rule_about_all(self):
        self.env["ir.rule"].create(
            {
                "name": "Own contacts",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "groups": self.env.ref("base.group_user").ids,
                "domain_force": "[('user_id', '=', user.id)]",
            }
        )
        with self.assertRaisesRegex(AccessError, "you see only some of Contact"):
            self.env["customer.followup.rule"].with_user(self.admin).create(
                {
                    "name": "Spy",
                    "plan_id": self.plan.id,
                    "model_name": "res.partner",
                    "partner_path": "commercial_partner_id",
                    "anchor_path": "create_date",
                }
            )

    def test_no_rule_looks_into_a_model_closed_to_its_author_whatever_the_app(self):
        rules = self.env["customer.followup.rule"].with_user(self.admin)
        closed = [
            name
            for name, model in rules.env.items()
            if not (model._abstract or model._transient or model.has_access("read"))
        ]
        self.assertIn("ir.mail_server", closed)
        vals = {"name": "Spy", "anchor_path": "create_date", "plan_id": self.plan.id}
        vals["partner_path"] = "create_uid.partner_id"
        for name in closed:
            with self.subTest(model=name):
                rule = rules.new({**vals, "model_name": name})
                self.assertEqual((rule.match_count, rule.new_count), (0, 0))
                with self.assertRaises(AccessError):
                    rules.new({**vals, "model_name": name})._check_one_makes_sense()

    def test_a_rule_of_a_missing_app_sleeps_and_says_so(self):
        other = self._make_rule(name="Others")
        self._deal()
        self.env.cr.execute(
            "UPDATE customer_followup_rule SET model_name = 'gone.model' WHERE id = %s",
            [self.rule.id],
        )
        self.env.invalidate_all()
        with mute_logger(rules.__name__):
            self._run_cron("ir_cron_enroll_full")
        self.assertIn("gone.model is not installed", self.rule.problem)
        self.assertEqual(len(self._rows(other)), 1)
        self.assertFalse(other.problem)
        self.assertEqual(self.rule.match_count, 0)

    def test_a_record_that_cannot_be_enrolled_holds_up_no_other(self):
        deals = self._deal(5)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        # Moved to another company behind Odoo's back.
        self.env.cr.execute(
            "UPDATE res_partner SET company_id = %s WHERE id = %s",
            [elsewhere.id, deals[2].partner_id.id],
        )
        self.env.invalidate_all()
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(len(self._rows()), 4)
        self.assertIn("Deal 2", self.rule.problem)
        self.assertIn("another company", self.rule.problem)

    def test_a_crash_half_way_enrolls_the_rest_and_no_one_twice(self):
        other = self._make_rule(name="Others")
        self._deal(3)
        with self._dying_before_commit(3):
            self._run_cron("ir_cron_enroll_full")
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual((len(self._rows()), len(self._rows(other))), (3, 3))

    def test_dates_that_cannot_be_followed_undo_no_enrollment(self):
        deal = self._deal()
        self.patch(type(self.rule), "_follow_dates", lambda rule, rows: 1 / 0)
        with mute_logger("odoo.addons.customer_followup.models.plan.customer_followup_rule_run"):
            self._run_cron("ir_cron_enroll_full")
            self.assertEqual(self._rows().partner_id, deal.partner_id)
            self._run_cron("ir_cron_enroll_full")
        self.assertEqual(self.rule.problem, "division by zero")

    def test_dates_are_followed_some_at_a_time(self):
        self._deal(5)
        self._run_cron("ir_cron_enroll_full")
        followed = []
        follow = type(self.rule)._follow_dates

        def count(rule, rows):
            followed.append(len(rows))
            return follow(rule, rows)

        self.patch(type(self.rule), "_follow_dates", count)
        self.patch(rules, "FOLLOWED_AT_ONCE", 2)
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(followed, [2, 2, 1])

    def test_rules_of_plans_that_do_not_run_rest(self):
        self._deal()
        self.plan.action_close()
        self._run_cron("ir_cron_enroll_full")
        self.assertFalse(self._rows())

    def test_records_of_other_companies_are_left_alone(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        deals = self._deal(2)
        deals[0].write({"company_ids": [(4, elsewhere.id)], "company_id": elsewhere.id})
        self.rule.company_id = self.company
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(self._rows().partner_id, deals[1].partner_id)

    def test_only_enrolled_rows_are_looked_up(self):
        self._deal(30)
        self.env.flush_all()
        self.rule._enroll_matches(is_full=True)
        self.env.flush_all()
        before = self.cr.sql_log_count
        self.rule._enroll_matches(is_full=True)
        self.assertLessEqual(self.cr.sql_log_count - before, 4)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestRuleStart(FollowupCommon):
    """A new rule is off; switching it on says which records it takes, by default no old ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref("customer_followup.survey_after_delivery")
        cls.rule = cls._make_rule()
        cls.old = cls._answer("2024-04-04 08:00:00")
        cls.recent = cls._answer("2026-02-20 08:00:00")

    @classmethod
    def _make_rule(cls, **vals):
        return cls.env["customer.followup.rule"].create(
            {
                "name": "Answers",
                "model_name": "survey.user_input",
                "domain": f"[('survey_id', '=', {cls.survey.id}), ('nickname', '=', 'Deal')]",
                "anchor_path": "start_datetime",
                "plan_id": cls.plan.id,
                **vals,
            }
        )

    @classmethod
    def _answer(cls, moment, nickname="Deal"):
        return cls.env["survey.user_input"].create(
            {
                "survey_id": cls.survey.id,
                "partner_id": cls._make_customer("Kim").id,
                "nickname": nickname,
                "start_datetime": moment,
            }
        )

    def _enrolled(self, rule=None):
        """Return the records enrolled by a rule."""
        rows = self.env["customer.followup.enrollment"].search(
            [("rule_id", "=", (rule or self.rule).id)], order="id"
        )
        return self.env["survey.user_input"].browse(rows.mapped("res_id"))

    def _run_both(self):
        self._run_cron("ir_cron_enroll")
        self._run_cron("ir_cron_enroll_full")

    def _start(self, user=None, **vals):
        start = self.env["customer.followup.rule.start"].with_user(user or self.env.user)
        return start.create({"rule_id": self.rule.id, **vals})

    def test_a_new_rule_is_off_and_enrolls_no_customer(self):
        self.assertFalse(self.rule.active)
        self.assertFalse(self.rule.date_from)
        self._run_both()
        self.assertFalse(self._enrolled())
        with self.assertRaisesRegex(UserError, "Answers is off: switch it on"):
            self.rule.with_user(self.admin).action_run()
        self.assertFalse(self._enrolled())

    def test_switched_on_without_a_choice_it_takes_records_from_now_on(self):
        ways = {
            "write": lambda: self.rule.write({"active": True}),
            "unarchive": lambda: self.rule.action_unarchive(),
            "toggle": lambda: self.rule.web_save({"active": True}, {"active": {}}),
            "import": lambda: self.env["customer.followup.rule"].load(
                ["id", "active"], [["__export__.rule_answers", "True"]]
            ),
        }
        self.env["ir.model.data"].create(
            {"module": "__export__", "name": "rule_answers", "model": self.rule._name,
             "res_id": self.rule.id}
        )  # fmt: skip
        for name, switch_on in ways.items():
            with self.subTest(way=name):
                self.rule.active = False
                switch_on()
                self.assertTrue(self.rule.active)
                self.assertEqual(self.rule.scope, "since")
                self.assertEqual(self.rule.date_from, datetime(2026, 3, 5, 10))
                self._run_both()
                self.assertFalse(self._enrolled())
        with freeze_time("2026-03-05 12:00"):
            new = self._answer("2026-03-05 11:00:00")
            self._run_cron("ir_cron_enroll")
        self.assertEqual(self._enrolled(), new)

    def test_a_rule_created_on_takes_records_from_now_on(self):
        rule = self._make_rule(active=True)
        self.assertEqual(rule.date_from, datetime(2026, 3, 5, 10))
        self._run_both()
        self.assertFalse(self._enrolled(rule))

    def test_a_day_chosen_before_counts(self):
        self.rule.date_from = "2026-02-01 00:00:00"
        self.rule.active = True
        self.assertEqual(self.rule.date_from, datetime(2026, 2, 1))
        self._run_both()
        self.assertEqual(self._enrolled(), self.recent)

    def test_an_old_record_that_begins_to_match_is_not_taken(self):
        later = self._answer("2026-01-10 08:00:00", nickname="Other")
        self.rule.active = True
        later.nickname = "Deal"
        self._run_both()
        self.assertFalse(self._enrolled())

    def test_the_day_of_a_record_without_a_time_counts_as_a_whole(self):
        rate = {"rate": 2, "currency_id": self.env.ref("base.EUR").id}
        rates = self.env["res.currency.rate"].create(
            [{**rate, "name": f"2026-03-0{day}"} for day in (4, 5, 6)]
        )
        rule = self._make_rule(
            model_name="res.currency.rate",
            partner_path="company_id.partner_id",
            anchor_path="name",
            domain=f"[('id', 'in', {rates.ids})]",
            active=True,
        )
        self.assertEqual(rule._watched().search(rule._new_domain()), rates[1:].sorted())

    def test_the_dialog_counts_what_each_choice_takes(self):
        start = self._start(days=30)
        self.assertEqual((start.now_count, start.days_count, start.all_count), (0, 1, 2))
        self.assertEqual(start.choice, "now")
        start.days = 3
        self.assertEqual(start.days_count, 0)
        start.choice = "all"
        self.assertIn(
            "2 records match now. For 2 of them the customer would be enrolled", start.preview
        )
        self.assertFalse(self._enrolled())

    def test_from_now_on_enrolls_none_of_those_there_are(self):
        self._start().action_start()
        self.assertTrue(self.rule.active)
        self._run_both()
        self.assertFalse(self._enrolled())
        self.rule.invalidate_recordset()
        self.assertEqual((self.rule.match_count, self.rule.new_count), (2, 0))
        self.assertEqual(
            self.rule.preview.splitlines(),
            [
                "2 records match now. For 0 of them the customer would be enrolled; 0 are enrolled"
                " already or may not be.",
                "2 started too early and are left out.",
                "It takes records from 03/05/2026 on.",
            ],
        )

    def test_those_of_the_last_days_are_enrolled_at_once(self):
        action = self._start(choice="days", days=30).action_start()
        self.assertEqual(self._enrolled(), self.recent)
        self.assertEqual(action["params"]["message"], "Answers: enrolled for 1 records.")
        self._run_both()
        self.assertEqual(self._enrolled(), self.recent)

    def test_all_are_enrolled_up_to_the_limit_and_the_rest_at_night(self):
        self.rule.limit_per_run = 1
        action = self._start(choice="all").action_start()
        self.assertEqual(self.rule.scope, "all")
        self.assertEqual(self._enrolled(), self.old)
        self.assertIn("enrolled for 1 records. 1 more can be enrolled", action["params"]["message"])
        self._run_cron("ir_cron_enroll_full")
        self.assertEqual(self._enrolled(), self.old | self.recent)

    def test_earlier_records_may_be_taken_later(self):
        self.rule.active = True
        action = self.rule.with_user(self.admin).action_ask_start()
        self.assertEqual(action["context"]["default_choice"], "days")
        self._start(choice="days", days=30).action_start()
        self.assertEqual(self._enrolled(), self.recent)

    def test_off_and_on_again_it_starts_anew(self):
        self._start(choice="all").action_start()
        self.rule.with_user(self.admin).action_switch_off()
        self.assertFalse(self.rule.active)
        missed = self._answer("2026-03-05 10:30:00")
        with freeze_time("2026-03-06 10:00"):
            self.rule.active = True
            self.assertEqual(self.rule.date_from, datetime(2026, 3, 6, 10))
            self._run_both()
        self.assertNotIn(missed, self._enrolled())

    def test_a_copy_is_off(self):
        self._start(choice="all").action_start()
        copy = self.rule.copy()
        self.assertEqual((copy.active, copy.scope, copy.date_from), (False, "since", False))

    def test_a_plan_that_does_not_run_is_named_once(self):
        self.plan.action_close()
        start = self._start(choice="all")
        self.assertEqual(start.plan_state, "closed")
        start.action_start()
        self.assertTrue(self.rule.active)
        self.assertIn("After repair does not run", self.rule.preview)
        with self.assertRaisesRegex(UserError, "^After repair does not run yet: run it"):
            self.rule.action_run()
        self.assertFalse(self._enrolled())

    def test_what_was_written_while_it_was_off_is_checked_when_it_is_switched_on(self):
        self.env["customer.followup.rule.stop"].create(
            {
                "name": "Answered",
                "plan_id": self.plan.id,
                "model_name": "survey.user_input",
                "domain": self.rule.domain,
            }
        )
        with self.assertRaisesRegex(ValidationError, "would stop at once"):
            self.rule.active = True

    def test_who_may_not_see_the_records_takes_no_old_ones(self):
        start = self._start(self.admin, choice="days")
        self.assertEqual((start.days_count, start.all_count), (0, 0))
        self.assertIn("you see only some of Survey User Input", start.preview)
        with self.assertRaisesRegex(AccessError, "you see only some of"), self.env.cr.savepoint():
            start.action_start()
        start.choice = "now"
        start.action_start()
        self.assertEqual(self.rule.date_from, datetime(2026, 3, 5, 10))

    def test_only_administrators_switch_rules_on(self):
        for user in (self.manager, self.leader, self.agent):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.rule.with_user(user).action_ask_start()
                with self.assertRaises(AccessError):
                    self._start().with_user(user).action_start()

    def test_what_is_past_is_not_sent_and_not_missed(self):
        mail = self.env["customer.channel"].search([("kind", "=", "email")], limit=1)
        quarterly = {"repeat": "interval", "every_unit": "quarters", "end_count": 20}
        self.rule.plan_id = self._make_cadence(
            {"name": "Mail", "offset_count": 7, "channel_id": mail.id, "message": "Welcome"},
            {"name": "Call", "offset_count": 3},
            {"name": "Quarterly", "offset_count": 3, "offset_unit": "months", **quarterly},
        )
        self._start(choice="all").action_start()
        self._run_cron("ir_cron_plan")
        contacts = self.env["customer.followup"].search([("plan_id", "=", self.rule.plan_id.id)])
        old = contacts.filtered(lambda one: one.date_nominal < datetime(2026, 2, 1))
        self.assertEqual(set(contacts.mapped("state")), {"not_applicable"})
        self.assertEqual(set(contacts.mapped("close_code")), {"passed"})
        self.assertEqual(set(contacts.mapped("timeliness")), {False})
        # Seven quarters of the old one are noted once.
        self.assertEqual(old.filtered(lambda one: one.name == "Quarterly").covered_count, 7)
        self.assertEqual(len(contacts), 5)
        sent = self.env["customer.followup"].search(contacts._to_send_domain())
        self.assertFalse(sent & contacts)
        year = datetime(2024, 1, 1), datetime(2027, 1, 1)
        rate = contacts._followup_rate(*year, [("id", "in", contacts.ids)])
        self.assertIsNone(rate)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestRulePolicy(FollowupCommon):
    """What a rule does with customers who are on its plan already, and what it says before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref("customer_followup.survey_after_delivery")

    def _rule(self, **vals):
        """Create a rule that watches answers to a survey, of which a customer may give many."""
        return self.env["customer.followup.rule"].create(
            {
                "name": "Answers",
                "model_name": "survey.user_input",
                "domain": f"[('survey_id', '=', {self.survey.id}), ('nickname', '=', 'Deal')]",
                "anchor_path": "start_datetime",
                "active": True,
                "scope": "all",
                **vals,
            }
        )

    def _answer(self, partner, day, **vals):
        return self.env["survey.user_input"].create(
            {
                "survey_id": self.survey.id,
                "partner_id": partner.id,
                "nickname": "Deal",
                "start_datetime": f"2026-03-{day:02} 08:00:00",
                **vals,
            }
        )

    def _enrolled(self, rule):
        return self.env["customer.followup.enrollment"].search(
            [("rule_id", "=", rule.id)], order="date_anchor"
        )

    def test_each_record_enrolls_once_or_each_customer(self):
        kim = self._make_customer("Kim")
        for policy, count in (("record", 3), ("single", 2), ("never", 2), ("restart", 3)):
            with self.subTest(policy=policy):
                plan = self._make_cadence({"offset_count": 3}, reenrollment=policy)
                rule = self._rule(plan_id=plan.id)
                if policy == "record":
                    for partner, day in ((self.customer, 1), (self.customer, 3), (kim, 2)):
                        self._answer(partner, day)
                rule._enroll_safely(is_full=True)
                self.assertFalse(rule.problem)
                rows = self._enrolled(rule)
                self.assertEqual(len(rows), count)
                rule.invalidate_recordset()
                self.assertEqual(rule.new_count, 0)
                running = rows.filtered(lambda row: row.state == "active")
                self.assertEqual(len(running), 3 if policy == "record" else 2)
                if policy == "restart":
                    mine = running.filtered(lambda row: row.partner_id == self.customer)
                    self.assertEqual(mine.date_anchor, datetime(2026, 3, 3, 8))

    def test_the_plan_takes_a_customer_once_in_each_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        plan = self._make_cadence(
            {"offset_count": 3}, reenrollment="single", company_id=False, team_id=False
        )
        rule = self._rule(
            plan_id=plan.id,
            model_name="res.users",
            domain="[('login', 'like', 'cf_deal')]",
            partner_path="partner_id.parent_id",
            anchor_path="create_date",
        )
        for number, company in enumerate((self.company, self.company, elsewhere)):
            deal = {"name": "Deal", "login": f"cf_deal{number}", "company_id": company.id}
            deals = self.env["res.users"].create({**deal, "company_ids": company.ids})
            deals.partner_id.parent_id = self.customer
            rule._enroll_safely(is_full=True)
            self.assertFalse(rule.problem)
        self.assertEqual(len(self._enrolled(rule)), 2)
        self.assertEqual(self._enrolled(rule).company_id, self.company | elsewhere)

    def test_who_left_a_plan_may_come_again_where_it_says_so(self):
        plan = self._make_cadence({"offset_count": 3}, reenrollment="single")
        rule = self._rule(plan_id=plan.id)
        self._answer(self.customer, 1)
        rule._enroll_safely(is_full=True)
        self._answer(self.customer, 4)
        rule._enroll_safely(is_full=True)
        self.assertEqual(len(self._enrolled(rule)), 1)
        self._enrolled(rule).action_stop()
        rule._enroll_safely(is_full=True)
        self.assertEqual(len(self._enrolled(rule)), 2)

    def test_the_preview_tells_the_work_of_the_next_month(self):
        weekly = {"repeat": "interval", "every_unit": "weeks", "every_count": 1, "end_count": 3}
        plan = self._make_cadence({"offset_count": 3}, {"offset_count": 7, **weekly})
        self.env["customer.ownership"].create(
            {"commercial_partner_id": self.customer.id, "user_id": self.agent.id}
        )
        self._answer(self.customer, 5)
        self._answer(self.customer, 5)
        self._answer(self._make_customer("Kim"), 1)
        rule = self._rule(plan_id=plan.id)
        self.assertEqual((rule.match_count, rule.new_count), (3, 3))
        self.assertIn(
            "3 records match now. For 3 of them the customer would be enrolled; 0 are", rule.preview
        )
        # Twice four of Li Na; of Kim one is late already, and three come.
        self.assertIn("Next 30 days: 12 contacts, at most 2 a day", rule.preview)
        plan.past_policy = "skip"
        self.assertIn("Next 30 days: 11 contacts, at most 2 a day", rule.preview)
        self.assertIn(self.agent.name, rule.preview)
        self.assertFalse(self._enrolled(rule), "A preview does nothing.")

    def test_the_preview_takes_as_many_queries_for_many_as_for_few(self):
        plan = self._make_cadence({"offset_count": 3})
        rule = self._rule(plan_id=plan.id)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(rule.preview)
            return self.cr.sql_log_count - before

        self._answer(self.customer, 5)
        few = count()
        for number in range(30):
            self._answer(self._make_customer(f"C{number}"), 5)
        self.assertLessEqual(count(), few + 2)

    def test_enrolling_takes_as_many_queries_for_many_as_for_few(self):
        plan = self._make_cadence({"offset_count": 3})

        def count(customers):
            rule = self._rule(
                plan_id=plan.id, name=f"Rule {customers}",
                domain=f"[('nickname', '=', 'Deal {customers}')]",
            )  # fmt: skip
            for number in range(customers):
                self._answer(self._make_customer(f"C{number}"), 5, nickname=f"Deal {customers}")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(rule._enroll_matches(is_full=True)), customers)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(1)
        self.assertLessEqual(count(60), count(6) + 2)

    def test_a_rule_discloses_nothing_the_author_may_not_read(self):
        rules = self.env["customer.followup.rule"].with_user(self.admin)
        vals = {"name": "Spy", "anchor_path": "create_date", "plan_id": self.plan.id}
        for model, path in (
            ("ir.config_parameter", "create_uid.partner_id"),
            ("res.users.log", "create_uid.partner_id"),
            ("ir.mail_server", "create_uid.partner_id"),
        ):
            with self.subTest(model=model):
                rule = rules.new({**vals, "model_name": model, "partner_path": path})
                self.assertEqual((rule.match_count, rule.new_count), (0, 0))
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    rules.create({**vals, "model_name": model, "partner_path": path})
        closed = rules.new(
            {**vals, "model_name": "res.users", "domain": "[('password', '!=', False)]"}
        )
        self.assertEqual(closed.match_count, 0)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestRuleStop(FollowupCommon):
    """Records take customers off plans, and two rules do not undo each other."""

    def setUp(self):
        super().setUp()
        self.deal = self.env["res.users"].create({"name": "Deal", "login": "cf_deal"})
        self.rule = self.env["customer.followup.rule"].create(
            {
                "name": "Deals",
                "model_name": "res.users",
                "domain": "[('login', 'like', 'cf_deal')]",
                "anchor_path": "create_date",
                "plan_id": self.plan.id,
                "active": True,
                "scope": "all",
            }
        )
        self.rule._enroll_safely(is_full=True)
        self.row = self.env["customer.followup.enrollment"].search([("rule_id", "=", self.rule.id)])

    def _stop(self, **vals):
        return self.env["customer.followup.rule.stop"].create(
            {
                "name": "Deal lost",
                "plan_id": self.plan.id,
                "model_name": "res.users",
                "domain": "[('signature', 'like', 'lost')]",
                **vals,
            }
        )

    def test_the_record_that_enrolled_takes_its_customer_off(self):
        stop = self._stop()
        self._run_cron("ir_cron_enroll")
        self.assertEqual(self.row.state, "active")
        self.deal.signature = "lost"
        for _turn in range(2):
            self._run_cron("ir_cron_enroll_full")
            self.assertEqual(
                (self.row.state, self.row.stop_code, self.row.stop_note),
                ("stopped", "goal_reached", "Deal lost"),
            )
            rows = self.env["customer.followup.enrollment"].search_count(
                [("rule_id", "=", self.rule.id)]
            )
            self.assertEqual(rows, 1, "Whom a record took off, it does not put on again.")
        self.assertFalse(stop.problem)

    def test_a_newer_record_of_the_customer_stops_the_plan(self):
        self._stop(
            name="Complained",
            model_name="customer.complaint",
            domain="[('title', '=', 'Hm')]",
            partner_path="partner_id",
            date_path="date_received",
            code="asked",
        )
        complaint = {"title": "Hm", "partner_id": self.deal.partner_id.id}
        self.row.date_anchor = datetime(2026, 3, 4, 10)
        self.env["customer.complaint"].create({**complaint, "date_received": "2026-03-03 10:00:00"})
        self._run_cron("ir_cron_enroll")
        self.assertEqual(self.row.state, "active")
        self.env["customer.complaint"].create({**complaint, "date_received": "2026-03-05 10:00:00"})
        self._run_cron("ir_cron_enroll")
        self.assertEqual((self.row.state, self.row.stop_code), ("stopped", "asked"))

    def test_two_rules_that_undo_each_other_are_refused(self):
        sentence = "Deal lost would stop at once what Deals starts"
        with self.assertRaisesRegex(ValidationError, sentence), self.env.cr.savepoint():
            self._stop(domain="[('login', 'like', 'cf_deal')]")
        self._stop()
        with self.assertRaisesRegex(ValidationError, sentence), self.env.cr.savepoint():
            self.rule.domain = "[('signature', 'like', 'lost')]"

    def test_a_stop_rule_that_cannot_work_says_so_and_holds_up_no_other(self):
        broken, good = self._stop(name="Broken"), self._stop()
        self.env.cr.execute(
            "UPDATE customer_followup_rule_stop SET model_name = 'gone.model' WHERE id = %s",
            [broken.id],
        )
        self.env.invalidate_all()
        self.deal.signature = "lost"
        with self.assertLogs("odoo.addons.customer_followup", "WARNING"):
            self._run_cron("ir_cron_enroll")
        self.assertIn("gone.model is not installed", broken.problem)
        self.assertFalse(good.problem)
        self.assertEqual(self.row.state, "stopped")

    def test_its_author_uses_only_what_the_author_may_read(self):
        stops = self.env["customer.followup.rule.stop"].with_user(self.admin)
        vals = {"name": "Spy", "plan_id": self.plan.id}
        for more in (
            {"model_name": "ir.config_parameter"},
            {"model_name": "res.users", "domain": "[('password', '=', 'x')]"},
            {"model_name": "res.users", "partner_path": "login"},
            {"model_name": "res.users", "partner_path": "partner_id", "date_path": "name"},
        ):
            with self.subTest(vals=more), self.assertRaises(UserError), self.env.cr.savepoint():
                stops.create({**vals, **more})
