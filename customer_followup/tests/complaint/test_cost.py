from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from ...models.ground import customer_access_log
from ..common import AGENT, PHONE, ComplaintCommon


@tagged("post_install", "-at_install")
class TestCost(ComplaintCommon):
    """What is shown costs what is asked, and no limit hides what is beyond it."""

    def test_the_next_contact_is_found_behind_any_number_that_must_wait(self):
        agent = new_test_user(self.env, "cf_next", groups=AGENT)
        asleep = self._make_customer("Asleep", phone=PHONE, customer_tz="America/Los_Angeles")
        awake = self._make_customer("Awake", phone=PHONE, customer_tz="Europe/Brussels")
        with freeze_time("2026-12-01 10:00"):
            for _number in range(41):
                self._make_followup(agent, partner_id=asleep.id, priority="1")
            mine = self.env["customer.followup"].with_user(agent)
            self.assertEqual(
                mine.action_next()["params"]["message"],
                "41 customers are due, but it is outside their contact hours now.",
            )
            last = self._make_followup(agent, partner_id=awake.id)
            self.assertEqual(mine.action_next()["res_id"], last.id)

    def test_each_customer_has_their_last_complaints(self):
        busy, quiet = self._make_customer("Busy"), self._make_customer("Quiet")
        self._complain(partner_id=quiet.id, title="Only one")
        made = [self._complain(partner_id=busy.id, title=f"Number {one}") for one in range(8)]
        both = (busy | quiet).with_user(self.manager)
        texts = both.mapped("customer_last_complaints")
        self.assertEqual([text.count("<li>") for text in texts], [3, 1])
        last = busy.with_user(self.manager)._last_complaints()
        self.assertEqual(last.ids, [one.id for one in reversed(made[-3:])])

    def test_the_last_contact_and_score_are_those_of_the_latest_date(self):
        first, second = self._make_followup(name="October"), self._make_followup(name="September")
        self._reach_on(second, "2026-09-10")
        self._reach_on(first, "2026-10-10")
        card = self._make_followup()
        self.assertEqual(card.last_contact, "10/10/2026: October, Reached")
        metric = self.env["customer.satisfaction.metric"].search([], limit=1)
        for value, day in ((9, "2026-11-20"), (2, "2025-01-20")):
            self.env["customer.satisfaction.score"].create(
                {
                    "metric_id": metric.id,
                    "value": value,
                    "partner_id": self.customer.id,
                    "date": day,
                }
            )
        self.assertEqual(self.customer.customer_last_score, f"{metric.name} 9/{metric.scale_max}")

    def test_a_message_stands_beside_the_last_contact(self):
        self._reach_on(self._make_followup(name="Talk"), "2026-09-10")
        mail = self.env.ref("customer_followup.customer_channel_email")
        message = self._make_followup(name="Birthday", channel_id=mail.id)
        message._record(
            {
                "state": "done",
                "date_done": "2026-10-10 10:00:00",
                "outcome_id": self._ending("reached").id,
            }
        )
        card = self._make_followup()
        self.assertEqual(card.last_contact, "09/10/2026: Talk, Reached")
        self.assertEqual(card.last_message, "10/10/2026: Birthday, Reached")
        self.assertEqual(str(self.customer.customer_date_contact), "2026-09-10 15:00:00")

    def test_many_cards_cost_as_many_queries_as_few(self):
        metric = self.env["customer.satisfaction.metric"].search([], limit=1)

        def queries(count):
            cards = self.env["customer.followup"]
            for number in range(count):
                customer = self._make_customer(f"{count} {number}")
                self.env["customer.satisfaction.score"].create(
                    {"metric_id": metric.id, "value": 9, "partner_id": customer.id}
                )
                self._reach_on(self._make_followup(partner_id=customer.id), "2026-03-02")
                cards |= self._make_followup(partner_id=customer.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cards.mapped("last_score")
            cards.mapped("last_contact")
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(6), queries(2))

    def test_a_name_asks_only_whether_it_is_hidden_itself(self):
        hidden = self.env["customer.complaint"].union(
            *(self._complain(self.leader) for _number in range(5))
        )
        hidden.sudo().excluded_user_ids |= self.colleague
        shown = self._complain(self.colleague)
        self.env.flush_all()
        self.env.invalidate_all()
        mine = shown.with_user(self.colleague)
        asked = []
        search = type(mine)._search

        def count(records, domain, *args, **kwargs):
            query = search(records, domain, *args, **kwargs)
            asked.append(len(list(query)))
            return query

        self.patch(type(mine), "_search", count)
        self.assertEqual(mine.display_name, shown.sudo().name)
        self.assertLessEqual(max(asked), 1)

    def test_an_export_logs_some_at_a_time(self):
        people = self.env["res.partner"].union(
            *(self._make_customer(f"One {number}") for number in range(5))
        )
        log = self.env["customer.access.log"]
        made = []
        create = type(log).create

        def count(records, vals_list):
            made.append(len(vals_list))
            return create(records, vals_list)

        self.patch(type(log), "create", count)
        self.patch(customer_access_log, "BATCH", 2)
        rows = log._log("export", people, reason="Audit")
        self.assertEqual(made, [2, 2, 1])
        self.assertEqual(rows.mapped("partner_res_id"), people.ids)
