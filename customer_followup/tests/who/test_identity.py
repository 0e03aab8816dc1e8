from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import EMAIL, FollowupCommon

NOW = "2026-03-05 10:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestIdentity(FollowupCommon):
    """A number or an address is the same in each spelling, wherever it is asked about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.china, cls.france = cls.env.ref("base.cn"), cls.env.ref("base.fr")
        cls.company.country_id = cls.env.ref("base.us")
        cls.marketing = cls.env.ref("customer_followup.customer_purpose_marketing")
        cls.by_email = cls.env.ref("customer_followup.customer_channel_email")

    def _person(self, **vals):
        return self.env["res.partner"].create({"name": "Wang", **vals})

    def _why(self, person, channel=None, purpose=None):
        verdicts = person._contact_verdicts(
            purpose or self.service, channel or self.phone, fields.Datetime.now()
        )
        return verdicts[person.id].reason

    def test_a_number_without_a_country_stays_blocked_in_each_spelling(self):
        person = self._person(phone="138 1234 5678")
        person._block_contact("Never again")
        for spelling in ("13812345678", "138-1234-5678", "１３８１２３４５６７８", "13812345678.0"):
            person.phone = spelling
            self.assertEqual(self._why(person), "blocked", spelling)
            self.assertEqual(self._why(self._person(phone=spelling)), "blocked", spelling)
        person.country_id = self.china
        self.assertEqual(self._why(person), "blocked")
        again = self._person(phone="+86 138 1234 5678", country_id=self.china.id)
        self.assertEqual(self._why(again), "blocked")

    def test_a_number_with_a_country_stays_blocked_where_none_is_known(self):
        self._person(phone="06 12 34 56 78", country_id=self.france.id)._block_contact("Never")
        for phone in ("+33612345678", "0033 6 12 34 56 78", "0612345678", "612345678"):
            self.assertEqual(self._why(self._person(phone=phone)), "blocked", phone)
        spanish = self._person(phone="+34 612 34 56 78")
        self.assertIsNone(self._why(spanish))

    def test_a_number_of_a_spreadsheet_is_blocked_as_typed(self):
        self.company.country_id = self.china
        self._person(phone="13812345678.0")._block_contact("Never")
        self.assertEqual(self._why(self._person(phone="13812345678")), "blocked")

    def test_a_local_number_is_not_that_of_another_person(self):
        self.company.country_id = self.china
        mine = self._person(phone="88881234", city="Xi'an")
        mine._block_contact("Never")
        self.assertEqual(self._why(mine), "blocked")
        for other in ({"city": "Beijing"}, {"city": "Xi'an", "name": "Zhou"}):
            self.assertIsNone(self._why(self._person(phone="88881234", **other)))
        again = self._person(phone="8888-1234", city="XI'AN")
        self.assertEqual(self._why(again), "blocked")
        mine.write({"phone": "029-88881234", "city": False})
        self.cr.flush()
        self.assertEqual(self._why(mine), "blocked")

    def test_each_number_and_address_of_a_field_is_blocked(self):
        person = self._person(
            phone="+33 6 12 34 56 78 / +33 6 87 65 43 21",
            email="li@a.example.com, li.na@a.example.com",
        )
        person._block_contact("Never")
        rows = self.env["customer.contact.block"].search([("main_id", "=", False)])
        self.assertEqual(
            sorted(rows.mapped("hint")),
            ["*******4321", "*******5678", "l***@a.example.com", "l***@a.example.com"],
        )
        for vals in ({"phone": "+33687654321"}, {"phone": "+33 612345678"}):
            self.assertEqual(self._why(self._person(**vals)), "blocked")
        for email in (
            "LI.NA@a.example.com",
            "li＠a.example.com",
            "x@b.example.com;li@a.example.com",
        ):
            self.assertEqual(self._why(self._person(email=email), self.by_email), "blocked", email)

    def test_a_lifted_block_is_lifted_in_each_spelling(self):
        person = self._person(phone="06 12 34 56 78", country_id=self.france.id)
        person._block_contact("Never")
        self.env["customer.contact.block"].search([("main_id", "=", False)]).active = False
        self.assertIsNone(self._why(person))
        self.assertIsNone(self._why(self._person(phone="0612345678")))

    def test_blacklists_count_for_each_address(self):
        self.env["mail.blacklist"]._add("li.na@b.example.com")
        person = self._person(email="li@a.example.com, li.na@b.example.com")
        self.assertEqual(self._why(person, self.by_email), "blacklisted")

    def test_a_wish_holds_for_the_next_number_and_a_wrong_number_does_not(self):
        wish, wrong = self._person(phone="+33612345678"), self._person(phone="+33687654321")
        wish._block_contact("Never")
        wrong._block_contact("Wrong", ["phone"], kind="wrong")
        wish.phone, wrong.phone = "+33611111111", "+33622222222"
        self.cr.flush()
        self.assertEqual(self._why(self._person(phone="+33611111111")), "blocked")
        self.assertIsNone(self._why(self._person(phone="+33622222222")))

    # Wishes

    def _note(self, person, **vals):
        self.env["customer.consent.note"].create(
            {"res_model": "res.partner", "res_id": person.id, "kind": "withdrawn", **vals}
        ).action_note()

    def test_a_wish_for_everything_blocks_the_number_by_each_door(self):
        self._note(self.customer)
        self.customer.active = False
        again = self._person(phone=self.customer.phone, email=EMAIL)
        self.assertEqual(self._why(again), "blocked")
        self.assertEqual(self._why(again, self.by_email), "blocked")

    def test_a_wish_for_one_purpose_or_channel_blocks_no_number(self):
        self._note(self.customer, purpose_id=self.marketing.id)
        self._note(self.customer, channel_id=self.phone.id)
        self.assertEqual(self.env["customer.contact.block"].search_count([]), 0)
        self.assertEqual(self._why(self.customer), "withdrawn")

    def test_who_refused_everything_can_come_back(self):
        self._note(self.customer)
        with freeze_time("2026-06-01 10:00"):
            self.assertEqual(self._why(self.customer, self.by_email, self.marketing), "blocked")
            self._note(
                self.customer,
                kind="given",
                how="written",
                notice="Write me your news",
                purpose_id=self.marketing.id,
                channel_id=self.by_email.id,
            )
            self.assertIsNone(self._why(self.customer, self.by_email, self.marketing))
            self.assertEqual(self._why(self.customer, self.phone, self.marketing), "blocked")
            self.assertEqual(self._why(self.customer), "blocked")
        with freeze_time("2026-07-01 10:00"):
            self._note(self.customer, kind="given", notice="Contact me again")
            self.assertIsNone(self._why(self.customer))
            self.assertIsNone(self._why(self.customer, self.phone, self.marketing))
        with freeze_time("2026-08-01 10:00"):
            self._note(self.customer, purpose_id=self.marketing.id)
            self.assertEqual(self._why(self.customer, self.by_email, self.marketing), "blocked")
            self.assertIsNone(self._why(self.customer))

    def test_a_refusal_after_coming_back_is_recorded_again(self):
        contact = self._make_followup()
        self.assertTrue(contact._leave("page"))
        self.assertFalse(contact._leave("page"))
        with freeze_time("2026-06-01 10:00"):
            self._note(self.customer, kind="given", notice="News", purpose_id=self.marketing.id)
        with freeze_time("2026-07-01 10:00"):
            self.assertTrue(contact._leave("page"))
            self.assertEqual(self._why(self.customer, self.by_email, self.marketing), "blocked")

    def test_allowing_needs_the_wording(self):
        with self.assertRaisesRegex(UserError, "the wording they agreed to"):
            self._note(self.customer, kind="given")

    def test_never_again_refuses_every_channel(self):
        contact = self._make_followup().with_user(self.agent)
        contact._record_outcome(self._ending("block"))
        visit = self.env.ref("customer_followup.customer_channel_visit")
        self.assertEqual(self._why(self.customer), "blocked")
        self.assertEqual(self._why(self.customer, visit), "withdrawn")

    # Channels

    def test_a_channel_uses_what_its_kind_uses(self):
        self.customer._block_contact("Never")
        for kind, why in (
            ("email", "blocked"),
            ("survey", "blocked"),
            ("sms", "blocked"),
            ("phone", "blocked"),
            ("visit", None),
            ("other", None),
        ):
            channel = self.env["customer.channel"].create({"name": kind, "kind": kind})
            self.assertEqual(self._why(self.customer, channel), why, kind)

    def test_a_wrong_address_on_a_visit_blocks_no_number(self):
        visit = self.env.ref("customer_followup.customer_channel_visit")
        call, other = self._make_followup(), self._make_followup(channel_id=visit.id)
        other.with_user(self.agent)._record_outcome(self._ending("wrong_number"))
        self.assertEqual((other.state, other.close_code), ("withheld", "wrong_number"))
        self.assertEqual(call.state, "planned")
        self.assertIsNone(self._why(self.customer))
        action = self.env["customer.action"].search([("res_id", "=", other.id)])
        self.assertEqual(action.name, "Correct the street address of Li Na")
        self.customer.phone = "+33 6 99 99 99 99"
        self.cr.flush()
        self.assertEqual(other.state, "withheld")
        self.customer.street = "12 New Street"
        self.cr.flush()
        self.assertEqual(other.state, "planned")

    def test_a_correction_is_asked_of_a_user_who_works(self):
        contact = self._make_followup(user_id=False, team_id=False)
        contact._request_correction()
        action = self.env["customer.action"].search([("res_id", "=", contact.id)])
        self.assertEqual(action.name, "Correct the number of Li Na")
        self.assertTrue(action.user_id.active)
        self.assertTrue(action.user_id.has_group("customer_followup.group_followup_manager"))

    def _correct(self, contact, **vals):
        dialog = self.env["customer.correction"].with_user(contact.env.user)
        dialog.create({"followup_id": contact.id, **vals}).action_correct()
        self.cr.flush()

    def test_an_agent_corrects_a_number_without_reading_it(self):
        contact = self._make_followup().with_user(self.agent)
        with self.assertRaisesRegex(UserError, "was not wrong"):
            contact.action_correct()
        contact._record_outcome(self._ending("wrong_number"))
        wrong = self.customer.phone
        self.assertEqual(contact.action_correct()["res_model"], "customer.correction")
        for phone, why in ((wrong, "turned out to be wrong before"), ("none", "enter a whole")):
            with self.assertRaisesRegex(UserError, why), self.env.cr.savepoint():
                self._correct(contact, phone=phone)
        self._correct(contact, phone="+33 6 99 99 99 99", email="not.asked@example.com")
        self.assertEqual((self.customer.phone, self.customer.email), ("+33 6 99 99 99 99", EMAIL))
        self.assertEqual(contact.state, "planned")
        action = self.env["customer.action"].search([("res_id", "=", contact.id)])
        self.assertEqual(action.state, "done")

    def test_a_number_is_corrected_for_own_contacts_only(self):
        contact = self._make_followup(self.colleague)
        contact._record_outcome(self._ending("wrong_number"))
        with self.assertRaises(AccessError):
            self._correct(contact.with_user(self.agent), phone="+33 6 99 99 99 99")

    def test_the_address_of_a_login_is_not_corrected_by_agents(self):
        new_test_user(self.env, "li.na", groups="base.group_portal", partner_id=self.customer.id)
        contact = self._make_followup(channel_id=self.by_email.id).with_user(self.agent)
        contact._record_outcome(self._ending("wrong_number"))
        address = self.customer.email
        with self.assertRaisesRegex(UserError, "has a login"), self.env.cr.savepoint():
            self._correct(contact, email="other@example.com")
        self.assertEqual(self.customer.email, address)

    # Recognition

    def test_a_sender_is_known_by_each_address(self):
        person = self._person(email="Wang <w@a.example.com>; wang＠b.example.com")
        complaints = self.env["customer.complaint"]
        for address in ("w@a.example.com", "WANG@b.example.com", '"W" <wang@b.example.com>'):
            self.assertEqual(complaints._known_partner(address, self.company), person, address)
        for address in ("ang@b.example.com", "wang@b.example.co", "w_ng@b.example.com", "", False):
            self.assertFalse(complaints._known_partner(address, self.company), address)
        person.email = "w@a.example.com"
        self.assertFalse(complaints._known_partner("wang@b.example.com", self.company))

    def test_a_shared_address_is_not_guessed(self):
        complaints = self.env["customer.complaint"]
        firm = self._person(name="Firm", is_company=True)
        one = self._person(name="One", parent_id=firm.id, email="office@firm.example.com")
        self.assertEqual(complaints._known_partner("office@firm.example.com", self.company), one)
        self._person(name="Two", parent_id=firm.id, email="office@firm.example.com, b@x.com")
        self.assertEqual(complaints._known_partner("office@firm.example.com", self.company), firm)
        self._person(name="Three", email="office@firm.example.com")
        self.assertFalse(complaints._known_partner("office@firm.example.com", self.company))

    def test_the_author_of_a_shared_address_is_not_guessed(self):
        one, two = (self._person(email="family@example.com") for _n in range(2))
        complaints = self.env["customer.complaint"]
        for author, partner, shown in (
            (one, complaints.partner_id, False),
            (one, two, two.id),
            (one, one, one.id),
            (self.colleague.partner_id, two, self.colleague.partner_id.id),
            (complaints.partner_id, two, False),
        ):
            message = {"email_from": "family@example.com", "author_id": author.id}
            complaints._replace_guessed_author(message, partner)
            self.assertEqual(message["author_id"], shown)

    def test_a_number_in_a_name_is_neither_shown_nor_found(self):
        self.customer.name = "Li Na 138–1234–5678"
        contact = self._make_followup().with_user(self.agent)
        self.assertEqual(contact.customer_name, "Li Na 138****5678")
        people = self.env["res.partner"].with_user(self.agent).with_context(customer_lookup=True)
        found = dict(people.name_search("Li Na"))
        self.assertEqual(found[self.customer.id], "Li Na 138****5678")
        for probe in ("138", "–1234", "１２３"):
            self.assertEqual(people.name_search(probe), [], probe)
            self.assertFalse(contact.search([("customer_name", "ilike", probe)]), probe)
        self.assertEqual(contact.search([("customer_name", "ilike", "Li Na")]), contact)

    def test_an_answer_from_the_second_address_counts(self):
        self.customer.email = f"other@a.example.com, {EMAIL}"
        contact = self._make_followup()
        self.assertTrue(contact._is_from_customer({"email_from": f"Li Na <{EMAIL}>"}))
        self.assertFalse(contact._is_from_customer({"email_from": "x@a.example.com"}))
        self.assertFalse(contact._is_from_customer({"email_from": False}))

    def test_a_letter_goes_to_people_with_several_addresses(self):
        self.customer.email = f"other@a.example.com, {EMAIL}"
        complaint = self.env["customer.complaint"].create(
            {"title": "Hm", "partner_id": self.customer.id}
        )
        self.assertEqual(complaint._letter_receiver(), {"recipient_ids": [(4, self.customer.id)]})
        self.assertTrue(complaint._is_from_customer({"email_from": EMAIL}))

    def test_asking_takes_no_more_queries_for_many(self):
        people = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "phone": f"+3361234{n:04}", "email": f"p{n}@a.com;q{n}@b.com"}
                for n in range(50)
            ]
        )
        self.env.flush_all()

        def count(some):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some._contact_verdicts(self.service, self.phone, self._utc(NOW) + timedelta(hours=1))
            return self.cr.sql_log_count - before

        count(people)
        self.assertEqual(count(people[:1]), count(people))
