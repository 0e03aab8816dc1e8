from datetime import timedelta
from unittest.mock import patch

from markupsafe import Markup

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..common import ComplaintCommon
from .test_intake import PIXEL

SECRET = "Only among us"


INTAKE = "odoo.addons.customer_followup.models.intake.customer_complaint"
COUNTER = "odoo.addons.customer_followup.models.intake.customer_intake_counter"


@tagged("post_install", "-at_install")
class TestPortal(ComplaintCommon, HttpCase):
    """The complaint pages for customers and other visitors."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls._make_customer("Gao Trading", is_company=True)
        cls.customer.parent_id = cls.firm
        cls.mate = cls._make_customer("Zhou Min", email="zhou@example.com", parent_id=cls.firm.id)
        cls.foreign = cls._make_customer("Wang Wei", email="wang@example.com")
        for login, partner in (
            ("cf_li", cls.customer),
            ("cf_zhou", cls.mate),
            ("cf_wang", cls.foreign),
        ):
            user = new_test_user(cls.env, login, groups="base.group_portal")
            user.partner_id = partner
        cls.complaint = (
            cls.env["customer.complaint"]
            .with_user(cls.agent)
            .create(
                {
                    "title": "It rattles",
                    "description": SECRET,
                    "partner_id": cls.customer.id,
                    "cause": f"{SECRET}: a screw",
                    "solution": "Tightened, free",
                    "verdict": "confirmed",
                    "verdict_evidence": SECRET,
                }
            )
        )
        cls.complaint.message_post(
            body=SECRET, message_type="comment", subtype_xmlid="mail.mt_note"
        )
        cls.complaint.message_post(
            body=f"{SECRET}, colleague", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        cls.complaint.stage_id = cls.stages["awaiting"]
        cls.complaint = cls.complaint.sudo()
        cls.path = f"/my/complaints/{cls.complaint.id}"
        cls.token = cls.complaint._portal_ensure_token()

    def _get(self, path, **query):
        query = "&".join(f"{name}={value}" for name, value in query.items())
        with mute_logger("odoo.http"):
            return self.url_open(f"{path}?{query}" if query else path, allow_redirects=False)

    def _post(self, path, page=None, files=None, **data):
        """Send a form like a browser, with the CSRF token of its page."""
        text = self.url_open(page or "/web/login").text
        data["csrf_token"] = text.split('name="csrf_token" value="')[1].split('"')[0]
        with mute_logger("odoo.http"):
            answer = self.url_open(path, data=data, files=files)
        self.env.invalidate_all()
        return answer

    def test_malformed_requests_cause_no_server_error(self):
        page = f"{self.path}?access_token={self.token}"
        odd = ("a.txt", b"x", "text/plain")
        for way, name in (("write", "text"), ("unsolved", "why"), ("solved", "satisfaction")):
            with self.subTest(way=way):
                answer = self._post(
                    f"{self.path}/{way}", page, files={name: odd}, access_token=self.token
                )
                self.assertEqual(answer.status_code, 200)
        answer = self._post(f"{self.path}/write", page, files={"access_token": odd}, text="x")
        self.assertEqual(answer.status_code, 404)

    def test_the_customer_and_their_company_see_the_case_and_nothing_internal(self):
        for login in ("cf_li", "cf_zhou"):
            with self.subTest(login=login):
                self.authenticate(login, login)
                page = self._get(self.path)
                self.assertEqual(page.status_code, 200)
                for shown in ("It rattles", self.complaint.name, "Waiting for your answer"):
                    self.assertIn(shown, page.text)
                self.assertIn("Tightened, free", page.text)
                self.assertIn(self.agent.name, page.text)
                self.assertNotIn(SECRET, page.text)
                self.assertIn("It rattles", self._get("/my/complaints").text)

    def test_the_customer_sees_the_promises(self):
        running = self._complain(title="The lamp is dark").sudo()
        promises = running._customer_promises()
        self.assertTrue(promises)
        self.authenticate("cf_li", "cf_li")
        page = self._get(running.access_url)
        for what, _day in promises:
            self.assertIn(f"{what} by", page.text)

    def test_another_customer_sees_nothing_and_cannot_tell_that_there_is_something(self):
        self.authenticate("cf_wang", "cf_wang")
        foreign, nothing = self._get(self.path), self._get("/my/complaints/2147483000")
        self.assertEqual((foreign.status_code, nothing.status_code), (404, 404))
        self.assertEqual(len(foreign.text), len(nothing.text))
        self.assertNotIn("It rattles", self._get("/my/complaints").text)
        own = self._complain(title="Another", partner_id=self.foreign.id)
        page = f"/my/complaints/{own.id}"
        for path in (f"{self.path}/solved", f"{self.path}/unsolved", f"{self.path}/write"):
            self.assertEqual(self._post(path, page, why="x", text="x").status_code, 404)
        self.assertEqual(self.complaint.state, "awaiting")
        self.assertFalse(self._talks(self.complaint))

    def test_a_stranger_is_asked_to_log_in_whether_or_not_there_is_something(self):
        for number in (self.complaint.id, 2147483000):
            page = self._get(f"/my/complaints/{number}")
            self.assertIn(page.status_code, (302, 303))
            self.assertIn("/web/login", page.headers["Location"])

    def test_a_wrong_token_opens_nothing(self):
        other = self._complain(title="Another", partner_id=self.foreign.id).sudo()
        empty = self._complain(title="Without a key", partner_id=self.foreign.id).sudo()
        for name, number, token in (
            ("a wrong key", self.complaint.id, "x" * 43),
            ("no ascii", self.complaint.id, "%C3%A9"),
            ("half a key", self.complaint.id, self.token[:20]),
            ("another's key", self.complaint.id, other._portal_ensure_token()),
            ("a foreign number", other.id, self.token),
            ("no key was ever made", empty.id, "False"),
            ("nothing there", 2147483000, self.token),
            ("a number too large", 99999999999999999999, self.token),
        ):
            for suffix in ("", "/solved", "/unsolved"):
                with self.subTest(name, suffix=suffix):
                    page = self._get(f"/my/complaints/{number}{suffix}", access_token=token)
                    self.assertEqual(page.status_code, 404)
                    self.assertNotIn("rattles", page.text)

    def test_customers_see_their_complaints_whatever_company_their_login_is_of(self):
        self._make_second_company()
        user = self.env["res.users"].search([("login", "=", "cf_li")])
        user.write(
            {
                "company_ids": [Command.set(self.other_company.ids)],
                "company_id": self.other_company.id,
            }
        )
        self.authenticate("cf_li", "cf_li")
        self.assertEqual(self._get(self.path).status_code, 200)
        self.assertEqual(self._get("/my/complaints").text.count("It rattles"), 1)

    def test_customers_read_no_records(self):
        user = self.env["res.users"].search([("login", "=", "cf_li")])
        for model in (
            "customer.complaint",
            "customer.complaint.evidence",
            "customer.complaint.contact",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(user).search_read([])

    def test_users_cannot_read_the_token(self):
        for user in (self.agent, self.leader, self.manager, self.admin):
            complaint = self.complaint.with_user(user)
            with self.assertRaises(AccessError):
                complaint.read(["access_token"])
            with self.assertRaises(AccessError):
                complaint.search([("access_token", "!=", False)])
            self.assertNotIn(self.token, complaint.get_portal_url())
            self.assertNotIn(self.token, complaint._get_share_url())

    def test_the_link_asks_for_confirmation(self):
        for answer in ("solved", "unsolved"):
            page = self._get(f"{self.path}/{answer}", access_token=self.token)
            self.assertEqual(page.status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self.complaint.state, "awaiting")
        self.assertFalse(self._talks(self.complaint))

    def test_who_has_the_link_confirms_without_a_login(self):
        page = f"{self.path}/solved?access_token={self.token}"
        answer = self._post(
            f"{self.path}/solved", page, access_token=self.token, why="Thanks", satisfaction="5"
        )
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.complaint.confirmation, "confirmed")
        self.assertEqual(self.complaint.satisfaction, "5")
        self.assertEqual(self.complaint.state, "closed")

    def test_who_has_the_link_rejects_with_a_reason(self):
        page = f"{self.path}/unsolved?access_token={self.token}"
        self._post(f"{self.path}/unsolved", page, access_token=self.token, why=" ")
        self.assertEqual(self.complaint.state, "awaiting")
        self._post(
            f"{self.path}/unsolved", page, access_token=self.token, why="No", satisfaction="99"
        )
        self.assertEqual((self.complaint.state, self.complaint.round_count), ("solving", 1))
        self.assertFalse(self.complaint.satisfaction)
        self.assertEqual(self._talks(self.complaint).mapped("note"), ["No"])

    def test_saying_it_twice_counts_once(self):
        page = f"{self.path}?access_token={self.token}"
        for _turn in range(2):
            self._post(f"{self.path}/unsolved", page, access_token=self.token, why="No")
        self.assertEqual(self.complaint.round_count, 1)

    def test_not_solved_is_accepted_even_if_not_asked(self):
        self.complaint._customer_confirms("By phone")
        self.assertEqual(self.complaint.state, "closed")
        page = f"{self.path}?access_token={self.token}"
        answer = self._post(
            f"{self.path}/unsolved", page, access_token=self.token, why="It fell off again"
        )
        self.assertIn("Thank you. We have received it", answer.text)
        self.assertEqual((self.complaint.state, self.complaint.reopen_count), ("assessing", 1))
        self.assertIn("fell off", "".join(self.complaint.message_ids.mapped("body")))
        self.assertEqual(self.complaint.contact_ids[0].result, "replied")

    def test_an_answer_that_is_no_longer_asked_is_not_thanked(self):
        self.complaint._customer_confirms("By phone")
        page = f"{self.path}/unsolved?access_token={self.token}"
        text = "Nice <b>work</b>"
        for answer in (
            self.url_open(page),
            self._post(f"{self.path}/unsolved", page, access_token=self.token, why=" "),
            self._post(f"{self.path}/solved", page, access_token=self.token, why=text),
        ):
            self.assertEqual(answer.status_code, 200)
            self.assertIn("This question is closed", answer.text)
            self.assertNotIn("Thank you", answer.text)
        # The text is kept, so that the customer can send it.
        self.assertIn("Nice &lt;b&gt;work", answer.text)
        self.assertEqual((self.complaint.state, self.complaint.reopen_count), ("closed", 0))

    def test_files_alone_reopen_a_closed_complaint(self):
        for days, is_same in ((0, True), (40, False)):
            with self.subTest(days=days):
                complaint = self._make_closed().sudo()
                complaint.date_closed -= timedelta(days=days)
                files = [("photo.png", PIXEL), ("x.png", b"MZ\x90\x00 program" * 9)]
                going_on, refused = complaint._visitor_writes("", files)
                self.assertEqual(going_on == complaint, is_same)
                self.assertEqual(going_on.state, "assessing" if is_same else "new")
                self.assertEqual(going_on.evidence_ids.mapped("name"), ["photo.png"])
                self.assertEqual(going_on.activity_ids.user_id, self.agent)
                self.assertIn("photo.png", going_on.last_feedback)
                self.assertIn("x.png", "".join(refused))

    def test_a_refused_file_reopens_nothing(self):
        complaint = self._make_closed().sudo()
        going_on, refused = complaint._visitor_writes("", [("x.png", b"MZ\x90\x00 program" * 9)])
        self.assertEqual((going_on, going_on.state), (complaint, "closed"))
        self.assertTrue(refused)

    def test_messages_on_one_complaint_are_limited(self):
        page = f"{self.path}?access_token={self.token}"
        statuses = []
        with patch(f"{COUNTER}.CASE_HOUR", 2):
            for way, name in (("write", "text"),) * 2 + (("write", "text"), ("unsolved", "why")):
                self.complaint.stage_id = self.stages["solving"]
                answer = self._post(
                    f"{self.path}/{way}", page, access_token=self.token, **{name: "Once more"}
                )
                statuses.append(answer.status_code)
        self.assertEqual(statuses, [200, 200, 429, 429])
        self.assertIn("too many messages", answer.text)
        self.assertIn("Once more</textarea>", answer.text)
        self.assertEqual(self._talks(self.complaint).mapped("result"), ["replied"] * 2)

    def test_messages_from_one_address_are_limited(self):
        counter = self.env["customer.intake.counter"]
        others = self._complain() | self._complain() | self._complain()
        with patch(f"{COUNTER}.PLACE_HOUR", 2):
            often = [counter._is_written_too_often(one, "192.0.2.1") for one in others]
            self.assertEqual(often, [False, False, True])
            self.assertFalse(counter._is_written_too_often(others[0], "192.0.2.2"))

    def test_a_form_from_elsewhere_is_refused(self):
        with mute_logger("odoo.http"):
            answer = self.url_open(f"{self.path}/solved", data={"access_token": self.token})
        self.assertEqual(answer.status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.complaint.state, "awaiting")

    def test_the_link_expires_when_the_complaint_cannot_be_reopened(self):
        self.complaint._customer_confirms("By phone")
        self.assertEqual(self._get(self.path, access_token=self.token).status_code, 200)
        self.complaint.date_closed = fields.Datetime.now() - timedelta(days=40)
        self.assertEqual(self._get(self.path, access_token=self.token).status_code, 404)

    def test_a_message_and_files_reach_the_handler(self):
        self.authenticate("cf_li", "cf_li")
        text = "It <script>alert(1)</script> rattles\nagain"
        page = self._post(
            f"{self.path}/write",
            self.path,
            files=[
                ("files", ("photo.png", PIXEL, "image/png")),
                ("files", ("x.png", b"MZ\x90\x00 program" * 9, "image/png")),
            ],
            text=text,
        )
        self.assertNotIn("<script>alert", page.text)
        self.assertIn("x.png", page.text)
        self.assertEqual(self.complaint.evidence_ids.mapped("name"), ["photo.png"])
        message = self.complaint.message_ids.filtered(lambda one: "again" in (one.body or ""))
        self.assertEqual(message.author_id, self.customer)
        self.assertNotIn("<script", message.body)
        self.assertEqual(self.complaint.activity_ids.user_id, self.agent)
        self.assertIn("rattles", self._get(self.path).text)

    def test_answers_are_shown_and_internal_messages_are_not(self):
        self._show_details(self.agent)
        self.complaint.with_user(self.agent).message_post(
            body=Markup("<p>We are on our way</p>"),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.customer.ids,
        )
        page = self._get(self.path, access_token=self.token)
        self.assertIn("We are on our way", page.text)
        self.assertNotIn(SECRET, page.text)

    def test_the_contact_log_is_not_shown_to_the_customer(self):
        self.complaint._customer_informed("By phone", SECRET)
        self.assertIn("Tightened, free", self._get(self.path, access_token=self.token).text)
        self.assertNotIn(SECRET, self._get(self.path, access_token=self.token).text)
        self.assertEqual(self.complaint.last_reply, SECRET)
        self.complaint._ask_customer()
        letters = self.env["mail.mail"].search([("res_id", "=", self.complaint.id)])
        self.assertIn("Tightened, free", letters[0].body_html)
        self.assertNotIn(SECRET, "".join(letters.mapped("body_html")))

    def test_without_a_solution_text_the_remedies_are_shown(self):
        self.complaint.solution_ids = [
            Command.create({"name": f"A {state} gift", "state": state})
            for state in ("proposed", "approved", "accepted", "done", "rejected")
        ]
        self.complaint.solution = False
        self.assertEqual(self.complaint._customer_answer(), "A accepted gift\nA done gift")

    def test_a_message_to_a_complaint_closed_long_ago_opens_another(self):
        self.complaint._customer_confirms("By phone")
        self.complaint.date_closed = fields.Datetime.now() - timedelta(days=40)
        self.authenticate("cf_li", "cf_li")
        self._post(f"{self.path}/write", self.path, text="It rattles again")
        following = self.complaint.next_ids
        self.assertIn("It rattles again", following.description)
        self.assertIn("It rattles again", "".join(following.message_ids.mapped("body")))

    def test_uploads_on_the_complaint_page_are_limited(self):
        self.authenticate("cf_li", "cf_li")
        page = self._post(f"{self.path}/write", self.path, text="a" * 20_001)
        self.assertIn("too long", page.text)
        before = self.complaint.message_ids
        with patch(f"{INTAKE}.FILES_IN_ALL", 1):
            for name in ("one.png", "two.png"):
                files = [("files", (name, PIXEL, "image/png"))]
                page = self._post(f"{self.path}/write", self.path, files=files, text="Look")
        self.assertIn("too many files", page.text)
        self.assertEqual(self.complaint.evidence_ids.mapped("name"), ["one.png"])
        self.assertFalse(before.filtered(lambda one: "aaaa" in (one.body or "")))

    def test_logging_in_with_a_wrong_token_gives_no_valid_one(self):
        self.authenticate("cf_li", "cf_li")
        page = self._post(f"{self.path}/write", self.path, text="Again", access_token="wrong")
        self.assertNotIn(self.token, page.url)
        self.assertNotIn(self.token, page.text)

    def test_the_home_page_counts_the_customers_own(self):
        for login, count in (("cf_li", 1), ("cf_zhou", 1), ("cf_wang", 0)):
            self.authenticate(login, login)
            counted = self.make_jsonrpc_request("/my/counters", {"counters": ["complaint_count"]})
            self.assertEqual(counted["complaint_count"], count)

    def test_an_employee_sees_only_their_own_cases(self):
        self.stranger.partner_id.parent_id = self.firm
        self.authenticate("cf_stranger", "cf_stranger")
        self.assertEqual(self._get(self.path).status_code, 404)

    def test_the_customer_rejects_and_later_confirms(self):
        self.start_tour("/my/complaints", "customer_followup_complaint_reject", login="cf_li")
        self.env.invalidate_all()
        self.assertEqual((self.complaint.state, self.complaint.round_count), ("solving", 1))
        self.complaint.with_user(self.agent).stage_id = self.stages["awaiting"]
        self.start_tour("/my/complaints", "customer_followup_complaint_confirm", login="cf_li")
        self.env.invalidate_all()
        self.assertEqual(self.complaint.confirmation, "confirmed")
        self.assertEqual(self.complaint.state, "closed")
