from odoo.tests import HttpCase, tagged

from ..common import EMAIL, FollowupCommon


@tagged("post_install", "-at_install")
class TestPublic(FollowupCommon, HttpCase):
    """Links for customers, which show nothing to others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref("customer_followup.survey_after_delivery")
        contact = cls._make_followup(channel_id=cls.survey_channel.id)
        contact.step_id = cls.plan.step_ids[0]
        contact.step_id.survey_id = cls.survey
        contact._send_survey()
        cls.answer = contact.invitation_ids.user_input_id
        cls.other = cls.survey.copy({"title": "Another", "access_mode": "token"})

    def _page(self, survey, token):
        query = f"?answer_token={token}" if token else ""
        return self.url_open(f"/survey/start/{survey.access_token}{query}")

    def test_the_customer_opens_the_link_without_a_login(self):
        page = self._page(self.survey, self.answer.access_token)
        self.assertEqual(page.status_code, 200)
        self.assertIn("After delivery", page.text)
        self.assertIn(self.answer.access_token, page.text)

    def test_no_wrong_or_foreign_token_opens_it(self):
        for name, survey, token in (
            ("no token", self.survey, None),
            ("a wrong token", self.survey, "00000000-0000-4000-8000-000000000000"),
            ("a number", self.survey, self.answer.id),
            ("a token of another survey", self.other, self.answer.access_token),
        ):
            with self.subTest(name):
                page = self._page(survey, token)
                self.assertNotIn("recommend us", page.text)
                self.assertNotIn(EMAIL, page.text)
                self.assertNotIn("Li Na", page.text)

    def test_a_stranger_cannot_answer_for_the_customer(self):
        question = self.survey.question_ids.filtered("customer_metric_id")
        before = len(self.survey.user_input_ids)
        for token in ("00000000-0000-4000-8000-000000000000", str(self.answer.id)):
            with self.subTest(token=token):
                self.make_jsonrpc_request(
                    f"/survey/submit/{self.survey.access_token}/{token}", {str(question.id): "0"}
                )
        self.env.invalidate_all()
        self.assertEqual(self.answer.state, "new")
        self.assertFalse(
            self.env["customer.satisfaction.score"].search_count(
                [("partner_id", "=", self.customer.id)]
            )
        )
        self.assertEqual(len(self.survey.user_input_ids), before)

    def test_our_own_records_have_no_public_page(self):
        for path in ("/odoo/followup-desk", "/web/dataset/call_kw/customer.followup/search_read"):
            with self.subTest(path=path):
                page = self.url_open(path, allow_redirects=False)
                self.assertNotEqual(page.status_code, 200)
