from odoo import fields
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.ground.system import as_system
from .common import MANAGER
from .intake.test_intake import EMAIL, PIXEL, IntakeCommon

# Of what is confirmed by the customer, nothing is left to do.
SILENT = {"confirmed by link"}


@tagged("post_install", "-at_install")
class TestVisitors(IntakeCommon, HttpCase):
    """What customers set off is open to everybody who works on it, masked or not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(cls.env, "cf_li", groups="base.group_portal")
        cls.portal.partner_id = cls.customer
        cls.masked_manager = new_test_user(cls.env, "cf_masked", groups=MANAGER)
        cls.company.write({"customer_form_on": True, "customer_form_team_id": cls.team.id})
        cls.env["customer.ownership"].create(
            {"commercial_partner_id": cls.customer.id, "user_id": cls.agent.id}
        )
        cls.readers = cls.agent | cls.leader | cls.manager | cls.masked_manager | cls.auditor

    def _post(self, path, page=None, **data):
        text = self.url_open(page or path).text
        data["csrf_token"] = text.split('name="csrf_token" value="')[1].split('"')[0]
        with mute_logger("odoo.http"):
            answer = self.url_open(path, data=data, files={"files": ("a.png", PIXEL)})
        self.assertEqual(answer.status_code, 200)
        self.env.invalidate_all()

    def _new(self):
        return self.env["customer.complaint"].search([], order="id desc", limit=1)

    def _form(self, login=None):
        self.authenticate(login, login)
        address = {} if login else {"email": EMAIL, "name": "Li Na"}
        self._post(
            f"/complaint/{self.company.id}",
            title="It rattles",
            description="Since Monday",
            consent="1",
            **address,
        )
        return self._new()

    def _linked(self):
        complaint = self._complain(team_id=self.team.id).sudo()
        token = complaint._portal_ensure_token()
        self.authenticate(None, None)
        page = f"/my/complaints/{complaint.id}?access_token={token}"
        self._post(f"/my/complaints/{complaint.id}/write", page, text="Still", access_token=token)
        return complaint

    def _answered(self, answer, login=None):
        complaint = self._make_settled(team_id=self.team.id).sudo()
        token = complaint._portal_ensure_token()
        self.authenticate(login, login)
        own = {} if login else {"access_token": token}
        page = f"/my/complaints/{complaint.id}/{answer}"
        asked = page if login else f"{page}?access_token={token}"
        self._post(page, asked, why="It rattles again", satisfaction="2", **own)
        return complaint

    def _mailed(self, sender):
        return self._receive(sender)

    def _mailed_again(self):
        complaint = self._receive()
        subject = f"Re: {complaint.name}"
        letter = self._letters(complaint)[:1]
        headers = {"In-Reply-To": letter.message_id, "References": letter.message_id}
        self._receive(subject=subject, body="And it squeaks", headers=headers)
        return complaint

    def _low_score(self):
        contact = self._make_followup(channel_id=self.survey_channel.id)
        contact.step_id = self.plan.step_ids[0]
        contact.step_id.survey_id = self.env.ref("customer_followup.survey_after_delivery")
        contact._send_survey()
        answer = contact.invitation_ids.user_input_id
        question = answer.survey_id.question_ids.filtered("customer_metric_id")[:1]
        public = self.env.ref("base.public_user")
        question.customer_metric_id.write({"opens_complaint": True, "complaint_value": 6})
        answer = answer.with_user(public).sudo()
        answer._save_lines(question.with_user(public).sudo(), "1")
        answer._mark_done()
        self.env.flush_all()
        return contact.complaint_ids

    def test_every_role_opens_complaints_of_all_channels(self):
        ways = {
            "public form": self._form,
            "form of a customer logged in": lambda: self._form("cf_li"),
            "the customer's link": self._linked,
            "answered by link": lambda: self._answered("unsolved"),
            "confirmed by link": lambda: self._answered("solved"),
            "answered by a customer logged in": lambda: self._answered("unsolved", "cf_li"),
            "mail of a customer": lambda: self._mailed(f"Li Na <{EMAIL}>"),
            "mail of a stranger": lambda: self._mailed("Wang <wang@visitors.example.com>"),
            "answer by mail": self._mailed_again,
            "low score": self._low_score,
        }
        for way, come in ways.items():
            complaint = come()
            self.assertEqual(len(complaint), 1, way)
            complaint.user_id = self.agent
            activities = complaint.activity_ids
            self.assertEqual(bool(activities), way not in SILENT, way)
            for user in self.readers:
                self._open(complaint, user, way)

    def _open(self, complaint, user, way):
        """Open the form and its chatter as the web client does."""
        with self.subTest(way=way, user=user.login):
            self.authenticate(user.login, user.login)
            model = self.env["customer.complaint"].with_user(user)
            shown = model.get_view(view_type="form")["models"][model._name]
            self.make_jsonrpc_request(
                f"/web/dataset/call_kw/{model._name}/web_read",
                {
                    "model": model._name,
                    "method": "web_read",
                    "args": [complaint.ids, {name: {} for name in model.fields_get(shown)}],
                    "kwargs": {},
                },
            )
            thread = {"thread_model": model._name, "thread_id": complaint.id}
            wanted = ["activities", "attachments", "followers", "scheduledMessages"]
            store = self.make_jsonrpc_request(
                "/mail/data",
                {"fetch_params": [["mail.thread", {**thread, "request_list": wanted}]]},
            )
            self.make_jsonrpc_request("/mail/thread/messages", thread)
            activities = complaint.with_user(user).activity_ids
            self.assertEqual(
                {one["id"] for one in store.get("mail.activity", ())}, set(activities.ids)
            )

    def test_nothing_is_created_in_the_name_of_a_visitor(self):
        models = [
            self.env[name]
            for name in (
                "customer.complaint",
                "customer.complaint.contact",
                "customer.complaint.evidence",
                "customer.satisfaction.score",
                "mail.activity",
            )
        ]
        last = {model: model.search([], order="id desc", limit=1).id or 0 for model in models}
        self._form()
        self._form("cf_li")
        self._linked()
        self._answered("unsolved")
        self._answered("unsolved", "cf_li")
        self._low_score()
        for model in models:
            rows = model.with_context(active_test=False).search([("id", ">", last[model])])
            self.assertTrue(rows, model._name)
            self.assertFalse(rows.create_uid.filtered("share"), model._name)

    def test_no_visitor_calls_what_mails_set_off(self):
        contact = self._make_followup()
        complaint = self._complain()
        mail = {"author_id": self.customer.id, "email_from": EMAIL, "body": "stop all"}
        self.authenticate("cf_li", "cf_li")
        for record, method, arguments in (
            (contact, "message_update", [contact.ids, mail]),
            (complaint, "message_update", [complaint.ids, mail]),
            (complaint, "message_new", [mail]),
        ):
            with (
                self.subTest(model=record._name, method=method),
                mute_logger("odoo.http"),
                self.assertRaisesRegex(JsonRpcException, "AccessError"),
            ):
                self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/{record._name}/{method}",
                    {"model": record._name, "method": method, "args": arguments, "kwargs": {}},
                )
        # Nor would they be the system without having been given its rights.
        contact = contact.with_user(self.portal)
        self.assertEqual(as_system(contact).env.user, self.portal)
        self.assertFalse(as_system(contact).env.su)

    def test_a_wish_of_a_visitor_is_recorded_by_the_system(self):
        contact = self._make_followup(channel_id=self.survey_channel.id)
        self.authenticate(None, None)
        url = contact._unsubscribe_url()
        path = url[url.index("/followup") :]
        self.assertEqual(self.url_open(path, data={"scope": "purpose"}).status_code, 200)
        wish = self.env["customer.consent"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((wish.user_id, wish.create_uid), (self.env.ref("base.user_root"),) * 2)
        self.assertEqual(wish.how, "page")
        self.assertGreaterEqual(fields.Datetime.now(), wish.date)
