from odoo.tests import HttpCase, tagged

from ..common import EMAIL, PHONE
from .test_message_sending import MessageCommon


@tagged("post_install", "-at_install")
class TestMessageLeave(MessageCommon, HttpCase):
    """The unsubscribe page, which only the link of a message opens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.name = "Garage <b>&amp; Sons"
        cls.contact = cls._make_followup(channel_id=cls.by_mail.id)
        cls.enrollment = cls._make_sender(cls.by_mail)._enroll(cls.customer)

    def _path(self, contact=None):
        contact = contact or self.contact
        token = contact._unsubscribe_token(self.service.id)
        return f"/followup/leave/{contact.id}/{self.service.id}/{token}"

    def _wishes(self):
        self.env.invalidate_all()
        return self.customer.customer_consent_ids

    def test_looking_changes_nothing(self):
        page = self.url_open(self._path())
        self.assertEqual(page.status_code, 200)
        self.assertIn("Garage &lt;b&gt;&amp;amp; Sons", page.text)
        self.assertIn("Service", page.text)
        self.assertNotIn("<script", page.text)
        for secret in ("Li Na", EMAIL, PHONE):
            self.assertNotIn(secret, page.text)
        head = self.url_open(self._path(), method="HEAD")
        self.assertEqual((head.status_code, head.text), (200, ""))
        self.assertFalse(self._wishes())
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")

    def test_one_click_is_enough_and_two_are_no_more(self):
        for data in ({"List-Unsubscribe": "One-Click"}, {"scope": "purpose"}):
            page = self.url_open(self._path(), data=data)
            self.assertEqual(page.status_code, 200)
            self.assertIn("It is done", page.text)
        wish = self._wishes()
        self.assertEqual(
            (wish.purpose_id, wish.kind, wish.how), (self.service, "withdrawn", "page")
        )
        self.assertEqual((self.enrollment.state, self.enrollment.stop_code), ("stopped", "asked"))
        self.assertEqual(self.contact.state, "withheld")

    def test_a_request_that_chooses_nothing_changes_nothing(self):
        for data in (
            {},
            {"scope": ""},
            {"scope": "nothing"},
            {"List-Unsubscribe": "One-Clicked"},
            {"list-unsubscribe": "One-Click"},
            {"email": EMAIL},
        ):
            with self.subTest(data=data):
                page = self.url_open(self._path(), data=data, method="POST")
                self.assertEqual(page.status_code, 200)
                self.assertNotIn("It is done", page.text)
                self.assertEqual(len(self._wishes()), 0)
        self.assertEqual(self.enrollment.state, "active")

    def test_what_the_address_says_is_no_choice(self):
        for query in ("scope=all", "List-Unsubscribe=One-Click"):
            with self.subTest(query):
                page = self.url_open(f"{self._path()}?{query}", data={}, method="POST")
                self.assertEqual(page.status_code, 200)
                self.assertEqual(len(self._wishes()), 0)

    def test_the_second_choice_is_everything(self):
        self.url_open(self._path(), data={"scope": "all"})
        self.assertFalse(self._wishes().purpose_id)
        self.assertEqual(self.env["customer.contact.block"]._blocked([EMAIL]), {EMAIL: "wish"})

    def test_strangers_all_get_the_same_answer(self):
        other = self._make_followup()
        purpose, token = self.service.id, self.contact._unsubscribe_token(self.service.id)
        marketing = self.env.ref("customer_followup.customer_purpose_marketing").id
        answers = set()
        for name, path in (
            ("a wrong token", f"{self.contact.id}/{purpose}/{'0' * 32}"),
            ("a short token", f"{self.contact.id}/{purpose}/{token[:8]}"),
            ("letters of elsewhere", f"{self.contact.id}/{purpose}/é"),
            ("a foreign contact", f"{other.id}/{purpose}/{token}"),
            ("another purpose", f"{self.contact.id}/{marketing}/{token}"),
            ("no such contact", f"{10**9}/{purpose}/{token}"),
            ("a number beyond all", f"{10**30}/{purpose}/{token}"),
        ):
            for data in (None, {"scope": "all"}):
                with self.subTest(name, data=data):
                    page = self.url_open(f"/followup/leave/{path}", data=data)
                    answers.add((page.status_code, page.text))
        self.assertEqual({status for status, _text in answers}, {404})
        self.assertEqual(len(answers), 1)
        self.assertFalse(self._wishes())

    def test_the_page_names_the_company_of_the_contact(self):
        self._make_second_company()
        contact = self._make_followup(
            user=self.other_agent, company_id=self.other_company.id, team_id=self.other_team.id
        )
        self.assertIn("Elsewhere", self.url_open(self._path(contact)).text)
        self.url_open(self._path(contact), data={"scope": "purpose"})
        self.assertEqual(self._wishes().company_id, self.other_company)

    def test_the_page_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.service.with_context(lang="fr_FR").name = "Entretien"
        page = self.url_open(self._path())
        self.assertIn('lang="fr-FR"', page.text)
        self.assertIn("Entretien", page.text)
