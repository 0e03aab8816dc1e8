import json
import re

from odoo import http
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..common import EMAIL, PHONE, FollowupCommon

REFUSALS = ("odoo.exceptions.AccessError", "odoo.exceptions.UserError")
SECRETS = ("612345678", "li.na@")


def _flat(value):
    """Return any answer as text without what separates the digits of a number."""
    return re.sub(r"[\s().-]", "", json.dumps(value, default=str, ensure_ascii=False)).replace(
        "lina@", "li.na@"
    )


class MaskingCommon(FollowupCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.followup = cls._make_followup()
        cls.complaint = (
            cls.env["customer.complaint"]
            .with_user(cls.agent)
            .create({"title": "It rattles", "partner_id": cls.customer.id})
            .sudo()
        )
        cls.followup.message_subscribe(cls.customer.ids)
        # What a customer's answer by e-mail leaves in the chatter.
        cls.mail = cls.followup.message_post(
            body="Thank you",
            author_id=cls.customer.id,
            email_from=f'"Li Na" <{EMAIL}>',
            message_type="email",
            incoming_email_to=f"shop@example.com, {EMAIL}",
            incoming_email_cc=EMAIL,
            subtype_xmlid="mail.mt_comment",
            partner_ids=cls.customer.ids,
        )
        cls.env["mail.notification"].create(
            {
                "mail_message_id": cls.mail.id,
                "mail_email_address": EMAIL,
                "notification_type": "email",
                "notification_status": "exception",
                "failure_type": "unknown",
                "failure_reason": f"<{EMAIL}> is full",
            }
        )

    def assertHidden(self, value):
        text = _flat(value)
        for secret in SECRETS:
            self.assertNotIn(secret, text)


@tagged("post_install", "-at_install")
class TestMasking(MaskingCommon):
    """What a masked agent can get of a customer through the ORM: never a number or address."""

    def test_the_agent_is_masked_and_the_manager_is_not(self):
        self.assertTrue(self.env["res.users"].with_user(self.agent)._is_customer_data_masked())
        self.assertTrue(self.env["res.users"].with_user(self.auditor)._is_customer_data_masked())
        self.assertFalse(self.env["res.users"].with_user(self.manager)._is_customer_data_masked())
        self.assertEqual(self.customer.with_user(self.manager).phone, PHONE)

    def test_the_card_shows_shortened_values(self):
        mine = self.followup.with_user(self.agent)
        self.assertEqual(mine.phone_masked, "*******5678")
        self.assertEqual(mine.email_masked, "l***@example.com")
        self.assertEqual(mine.partner_id.display_name, "Li Na")

    def test_every_role_sees_shortened_values_on_lists(self):
        mine = self.followup.with_user(self.manager)
        self.assertEqual(mine.phone_masked, "*******5678")

    def test_the_contact_itself_is_closed(self):
        contact = self.customer.with_user(self.agent)
        with self.assertRaises(AccessError):
            contact.read(["phone"])
        with self.assertRaises(AccessError):
            contact.read(["email"])
        self.assertFalse(contact.search([("id", "=", self.customer.id)]))
        self.assertFalse(contact.search([("phone", "like", "5678")]))
        self.assertFalse(contact.name_search("Li Na"))

    def test_no_way_leads_through_a_follow_up(self):
        mine = self.followup.with_user(self.agent)
        spec = {
            "phone_masked": {},
            "partner_id": {"fields": {"display_name": {}, "phone": {}, "email": {}}},
            "message_partner_ids": {"fields": {"email": {}}},
            "message_follower_ids": {"fields": {"email": {}}},
        }
        for fields in (
            {"phone_masked": {}, "partner_id": spec["partner_id"]},
            {"message_partner_ids": spec["message_partner_ids"]},
            {"message_follower_ids": spec["message_follower_ids"]},
        ):
            with self.subTest(fields=list(fields)):
                self.env.invalidate_all()
                try:
                    self.assertHidden(mine.web_read(fields))
                except AccessError:
                    continue

    def test_export_leads_nowhere(self):
        self.agent.group_ids += self.env.ref("base.group_allow_export")
        mine = self.followup.with_user(self.agent)
        for path in ("partner_id/phone", "partner_id/email", "message_partner_ids/email"):
            with self.subTest(path=path):
                self.env.invalidate_all()
                mine.read(["phone_masked"])
                try:
                    self.assertHidden(mine.export_data(["phone_masked", path]))
                except AccessError:
                    continue

    def test_nothing_can_be_guessed_by_searching(self):
        Followup = self.env["customer.followup"].with_user(self.agent)
        for field in ("partner_id", "commercial_partner_id", "message_partner_ids"):
            for secret in (("phone", "like", "5678"), ("email", "like", "li.na")):
                domain = [(f"{field}.{secret[0]}", *secret[1:])]
                with self.subTest(domain=domain):
                    try:
                        self.assertFalse(Followup.search(domain))
                        self.assertFalse(Followup.search(Domain(field, "any", Domain(*secret))))
                    except AccessError:
                        continue
        for field in ("phone_masked", "email_masked"):
            with self.subTest(field=field), self.assertRaises(ValueError):
                Followup.search([(field, "like", "5678")])

    def test_agents_find_their_records_by_the_customers_name(self):
        Followup = self.env["customer.followup"].with_user(self.agent)
        self.assertIn(self.followup, Followup.search([("customer_name", "ilike", "li n")]))
        self.assertFalse(Followup.search([("customer_name", "ilike", "li.na@")]))
        foreign = self._make_followup(self.colleague)
        self.assertNotIn(foreign, Followup.search([("customer_name", "ilike", "li n")]))
        self.customer.name = EMAIL
        self.assertFalse(Followup.search([("customer_name", "ilike", "li.na")]))
        self.assertHidden(Followup.browse(self.followup.id).read(["customer_name"]))

    def test_nothing_can_be_guessed_by_grouping_or_sorting(self):
        Followup = self.env["customer.followup"].with_user(self.agent)
        for groupby in ("partner_id.phone", "partner_id.email", "phone_masked"):
            with self.subTest(groupby=groupby):
                try:
                    self.assertHidden(Followup.formatted_read_group([], [groupby], ["__count"]))
                except ValueError:
                    continue
        for order in ("partner_id.phone", "phone_masked"):
            with self.subTest(order=order), self.assertRaises(ValueError):
                Followup.search([], order=order)

    def test_messages_keep_the_address_to_themselves(self):
        Message = self.env["mail.message"].with_user(self.agent)
        message = Message.browse(self.mail.id)
        self.assertIn("Thank you", message.read(["body"])[0]["body"])
        for field in ("email_from", "reply_to", "incoming_email_to", "incoming_email_cc"):
            with self.subTest(field=field):
                with self.assertRaises(AccessError):
                    message.read([field])
                with self.assertRaises(AccessError):
                    Message.search([(field, "like", "li.na")])
        self.assertIn(
            EMAIL, self.mail.with_user(self.manager).read(["email_from"])[0]["email_from"]
        )

    def test_notifications_keep_the_address_to_themselves(self):
        notices = self.env["mail.notification"].with_user(self.agent)
        for field in ("mail_email_address", "failure_reason"):
            with self.subTest(field=field):
                with self.assertRaises(AccessError):
                    notices.search_read([("mail_message_id", "=", self.mail.id)], [field])
                with self.assertRaises(AccessError):
                    notices.search([(field, "like", "li.na")])
        self.assertTrue(
            self.env["mail.notification"]
            .with_user(self.manager)
            .search([("mail_email_address", "=", EMAIL)])
        )

    def test_customers_with_a_login_are_hidden_too(self):
        portal = self.env["res.users"].create(
            {
                "name": "Li Na",
                "login": EMAIL,
                "partner_id": self.customer.id,
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        Users = self.env["res.users"].with_user(self.agent)
        self.assertFalse(Users.search([("login", "like", "li.na")]))
        with self.assertRaises(AccessError):
            Users.browse(portal.id).read(["login"])
        self.assertTrue(Users.search([("id", "=", self.colleague.id)]))

    def test_composing_shows_no_address(self):
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.agent)
            .with_context(
                default_model="customer.followup",
                default_res_ids=self.followup.ids,
                default_parent_id=self.mail.id,
            )
            .create({})
        )
        # As a message that a colleague has begun: the agent may not choose this recipient.
        composer.sudo().partner_ids = self.customer
        self.assertHidden(composer.read())

    def test_templates_render_no_address(self):
        text = "<p t-out='object.partner_id.email'/><p t-out='object.partner_id.phone'/>"
        mine = self.followup.with_user(self.agent)
        mine.read(["phone_masked"])
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.agent)
            .create(
                {
                    "model": "customer.followup",
                    "res_ids": str(self.followup.ids),
                    "composition_mode": "mass_mail",
                    "body": text,
                    "subject": "{{ object.partner_id.email }}",
                }
            )
        )
        with self.assertRaises(AccessError):
            composer._action_send_mail()

    def test_a_lookup_needs_letters_and_gives_names_only(self):
        Partner = self.env["res.partner"].with_user(self.agent).with_context(customer_lookup=True)
        self.assertEqual(Partner.name_search("Li"), [])
        self.assertEqual(Partner.name_search("%%%"), [])
        found = Partner.with_context(show_email=True, show_address=True).name_search("Li N")
        self.assertIn((self.customer.id, "Li Na"), found)
        self.assertHidden(found)
        self.assertHidden(Partner.name_search("Li N", [("email", "like", "li.na")]))
        self.assertFalse(Partner.name_search("li.na@"))

    def test_a_name_of_two_ideographs_is_looked_up_whole(self):
        Partner = self.env["res.partner"].with_user(self.agent).with_context(customer_lookup=True)
        person = self._make_customer("王小芳")
        self.assertEqual(Partner.name_search("王"), [])
        self.assertIn((person.id, "王小芳"), Partner.name_search("小芳"))

    def test_a_new_contact_shows_shortened_values_while_it_is_typed(self):
        seen = (
            self.env["customer.followup"]
            .with_user(self.agent)
            .onchange(
                {"partner_id": self.customer.id},
                ["partner_id"],
                {"partner_id": {"fields": {"display_name": {}}}, "phone_masked": {}},
            )
        )
        self.assertHidden(seen)
        self.assertEqual(seen["value"]["phone_masked"], "*******5678")

    def test_errors_that_are_kept_hold_no_address(self):
        with mute_logger("odoo.addons.customer_followup.models.contact.customer_followup"):
            self.followup._park(ValueError(f"Mailbox of {EMAIL} is full"))
        self.assertHidden(self.followup.error)
        self.assertIn("l***@example.com", self.followup.error)


@tagged("post_install", "-at_install")
class TestMaskingHttp(MaskingCommon, HttpCase):
    """The same over HTTP, as the web client or a curious agent would ask."""

    def setUp(self):
        super().setUp()
        self.agent.password = "cf_agent_password"
        self.authenticate("cf_agent", "cf_agent_password")

    def _ask(self, route, **params):
        answer = self.url_open(
            route,
            data=json.dumps({"jsonrpc": "2.0", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return answer.json()

    def test_the_chatter_shows_no_address(self):
        for model, record in (
            ("customer.followup", self.followup),
            ("customer.complaint", self.complaint),
        ):
            for route, params in {
                "/mail/thread/messages": {},
                "/mail/thread/recipients": {"message_id": self.mail.id},
                "/mail/thread/recipients/get_suggested_recipients": {
                    "partner_ids": self.customer.ids
                },
            }.items():
                with self.subTest(route=route, model=model):
                    answer = self._ask(route, thread_model=model, thread_id=record.id, **params)
                    self.assertHidden(answer)
        seen = self._ask(
            "/mail/thread/messages", thread_model="customer.followup", thread_id=self.followup.id
        )
        self.assertIn("Thank you", json.dumps(seen))

    def test_the_store_shows_no_address(self):
        seen = self._ask(
            "/mail/data",
            fetch_params=[
                "init_messaging",
                "failures",
                [
                    "mail.thread",
                    {
                        "thread_model": "customer.followup",
                        "thread_id": self.followup.id,
                        "request_list": [
                            "followers",
                            "suggestedRecipients",
                            "activities",
                            "attachments",
                        ],
                    },
                ],
                ["avatar_card", {"user_id": self.agent.id}],
            ],
        )
        self.assertIn("result", seen)
        self.assertHidden(seen)

    def test_files_show_no_address(self):
        for path in (
            f"/web_enterprise/partner/{self.customer.id}/vcard",
            f"/web/partner/vcard?partner_ids={self.customer.id}",
        ):
            with self.subTest(path=path):
                answer = self.url_open(path)
                self.assertHidden(answer.text)

    @mute_logger("odoo.addons.web.controllers.export")
    def test_export_shows_no_address(self):
        for fields in (["partner_id/phone"], ["phone_masked", "partner_id/email"]):
            with self.subTest(fields=fields):
                answer = self.url_open(
                    "/web/export/csv",
                    data={
                        "csrf_token": http.Request.csrf_token(self),
                        "data": json.dumps(
                            {
                                "model": "customer.followup",
                                "fields": [{"name": name, "label": name} for name in fields],
                                "ids": self.followup.ids,
                                "domain": [],
                                "groupby": [],
                                "import_compat": False,
                                "context": {},
                            }
                        ),
                    },
                )
                self.assertHidden(answer.text)

    @mute_logger("odoo.http")
    def test_rpc_shows_no_address(self):
        for model, method, args in (
            ("res.partner", "read", [self.customer.ids, ["phone", "email"]]),
            ("res.partner", "get_mention_suggestions", ["Li Na"]),
            ("res.partner", "search_for_channel_invite", ["Li Na"]),
            ("mail.message", "read", [self.mail.ids]),
            ("mail.followers", "search_read", [[]]),
            ("mail.notification", "search_read", [[]]),
            ("customer.followup", "read", [self.followup.ids]),
            ("customer.complaint", "read", [self.complaint.ids]),
            ("customer.followup", "export_data", [self.followup.ids, ["partner_id/phone"]]),
        ):
            with self.subTest(model=model, method=method):
                answer = self._ask(
                    f"/web/dataset/call_kw/{model}/{method}",
                    model=model,
                    method=method,
                    args=args,
                    kwargs={},
                )
                self.assertHidden(answer)
                problem = answer.get("error", {}).get("data", {}).get("name")
                self.assertIn(problem, (None, *REFUSALS))
