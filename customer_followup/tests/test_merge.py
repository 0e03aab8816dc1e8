from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import EMAIL, PHONE, FollowupCommon

PARTNER = "res.partner"
# Rows that no merge changes: a plain id of the contact as it was.
UNCHANGED = {("customer.access.log", "partner_res_id"), ("customer.access.log", "res_id")}
# These say that contacts were merged.
ABOUT_MERGES = {("customer.merge", "source_res_id"), ("customer.merge", "target_res_id")}


class MergeCommon(FollowupCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketing = cls.env.ref("customer_followup.customer_purpose_marketing")
        cls.old, cls.new = (
            cls._make_customer(name, phone=PHONE, email=EMAIL) for name in ("Li Na", "Li Na 2")
        )

    def _merge(self, old=None, new=None):
        old, new = old or self.old, new or self.new
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge((old | new).ids, new)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(old.exists())


def links(env):
    """Return the fields of our models that say which contact a row is about, and how.

    :return: ``{(model, field): function from the id of a contact to a domain}``
    """
    return {
        (name, field.name): how
        for name, model in env.registry.items()
        if name.startswith("customer.") and not model._abstract and not model._transient
        for field in model._fields.values()
        if field.store and (how := _link(name, field))
    }


def _link(model, field):
    if field.type in ("many2one", "many2many") and field.comodel_name == PARTNER:
        return lambda id_: [(field.name, "in", [id_])]
    if field.type == "many2one_reference":
        return lambda id_: [(field.model_field, "=", PARTNER), (field.name, "=", id_)]
    is_id = field.type == "integer" and field.name.endswith("res_id")
    if is_id and ("partner" in field.name or model == "customer.merge"):
        return lambda id_: [(field.name, "=", id_)]
    return None


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestMergeEverything(MergeCommon):
    """Two contacts with one row of every model turn out to be one customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env["customer.followup.rule"].create(
            {
                "name": "Contacts",
                "plan_id": cls.plan.id,
                "model_name": PARTNER,
                "partner_path": "commercial_partner_id",
                "anchor_path": "create_date",
            }
        )

    def _give_everything(self, person):
        """Create one row of each model about a person."""
        tier = self.env["customer.tier"].search([], limit=1)
        own = {"commercial_partner_id": person.id}
        about = {"res_model": PARTNER, "res_id": person.id}
        self.env["customer.tier.membership"].create({**own, "tier_id": tier.id})
        self.env["customer.ownership"].create(
            [
                {**own, "user_id": self.agent.id},
                {**own, "user_id": self.colleague.id, "role": "backup"},
                {
                    **own,
                    "user_id": self.leader.id,
                    "date_from": "2020-01-01",
                    "date_to": "2021-01-01",
                },
            ]
        )
        self.env["customer.followup.enrollment"].sudo()._enroll(
            [
                {
                    "plan_id": self.plan.id,
                    "rule_id": self.rule.id,
                    "partner_id": person.id,
                    "company_id": self.company.id,
                    "date_anchor": datetime(2026, 3, 1),
                    **about,
                }
            ]
        )
        self._run_cron("ir_cron_plan")
        contact = self._make_followup(partner_id=person.id)
        contact._record_outcome(self._ending("reached"))
        self.env["customer.contact.refusal"]._note({contact: "no_phone"})
        self.env["customer.satisfaction.score"].create(
            {
                "followup_id": contact.id,
                "metric_id": self.env.ref("customer_followup.customer_satisfaction_metric_nps").id,
                "value": 9,
            }
        )
        self.env["customer.complaint"].create(
            {
                "title": "Hm",
                "partner_id": person.id,
                "complainant_id": person.id,
                "object_model": PARTNER,
                "object_id": person.id,
            }
        )
        survey = self.env.ref("customer_followup.survey_after_delivery")
        self.env["customer.satisfaction.invitation"].create(
            {"followup_id": contact.id, "survey_id": survey.id}
        )
        person._note_consent(self.marketing, "given", "spoken")
        person.customer_window_ids = [Command.create({"hour_from": 9, "hour_to": 12})]
        self.env["customer.contact.hold"].create(
            {
                "partner_id": person.id,
                "reason": "In mourning",
                "purpose_ids": [Command.link(self.marketing.id)],
                **about,
            }
        )
        self.env["customer.handover"].create(
            {
                "user_from_id": self.agent.id,
                "user_to_id": self.colleague.id,
                "line_ids": [Command.create({"partner_id": person.id})],
            }
        )
        self.env["customer.action"].create({"name": "Look it up", **about})
        person._block_contact("On request")
        self.env["customer.access.log"]._log("open", person)

    def _counts(self, person_id):
        return {
            link: self.env[link[0]]
            .sudo()
            .with_context(active_test=False)
            .search_count(domain(person_id))
            for link, domain in links(self.env).items()
        }

    def test_every_link_to_a_contact_follows(self):
        self.old.phone = "+33 6 87 65 43 21"
        self.old.email = "li@example.com"
        for person in (self.old, self.new):
            self._give_everything(person)
        old_id = self.old.id
        before = self._counts(old_id)
        missing = {link for link, count in before.items() if not count} - ABOUT_MERGES
        self.assertEqual(missing, set(), "Give the contact a row of each model in this test.")
        expected = {link: count + self._counts(self.new.id)[link] for link, count in before.items()}
        self._merge()
        after, left = self._counts(self.new.id), self._counts(old_id)
        expected["customer.tier.membership", "commercial_partner_id"] -= 1
        for link in UNCHANGED | ABOUT_MERGES:
            expected.pop(link)
        self.assertEqual({link: after[link] for link in expected}, expected)
        self.assertEqual(
            {link for link, count in left.items() if count},
            UNCHANGED | {("customer.merge", "source_res_id")},
        )
        self._check_all_constraints(self.new)

    def _check_all_constraints(self, person):
        """Run every constraint of Python on every row about a contact."""
        for (model, _field), domain in links(self.env).items():
            rows = self.env[model].sudo().with_context(active_test=False).search(domain(person.id))
            rows._validate_fields(list(rows._fields))

    def test_what_there_may_be_once_is_there_once(self):
        for person in (self.old, self.new):
            self._give_everything(person)
        self._merge()
        rows = self.env["customer.followup.enrollment"].search([("partner_id", "=", self.new.id)])
        self.assertEqual(sorted(rows.mapped("state")), ["active", "stopped"])
        self.assertEqual(rows.filtered("stop_code").stop_code, "merged")
        owners = self.new.customer_ownership_ids.filtered(lambda row: not row.date_to)
        self.assertEqual(
            {row.role: row.user_id for row in owners},
            {"owner": self.agent, "backup": self.colleague},
        )
        self.assertEqual(len(owners), 2)
        self.assertEqual(self.new.customer_complaint_count, 2)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05 10:00")
class TestMerge(MergeCommon):
    """Nothing is lost, nothing happens twice, and the stricter wish counts."""

    def test_tier_and_owner_of_different_companies_survive_a_merge(self):
        self._make_second_company()
        tier = self.env["customer.tier"].search([], limit=1)
        for person, company, user in (
            (self.old, self.company, self.agent),
            (self.new, self.other_company, self.other_agent),
        ):
            whose = {"commercial_partner_id": person.id, "company_id": company.id}
            self.env["customer.tier.membership"].create({**whose, "tier_id": tier.id})
            self.env["customer.ownership"].create({**whose, "user_id": user.id})
        self._merge()
        self.assertEqual(len(self.new.customer_tier_membership_ids), 2)
        self.assertEqual(len(self.new.customer_ownership_ids), 2)

    def _own(self, person, user, role="owner"):
        return self.env["customer.ownership"].create(
            {"commercial_partner_id": person.id, "user_id": user.id, "role": role}
        )

    def test_no_one_is_owner_and_backup_of_a_merged_customer(self):
        self._own(self.old, self.agent)
        backup = self._own(self.old, self.colleague, "backup")
        self._own(self.new, self.colleague)
        self._merge()
        current = self.new.customer_ownership_ids.filtered(lambda row: not row.date_to)
        self.assertEqual(
            current.mapped(lambda row: (row.role, row.user_id)), [("owner", self.colleague)]
        )
        self.assertEqual(str(backup.date_to), "2026-03-05")
        self.assertEqual(len(self.new.customer_ownership_ids), 3)

    def test_roles_of_a_person_go_to_the_customer_it_becomes_part_of(self):
        firm = self._make_customer("Firm", is_company=True)
        self.new.parent_id = firm
        self._own(self.old, self.agent)
        followup = self._make_followup(partner_id=self.old.id)
        self._merge()
        self.assertEqual(firm.customer_owner_id, self.agent)
        self.assertEqual(followup.partner_id, self.new)
        self.assertEqual(followup.commercial_partner_id, firm)

    def _give_customer_rows(self, person, user, tier):
        whose = {"commercial_partner_id": person.id}
        self._own(person, user)
        self.env["customer.tier.membership"].create({**whose, "tier_id": tier.id})

    def _customer_rows(self, person):
        return (
            person.customer_ownership_ids.filtered(lambda row: not row.date_to).user_id,
            person.customer_tier_membership_ids.tier_id,
        )

    def test_a_firm_merged_into_a_person_of_another_firm_keeps_its_owner_and_tier(self):
        low, high = self.env["customer.tier"].search([], limit=2)
        firm = self._make_customer("Firm", is_company=True)
        self.new.parent_id = firm
        self.old.is_company = True
        self._give_customer_rows(firm, self.colleague, low)
        self._give_customer_rows(self.old, self.agent, high)
        complaint = self.env["customer.complaint"].create(
            {"title": "Hm", "partner_id": self.old.id}
        )
        followup = self._make_followup(partner_id=self.new.id)
        self._merge()
        # A company in another company is a customer of its own.
        self.assertEqual(self.new.commercial_partner_id, self.new)
        self.assertEqual(self._customer_rows(firm), (self.colleague, low))
        self.assertEqual(self._customer_rows(self.new), (self.agent, high))
        for record in (complaint, followup):
            self.assertEqual(record.commercial_partner_id, self.new)

    def test_a_person_who_becomes_part_of_a_firm_gives_it_their_owner_and_tier(self):
        low, high = self.env["customer.tier"].search([], limit=2)
        for firm_has in (False, True):
            with self.subTest(firm_has=firm_has), self.env.cr.savepoint() as savepoint:
                firm = self._make_customer("Firm", is_company=True)
                self.old.parent_id = firm
                self._give_customer_rows(self.new, self.agent, high)
                if firm_has:
                    self._give_customer_rows(firm, self.colleague, low)
                self._merge()
                self.assertEqual(self.new.commercial_partner_id, firm)
                self.assertEqual(
                    self._customer_rows(firm),
                    (self.colleague, low) if firm_has else (self.agent, high),
                )
                self.assertEqual(len(firm.customer_ownership_ids), 1 + firm_has)
                self.assertFalse(self.new.customer_ownership_ids)
                savepoint.rollback()

    def test_a_person_who_joins_a_firm_gives_it_their_owner_and_tier(self):
        low, high = self.env["customer.tier"].search([], limit=2)
        editor = new_test_user(
            self.env, "cf_editor", groups="base.group_user,base.group_partner_manager"
        )
        for firm_has in (False, True):
            with self.subTest(firm_has=firm_has), self.env.cr.savepoint() as savepoint:
                firm = self._make_customer("Firm", is_company=True)
                self._give_customer_rows(self.new, self.agent, high)
                if firm_has:
                    self._give_customer_rows(firm, self.colleague, low)
                self.new.with_user(editor).parent_id = firm
                self.assertEqual(
                    self._customer_rows(firm),
                    (self.colleague, low) if firm_has else (self.agent, high),
                )
                self.assertFalse(self.new.customer_ownership_ids)
                savepoint.rollback()

    # Plans

    def _rule(self):
        rule = self.env["customer.followup.rule"].create(
            {
                "name": "Contacts",
                "plan_id": self.plan.id,
                "model_name": PARTNER,
                "domain": f"[('id', 'in', {(self.old | self.new).ids})]",
                "active": True,
                "scope": "all",
                "partner_path": "commercial_partner_id",
                "anchor_path": "create_date",
            }
        )
        rule.action_run()
        return rule

    def test_a_plan_once_at_a_time_goes_on_where_it_is_further(self):
        for policy in ("single", "restart", "never", "record"):
            with self.subTest(policy=policy), self.env.cr.savepoint() as savepoint:
                plan = self._make_cadence({"offset_count": 0}, {"offset_count": 9})
                plan.reenrollment = policy
                far, near = plan._enroll(self.old), plan._enroll(self.new)
                self._run_cron("ir_cron_plan")
                far.followup_ids.sorted("date_planned")[0]._record_outcome(self._ending("reached"))
                self._merge()
                self.assertEqual((far.state, far.partner_id), ("active", self.new))
                self.assertEqual((near.state, near.stop_code), ("stopped", "merged"))
                self.assertEqual(
                    {(one.state, one.close_code) for one in near.followup_ids},
                    {("cancelled", "merged")},
                )
                self.assertEqual(near.partner_id, self.new)
                savepoint.rollback()

    def test_a_plan_that_takes_no_customer_twice_does_not_go_on(self):
        plan = self._make_cadence({"offset_count": 0})
        plan.reenrollment = "never"
        over, running = plan._enroll(self.old), plan._enroll(self.new)
        over.action_stop()
        self._merge()
        self.assertEqual((over.state, running.state), ("stopped", "stopped"))
        self.assertEqual((over.stop_code, running.stop_code), ("hand", "merged"))

    def test_different_plans_both_go_on(self):
        rows = self._make_cadence({"offset_count": 0})._enroll(self.old)
        rows |= self._make_cadence({"offset_count": 0})._enroll(self.new)
        self._merge()
        self.assertEqual(rows.mapped("state"), ["active", "active"])
        self.assertEqual(rows.partner_id, self.new)

    def test_a_merge_is_no_removed_start(self):
        rule = self._rule()
        rows = self.env["customer.followup.enrollment"].search([("rule_id", "=", rule.id)])
        self.assertEqual(rows.partner_id, self.old | self.new)
        mine = rows.filtered(lambda row: row.partner_id == self.old)
        (rows - mine).action_stop()
        self._merge()
        rule._enroll_safely(is_full=True)
        rule._follow_dates()
        self.assertEqual(mine.state, "active")
        self.assertEqual((mine.res_model, mine.res_id), (PARTNER, self.new.id))
        again = self.env["customer.followup.enrollment"].search([("rule_id", "=", rule.id)])
        self.assertEqual(again, rows)

    # Wishes

    def _why(self, purpose=None, channel=None):
        verdicts = self.new._contact_verdicts(
            purpose or self.marketing, channel or self.phone, datetime(2026, 3, 5, 10)
        )
        return verdicts[self.new.id].reason

    def _said(self, person, day, kind, purpose=None, channel=None):
        with freeze_time(f"2026-02-{day:02} 10:00"):
            person._note_consent(purpose, kind, "written", channel=channel, notice="Yes")

    def test_the_stricter_wish_wins_either_way(self):
        for refusing, allowing in ((self.old, self.new), (self.new, self.old)):
            with self.subTest(by=refusing.name), self.env.cr.savepoint() as savepoint:
                self._said(refusing, 1, "withdrawn", self.marketing)
                self._said(allowing, 20, "given", self.marketing)
                self._merge()
                self.assertEqual(self._why(), "withdrawn")
                self.assertIsNone(self._why(self.service))
                last = self.new.customer_consent_ids.sorted("id")[-1]
                self.assertEqual(
                    (last.kind, last.how, last.purpose_id), ("withdrawn", "merge", self.marketing)
                )
                savepoint.rollback()

    def test_a_person_who_came_back_stays(self):
        self._said(self.old, 1, "withdrawn", self.marketing)
        self._said(self.old, 10, "given", self.marketing)
        self._said(self.new, 20, "given", self.marketing)
        self._merge()
        self.assertIsNone(self._why())
        self.assertEqual(len(self.new.customer_consent_ids), 3)

    def test_only_what_both_speak_of_is_refused_again(self):
        visit = self.env.ref("customer_followup.customer_channel_visit")
        self._said(self.old, 1, "withdrawn", None, self.phone)
        self._said(self.new, 20, "given", self.marketing)
        self._merge()
        self.assertEqual(self._why(), "withdrawn")
        self.assertIsNone(self._why(channel=visit))

    def test_a_wish_of_one_record_holds_for_the_numbers_of_the_other(self):
        for wishing in (self.old, self.new):
            with self.subTest(by=wishing.name), self.env.cr.savepoint() as savepoint:
                self.old.phone, self.new.phone = "+33611111111", "+33622222222"
                contact = self._make_followup(partner_id=wishing.id)
                contact._record_outcome(self._ending("block"))
                self._merge()
                self.cr.flush()
                self.assertEqual(self._why(self.service), "blocked")
                for phone in ("+33611111111", "+33622222222"):
                    person = self._make_customer("Again", phone=phone, email=False)
                    verdicts = person._contact_verdicts(
                        self.service, self.phone, datetime(2026, 3, 5, 10)
                    )
                    expected = "blocked" if phone == "+33622222222" or wishing == self.old else None
                    self.assertEqual(verdicts[person.id].reason, expected)
                savepoint.rollback()

    def test_a_child_is_a_child_in_one_record(self):
        self.old.write({"customer_is_minor": True})
        self.new.write({"customer_is_minor": True, "customer_guardian_agreed": True})
        self._merge()
        self.assertEqual(
            (self.new.customer_is_minor, self.new.customer_guardian_agreed), (True, False)
        )

    def test_hours_that_suit_both_records_remain(self):
        for person, spans in (
            (self.old, [("every", 9, 12), ("0", 14, 18)]),
            (self.new, [("every", 11, 16)]),
        ):
            person.customer_window_ids = [
                Command.create({"weekday": day, "hour_from": start, "hour_to": end})
                for day, start, end in spans
            ]
        self._merge()
        self.assertEqual(
            sorted(self.new.customer_window_ids._spans(), key=str),
            [(0, 14.0, 16.0), (None, 11.0, 12.0)],
        )

    # Links without a foreign key

    def test_the_log_of_a_merged_contact_is_found_under_the_one_that_stays(self):
        log = self.env["customer.access.log"]
        row = log._log("open", self.old)
        third, old_id = self._make_customer("Third", email=EMAIL), self.old.id
        self._merge()
        self.assertEqual(log.search([("partner_res_id", "=", self.new.id)]), row)
        self.assertEqual(row.customer_name, "Li Na 2")
        self._merge(self.new, third)
        for domain in (("=", third.id), ("in", [third.id])):
            self.assertEqual(log.search([("partner_res_id", *domain)]), row)
        self.assertEqual(log.search([("partner_res_id", "=", old_id)]), row)
        self.assertEqual((row.partner_res_id, row.customer_name), (old_id, "Third"))

    def test_an_action_about_a_merged_contact_opens_the_one_that_stays(self):
        action = self.env["customer.action"].create(
            {"name": "Look it up", "res_model": PARTNER, "res_id": self.old.id}
        )
        other = self.env["customer.action"].create(
            {"name": "Another", "res_model": "res.users", "res_id": self.old.id}
        )
        self._merge()
        self.assertEqual(action.action_open_about()["res_id"], self.new.id)
        self.assertNotEqual(other.res_id, self.new.id)
