from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import FollowupCommon
from .gallery import EXPECTED

PREFIX = "customer_followup.customer_followup_plan_gallery_"
START = "2026-03-02"
# What the database, not the plan, says of a record.
OWN = {"id", "create_uid", "create_date", "write_uid", "write_date", "display_name"}


class GalleryCommon(FollowupCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.templates = cls.env["customer.followup.plan"].search([("is_template", "=", True)])
        cls.station = cls._template("car_station")

    @classmethod
    def _template(cls, name):
        return cls.env.ref(PREFIX + name)

    @classmethod
    def _tag(cls, name):
        return cls.env.ref(f"customer_followup.res_partner_category_{name}")

    @classmethod
    def _use(cls, template, user=None):
        """Return the plan the manager makes of a template, with its texts filled in."""
        plan = cls._copy(template, user)
        for step in plan.step_ids:
            step.message = (step.message or "").replace("[…]", "our news")
        return plan

    @classmethod
    def _copy(cls, template, user=None):
        action = template.with_user(user or cls.manager).action_use_template()
        return cls.env["customer.followup.plan"].browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestGalleryDates(GalleryCommon):
    """Each plan of the gallery contacts a customer on the days it promises, for a year."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plans = {name: cls._use(cls._template(name)) for name in EXPECTED}

    def _dates(self, name, is_stopped):
        """Return the days expected, as ``{step: text}``."""
        return {
            step: days.partition(" |")[0] if is_stopped else days.replace(" |", "")
            for step, days in EXPECTED[name]["steps"].items()
        }

    def _text(self, moments, name):
        last = date.fromisoformat(EXPECTED[name].get("start", START)) + timedelta(days=364)
        days = sorted({moment.date() for moment in moments if moment.date() <= last})
        return " ".join(day.strftime("%m-%d") for day in days)

    def test_all_templates_are_expected(self):
        names = [f"{PREFIX}{name}" for name in EXPECTED]
        self.assertEqual(sorted(self.templates.get_external_id().values()), sorted(names))

    def test_the_preview_shows_the_first_year(self):
        for name, plan in self.plans.items():
            plan.sample_date = EXPECTED[name].get("start", START)
            plan.sample_target = EXPECTED[name].get("target", False)
            found = plan.step_ids._first_year(plan._sample())
            with self.subTest(plan=name):
                self.assertEqual(
                    {
                        step.name: self._text(
                            [one.planned for other, one in found if other == step], name
                        )
                        for step in plan.step_ids
                    },
                    self._dates(name, is_stopped=False),
                )

    def test_the_planner_makes_the_first_year(self):
        for plan in self.plans.values():
            plan.team_id = self.team
            plan.with_user(self.manager).action_run()
        self.rows = self._make_rows()
        self._live_through_a_year()
        contacts = self.env["customer.followup"].search(
            [("enrollment_id", "in", [row.id for row in self.rows.values()])]
        )
        self.assertEqual(
            [
                (one.plan_id.name, one.name, one.state, one.close_code)
                for one in contacts.filtered(
                    lambda one: one.state in ("withheld", "missed", "not_applicable")
                )
            ],
            [],
        )
        by_step = contacts.grouped("step_id")
        for name, plan in self.plans.items():
            with self.subTest(plan=name):
                self.assertEqual(
                    {
                        step.name: self._text(
                            by_step.get(step, contacts.browse()).mapped("date_planned"), name
                        )
                        for step in plan.step_ids
                    },
                    self._dates(name, is_stopped=True),
                )
        first = by_step[self.plans["software_use"].step_ids[0]]
        self.assertEqual(len(first), 4, "One contact for each role.")

    def _make_rows(self):
        """Put a customer on each plan, at noon of its first day."""
        marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        rows = {}
        for name, plan in self.plans.items():
            customer = self._make_customer(
                name,
                phone="+33 6 12 34 56 78",
                email=f"{name}@example.com",
                category_id=[Command.set((self._tag("promising") | self._tag("sutures")).ids)],
            )
            about = EXPECTED[name]
            with freeze_time(f"{about.get('start', START)} 12:00"):
                customer._note_consent(marketing, "given", "written", notice="March 2026")
                target = about.get("target")
                rows[name] = plan._enroll(customer, date_target=target and f"{target} 12:00:00")
        return rows

    def _live_through_a_year(self):
        """Plan on each day something is to be planned; do what others wait for on its day."""
        rows = self.env["customer.followup.enrollment"].union(*self.rows.values())
        stops = {about["stop"]: about for about in EXPECTED.values() if "stop" in about}
        # A greeting that is not sent on its day expires.
        steps = rows.version_id.step_ids
        awaited = steps.filtered(lambda step: step._pattern().is_chained or step.is_expiring)
        awaited |= self.env["customer.followup.step"].union(
            *(before for version in rows.version_id for before in version._befores().values())
        )
        day, end = date.fromisoformat(START), date(2027, 3, 30)
        while day <= end:
            self._plan_on(day, 13)
            self._do_on(day, rows, awaited)
            if str(day) in stops:
                self._tag_on(str(day))
            day = max(day + timedelta(days=1), self._next_day(rows, awaited, stops, day, end))

    def _open(self, rows, awaited):
        return self.env["customer.followup"].search(
            [
                ("enrollment_id", "in", rows.ids),
                ("step_id", "in", awaited.ids),
                ("state", "in", ["planned", "waiting"]),
            ]
        )

    def _do_on(self, day, rows, awaited):
        due = self._open(rows, awaited).filtered(lambda one: one.date_planned.date() <= day)
        if due:
            with freeze_time(f"{day} 18:00"):
                for contact in due:
                    contact._record_outcome(self._ending("reached"))
            self._plan_on(day, 19)

    def _tag_on(self, day):
        for name, row in self.rows.items():
            if EXPECTED[name].get("stop") == day:
                row.partner_id.category_id |= self._tag(EXPECTED[name]["tag"])

    def _next_day(self, rows, awaited, stops, day, end):
        moments = rows.filtered(lambda row: row.state == "active").mapped("date_next")
        moments += self._open(rows, awaited).mapped("date_planned")
        days = [moment.date() for moment in moments if moment]
        days += [date.fromisoformat(stop) for stop in stops]
        return min([one for one in days if one > day], default=end)


@tagged("post_install", "-at_install")
class TestGallery(GalleryCommon):
    """Templates are looked at and copied, nothing else."""

    def test_every_template_says_what_must_be_said(self):
        for plan in self.templates:
            with self.subTest(plan=plan.name):
                self.assertTrue(plan.lawful_basis and plan.industry and plan.description)
                self.assertEqual(plan.is_proposal, "proposal" in plan.description)
                self.assertNotIn("\n", plan.summary)
                self.assertTrue(plan.summary)
                said = plan.step_ids.filtered(lambda step: step.channel_id.kind != "survey")
                self.assertTrue(all(step.text or step.message for step in said))
                self.assertEqual(plan.state, "draft")
                self.assertFalse(plan.company_id)

    def test_marketing_is_only_where_it_may_be(self):
        for plan in self.templates:
            with self.subTest(plan=plan.name):
                purposes = plan.purpose_id | plan.step_ids.purpose_id
                marketing = purposes.filtered("is_marketing")
                self.assertTrue(all(marketing.mapped("needs_consent")))
                self.assertFalse(marketing and plan.is_no_sales)
        self.assertEqual(
            self.templates.filtered(lambda plan: plan.purpose_id.is_marketing).mapped(
                "lawful_basis"
            ),
            ["consent"] * 2,
        )

    def test_a_marketing_step_does_not_reach_who_did_not_consent(self):
        plan = self._use(self._template("retail_cosmetics"))
        plan.action_run()
        row = self._enroll_on(plan, START)
        self._plan_on("2026-04-16")
        offer = row.followup_ids.filtered(lambda one: one.name == "Once more")
        self.assertEqual((offer.state, offer.close_code), ("withheld", "no_consent"))
        self.assertEqual(
            row.followup_ids.filtered(lambda one: one.purpose_id == self.service).mapped("state"),
            ["planned"] * 2,
        )

    def test_a_plan_that_sells_nothing_stays_so(self):
        plan = self._use(self._template("retail_home_visit"))
        marketing = self.env.ref("customer_followup.customer_purpose_marketing")
        with self.assertRaisesRegex(ValidationError, "sells nothing"):
            plan.step_ids[0].purpose_id = marketing

    def test_no_one_is_contacted_in_the_cooling_off_period(self):
        plan = self._use(self._template("fund_confirm"))
        self.assertEqual(plan.cooling_off_hours, 24)
        plan.action_run()
        row = self._enroll_on(plan, START)
        self.assertEqual(row.followup_ids.date_planned, datetime(2026, 3, 3, 12))
        self.assertTrue(plan.step_ids.is_statutory)

    def test_a_copy_has_everything(self):
        for template in self.templates:
            with self.subTest(plan=template.name):
                plan = self._copy(template)
                self.env.invalidate_all()
                self.assertFalse(plan.is_template or plan.is_proposal)
                self.assertEqual((plan.state, plan.company_id), ("draft", self.company))
                self._assert_copied(template, plan, {"company_id"})
                for name in ("step_ids", "window_ids"):
                    self._assert_all_copied(template[name], plan[name], {"plan_id"})
                for old, new in zip(template.step_ids, plan.step_ids, strict=True):
                    self.assertEqual(new._before().name, old._before().name)
                    self._assert_all_copied(old.interval_ids, new.interval_ids, {"step_id"})

    def _assert_all_copied(self, olds, news, others):
        self.assertEqual(len(olds), len(news))
        for old, new in zip(olds, news, strict=True):
            self.assertNotEqual(old, new)
            self._assert_copied(old, new, others | {"after_step_id"})

    def _assert_copied(self, old, new, others):
        for name, field in old._fields.items():
            if field.store and field.copy and field.type != "one2many" and name not in others | OWN:
                self.assertEqual(old[name], new[name], name)

    def test_steps_of_a_copy_wait_for_its_own_in_whatever_order_they_were_written(self):
        plan = self._make_cadence({"name": "Late"}, {"name": "Middle"}, {"name": "Early"})
        late, middle, early = plan.step_ids
        (early.sequence, middle.sequence, late.sequence) = 1, 2, 3
        late.write({"anchor": "previous", "after_step_id": early.id})
        self.env.invalidate_all()
        copy = plan.copy()
        self.env.invalidate_all()
        self.assertEqual(copy.step_ids.mapped("name"), ["Early", "Middle", "Late"])
        self.assertEqual(copy.step_ids[2]._before(), copy.step_ids[0])
        self.assertEqual(copy.step_ids.mapped("anchor"), ["start", "start", "previous"])

    def test_no_message_with_a_gap_goes_out(self):
        plan = self._copy(self._template("greeting"))
        with self.assertRaisesRegex(UserError, "is sent to customers. Fill in"):
            plan.with_user(self.manager).action_run()
        plan.step_ids[0].message = "<p>A happy new year.</p>"
        plan.with_user(self.manager).action_run()
        self.assertEqual(plan.state, "running")

    def test_every_copy_runs_once_its_messages_have_no_gaps(self):
        for template in self.templates:
            with self.subTest(plan=template.name):
                plan = self._use(template)
                plan.with_user(self.manager).action_run()
                self.assertEqual(plan.state, "running")
                self.assertEqual(plan.version_id.number, 1)

    def test_a_copy_may_be_changed(self):
        plan = self._use(self.station).with_user(self.manager)
        plan.write({"name": "Our station", "team_id": self.team.id})
        plan.step_ids[0].offset_count = 10
        plan.step_ids[1].unlink()
        self.assertEqual(len(self.station.step_ids), 4)
        self.assertEqual(self.station.step_ids[0].offset_count, 14)

    def test_an_agent_does_not_see_the_gallery(self):
        plans = self.env["customer.followup.plan"].with_user(self.agent)
        self.assertFalse(plans.search([("is_template", "=", True)]))
        self.assertIn(self.plan, plans.search([]))
        for verb in ("read", "action_use_template"):
            with self.subTest(verb=verb), self.assertRaises(AccessError):
                getattr(self.station.with_user(self.agent), verb)()

    def test_leaders_and_auditors_look_but_do_not_use(self):
        for user in (self.leader, self.auditor):
            template = self.station.with_user(user)
            with self.subTest(user=user.login):
                self.assertIn(template, template.search([("is_template", "=", True)]))
                self.assertIn("contacts in the first year", template.reach)
                self.assertTrue(template.preview["dates"])
                with self.assertRaises(AccessError):
                    template.action_use_template()

    def test_a_stranger_sees_nothing(self):
        with self.assertRaises(AccessError):
            self.station.with_user(self.stranger).read(["name"])

    def test_another_company_has_its_own_copy(self):
        self._make_second_company()
        plan = self._use(self.station, self.other_manager)
        self.assertEqual(plan.company_id, self.other_company)
        plan.with_user(self.other_manager).team_id = self.other_team
        plan.with_user(self.other_manager).action_run()
        self.assertFalse(
            self.env["customer.followup.plan"]
            .with_user(self.manager)
            .search([("id", "=", plan.id)])
        )

    def test_only_templates_are_used(self):
        with self.assertRaisesRegex(UserError, "After repair is your own plan"):
            self.plan.with_user(self.manager).action_use_template()

    def test_no_one_runs_or_changes_a_template(self):
        for user in (self.manager, self.admin):
            plan = self._template("property_magazine").with_user(user)
            intent = self._template("car_intent").with_user(user)
            step, rows, windows = plan.step_ids, intent.step_ids.interval_ids, plan.window_ids
            new_step = {"name": "New", "channel_id": self.phone.id, "plan_id": plan.id}
            for number, verb in enumerate((
                plan.action_run,
                plan.action_close,
                plan.action_new_version,
                plan.action_use_version,
                plan.action_archive,
                plan.unlink,
                lambda plan=plan: plan.write({"state": "running"}),
                lambda plan=plan: plan.write({"name": "Mine"}),
                lambda plan=plan: plan.write({"is_template": False}),
                lambda plan=plan: plan.update_field_translations("name", {"en_US": "Mine"}),
                lambda plan=plan: plan.write({"step_ids": [Command.clear()]}),
                lambda step=step: step.write({"name": "Mine"}),
                lambda step=step: step.write({"text": "Mine"}),
                lambda step=step, new=new_step: step.create(new),
                lambda step=step: step.copy(),
                step.unlink,
                lambda rows=rows: rows.write({"every_count": 1}),
                rows.unlink,
                lambda rows=rows: rows[0].copy(),
                lambda windows=windows: windows.write({"hour_to": 20}),
                windows.unlink,
                lambda windows=windows, plan=plan: windows.create({"plan_id": plan.id}),
            )):  # fmt: skip
                with (
                    self.subTest(user=user.login, verb=number),
                    mute_logger("odoo.addons.base.models.ir_rule"),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    verb()
                    self.env.flush_all()

    def test_a_template_says_what_to_do_instead(self):
        for verb in ("action_run", "_check_runs"):
            with self.assertRaisesRegex(UserError, "choose “Use this plan” there"):
                getattr(self.station.with_user(self.manager), verb)()

    def test_other_sample_dates_are_looked_at_and_not_kept(self):
        template = self.station.with_user(self.manager)
        self.assertTrue(template.write({"sample_date": "2026-03-02"}))

    def test_no_one_puts_a_plan_into_the_gallery(self):
        plans = self.env["customer.followup.plan"].with_user(self.manager)
        new = {"name": "Mine", "purpose_id": self.service.id, "lawful_basis": "contract"}
        for number, verb in enumerate((
            lambda: plans.create({**new, "is_template": True, "industry": "any"}),
            lambda: plans.with_context(default_is_template=True).create({**new, "industry": "any"}),
            lambda: self._use(self.station).with_user(self.manager).write({"is_template": True}),
            lambda: self.station.with_user(self.manager).copy({"is_template": True}),
        )):  # fmt: skip
            with (
                self.subTest(verb=number),
                mute_logger("odoo.addons.base.models.ir_rule"),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                verb()
                self.env.flush_all()

    def test_a_template_never_runs_for_any_user(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "customer_followup_plan_template"),
            self.env.cr.savepoint(),
        ):
            self.station.sudo().write({"state": "running"})
            self.env.flush_all()

    def test_no_one_is_enrolled_in_a_template(self):
        enrollments = self.env["customer.followup.enrollment"].with_user(self.manager)
        wizard = self.env["customer.followup.enroll"].with_user(self.manager)
        for number, verb in enumerate((
            lambda: self.station.with_user(self.manager)._enroll(self.customer),
            lambda: enrollments.create(
                {"plan_id": self.station.id, "partner_id": self.customer.id}
            ),
            lambda: wizard.create(
                {"plan_id": self.station.id, "partner_ids": [Command.set(self.customer.ids)]}
            ).action_enroll(),
        )):  # fmt: skip
            with (
                self.subTest(verb=number),
                self.assertRaisesRegex(UserError, "belongs to the gallery"),
            ):
                verb()

    def test_no_rule_chooses_a_template(self):
        rule = {
            "name": "All",
            "model_name": "res.users",
            "anchor_path": "create_date",
            "plan_id": self.station.id,
        }
        stop = {"name": "All", "model_name": "res.users", "plan_id": self.station.id}
        for model, vals in (
            ("customer.followup.rule", rule),
            ("customer.followup.rule.stop", stop),
        ):
            with (
                self.subTest(model=model),
                self.assertRaisesRegex(UserError, "belongs to the gallery"),
                self.env.cr.savepoint(),
            ):
                self.env[model].with_user(self.admin).create(vals)

    def test_lists_and_choices_of_plans_leave_templates_out(self):
        plans = self.env["customer.followup.plan"].with_user(self.manager)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_followup.customer_followup_plan_action"
        )
        self.assertEqual(action["domain"], '[("is_template", "=", False)]')
        self.assertFalse(plans.search([("state", "=", "running"), ("is_template", "=", True)]))
        for model in ("customer.followup.rule", "customer.followup.rule.stop"):
            self.assertIn("is_template", self.env[model]._fields["plan_id"].domain)

    def test_the_gallery_opens_with_a_fixed_number_of_queries(self):
        templates = self.templates.with_user(self.manager)
        fields = ["name", "summary", "reach", "is_proposal", "purpose_id"]
        templates[:5].read(fields)
        counts = []
        for some in (templates[:5], templates):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            some.read(fields)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 5)
