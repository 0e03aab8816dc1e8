from contextlib import suppress

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged

from ..common import FollowupCommon

RAW = "From: {sender}\nTo: {to}\nSubject: x\nMessage-Id: <1@x>\n\nI withdraw\n"


@tagged("post_install", "-at_install")
class TestGateway(FollowupCommon):
    """Who may hand e-mails to Odoo, which records them in sudo."""

    def _ways(self, threads):
        raw = RAW.format(sender=self.customer.email, to="x@example.com")
        values = {"name": "e", "state": "code", "code": "env.user.sudo()"}
        complaint = self.complaint.with_env(threads.env)
        return {
            "process": lambda: threads.message_process("customer.complaint", raw),
            "update": lambda: threads.message_process(
                "customer.complaint", raw, thread_id=complaint.id
            ),
            "action": lambda: threads.message_process("ir.actions.server", raw, values),
            "parse": lambda: threads.message_parse(raw),
            "route": lambda: threads.message_route(raw, {}),
            "new": lambda: threads.message_new({"subject": "x"}),
            "of a complaint": lambda: complaint.message_update({"body": "x"}),
            "of a contact": lambda: self.contact.with_env(threads.env).message_update({}),
        }

    def setUp(self):
        super().setUp()
        self.complaint = self.env["customer.complaint"].create(
            {"title": "x", "partner_id": self.customer.id, "user_id": self.agent.id}
        )
        self.contact = self._make_followup()

    def test_no_user_but_the_gateway_hands_over_an_email(self):
        before = self.env["customer.complaint"].search_count([])
        messages = len(self.complaint.message_ids)
        for user in (self.stranger, self.agent, self.leader, self.manager, self.admin):
            threads = self.env["mail.thread"].with_user(user)
            for name, way in self._ways(threads).items():
                with self.subTest(user=user.login, way=name), self.assertRaises(AccessError):
                    way()
        self.assertEqual(self.env["customer.complaint"].search_count([]), before)
        self.assertEqual(len(self.complaint.message_ids), messages)

    def test_the_gateway_and_the_system_do(self):
        gateway = new_test_user(self.env, "cf_gateway", groups="base.group_user")
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("customer_followup.mail_gateway_login", "cf_gateway")
        raw = RAW.format(sender="new@example.com", to="x@example.com")
        system = self.env.ref("base.user_admin")
        for number, user in enumerate((gateway, system, self.env.user)):
            with self.subTest(user=user.login):
                threads = self.env["mail.thread"].with_user(user)
                made = threads.message_process(
                    "customer.complaint", raw.replace("<1@x>", f"<{number}@y>")
                )
                complaint = self.env["customer.complaint"].browse(made)
                self.assertEqual(complaint.complainant_email, "new@example.com")

    def test_no_parameter_allows_no_one(self):
        self.stranger.login = "x@example.com"
        for value in ("", "false", "0"):
            self.env["ir.config_parameter"].sudo().set_param(
                "customer_followup.mail_gateway_login", value
            )
            with self.assertRaises(AccessError):
                self.env["mail.thread"].with_user(self.stranger).message_parse("x")


@tagged("post_install", "-at_install")
class TestAlias(FollowupCommon):
    """The e-mail address of a team leads to complaints of that team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "doors.example.com"})
        cls.company.alias_domain_id = domain
        cls.foreign = cls.env["mail.alias"].create(
            {
                "alias_name": "others",
                "alias_domain_id": domain.id,
                "alias_model_id": cls.env["ir.model"]._get_id("res.partner"),
            }
        )
        cls.team.alias_name = "complaints"
        cls.own = cls.team.alias_id

    def test_a_manager_chooses_the_name_only(self):
        team = self.team.with_user(self.manager)
        team.write({"alias_name": "care"})
        self.assertEqual(self.own.alias_name, "care")
        for vals in (
            {"alias_defaults": "{'user_id': 1}"},
            {"alias_force_thread_id": 1},
            {"alias_model_id": self.foreign.alias_model_id.id},
            {"alias_parent_thread_id": 7},
            {"alias_bounced_content": "x"},
            {"alias_name": "x", "alias_defaults": "{}"},
        ):
            with self.subTest(vals=vals):
                with self.assertRaises(UserError):
                    team.write(dict(vals))
                with self.assertRaises(UserError):
                    team.create({"name": "x", "alias_name": "y", **vals})
        self.assertEqual(self.own.alias_defaults, repr({"team_id": self.team.id}))
        self.assertEqual(self.own.alias_name, "care")

    def test_no_team_takes_an_address_that_exists(self):
        other = self.env["customer.team"].create({"name": "Other"})
        for alias in (self.foreign, self.own):
            for user in (self.manager, self.env.user):
                with self.subTest(alias=alias.alias_name, user=user.login):
                    team = other.with_user(user)
                    with self.assertRaises(ValidationError), self.env.cr.savepoint():
                        team.write({"alias_id": alias.id})
                    with self.assertRaises(ValidationError), self.env.cr.savepoint():
                        team.create({"name": "x", "alias_id": alias.id})
        self.assertEqual(self.foreign.alias_name, "others")

    def test_a_copy_and_a_new_name_work(self):
        made = (
            self.env["customer.team"]
            .with_user(self.manager)
            .create({"name": "Made", "alias_name": "made", "alias_contact": "everyone"})
        )
        alias = made.sudo().alias_id
        self.assertEqual(alias.alias_defaults, repr({"team_id": made.id}))
        self.assertEqual(alias.alias_model_id.model, "customer.complaint")
        copy = self.team.with_user(self.manager).copy()
        self.assertFalse(copy.alias_id)
        copy.alias_name = "another"
        self.assertEqual(copy.sudo().alias_id.alias_defaults, repr({"team_id": copy.id}))


@tagged("post_install", "-at_install")
class TestLink(FollowupCommon, HttpCase):
    """What the customer's link to a complaint opens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaint = cls.env["customer.complaint"].create(
            {"title": "x", "partner_id": cls.customer.id, "user_id": cls.agent.id}
        )
        cls.complaint.message_post(body="Between colleagues", subtype_xmlid="mail.mt_note")
        cls.token = cls.complaint._portal_ensure_token()
        cls.page = f"/my/complaints/{cls.complaint.id}"

    def test_it_opens_the_page_but_not_the_chatter(self):
        self.assertEqual(self.url_open(f"{self.page}?access_token={self.token}").status_code, 200)
        pid = self.customer.id
        thread = {"thread_model": "customer.complaint", "thread_id": self.complaint.id}
        for access in (
            {"token": self.token},
            {"hash": self.complaint._sign_token(pid), "pid": pid},
        ):
            lists = ["followers", "attachments", "activities", "scheduledMessages"]
            asked = {**thread, "request_list": lists, "access_params": access}
            with self.subTest(access=list(access)):
                found = self.make_jsonrpc_request(
                    "/mail/data", {"fetch_params": [["mail.thread", asked]]}
                )
                self.assertNotIn("mail.followers", found)
                self.assertNotIn("ir.attachment", found)
                for route, params in (
                    ("/mail/chatter_fetch", {"fetch_params": {"limit": 100}}),
                    ("/mail/message/post", {"post_data": {"body": "As the customer"}}),
                ):
                    answer = None
                    with suppress(JsonRpcException):
                        answer = self.make_jsonrpc_request(route, {**thread, **access, **params})
                    self.assertNotIn("Between colleagues", str(answer))
        bodies = self.complaint.message_ids.mapped("body")
        self.assertFalse([body for body in bodies if "As the customer" in body])

    def test_another_customer_gets_another_link(self):
        other = self._make_customer("Other", email="other@example.com")
        self.complaint.partner_id = other
        old = self.url_open(f"{self.page}?access_token={self.token}", allow_redirects=False)
        self.assertNotEqual(old.status_code, 200)
        new = self.complaint._portal_ensure_token()
        self.assertNotEqual(new, self.token)
        self.complaint.title = "y"
        self.assertEqual(self.complaint._portal_ensure_token(), new)


@tagged("post_install", "-at_install")
class TestAuthor(FollowupCommon):
    """Who wrote a message, and what was changed, as employees' programs would have it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaint = cls.env["customer.complaint"].create(
            {"title": "x", "partner_id": cls.customer.id, "user_id": cls.agent.id}
        )
        # Who may read the addresses, so that nothing else is in the way.
        cls.writer = cls.leader
        cls.mine = cls.complaint.with_user(cls.writer)
        cls.forged = {
            "author_id": cls.customer.id,
            "author_guest_id": False,
            "email_from": "li.na@example.com",
        }
        cls.comment = {"message_type": "comment", "subtype_id": cls.env.ref("mail.mt_comment").id}

    def _words(self):
        return [one for one in self.complaint._customer_messages() if one["is_mine"]]

    def _last(self):
        return self.complaint.message_ids.sorted("id")[-1]

    def test_no_employee_writes_as_the_customer(self):
        forged, no_one = self.forged, {**self.forged, "author_id": False}
        about = {"model": "customer.complaint", "res_id": self.complaint.id, "body": "Solved"}
        messages = self.env["mail.message"].with_user(self.writer)
        defaults = {f"default_{name}": value for name, value in {**forged, **about}.items()}
        ways = {
            "post": lambda: self.mine.message_post(
                body="Solved", author_id=forged["author_id"], **self.comment
            ),
            "post without an author": lambda: self.mine.message_post(
                body="Solved", author_id=False, email_from=forged["email_from"], **self.comment
            ),
            "create": lambda: messages.create({**about, **forged, **self.comment}),
            "create without an author": lambda: messages.create(
                {**about, **no_one, **self.comment}
            ),
            "by context": lambda: messages.with_context(**defaults).create(dict(self.comment)),
            "composer": lambda: self._compose("comment", forged),
            "composer of many": lambda: self._compose("mass_mail", forged),
        }
        for name, way in ways.items():
            with self.subTest(way=name):
                before = self.complaint.message_ids
                way()
                made = self.complaint.message_ids - before
                self.assertEqual(made.author_id, self.writer.partner_id)
                self.assertEqual(made.mapped("email_from"), [self.writer.email_formatted])
                self.assertEqual(self._words(), [])

    def _compose(self, mode, vals):
        vals = {
            "model": "customer.complaint",
            "res_ids": repr(self.complaint.ids),
            "composition_mode": mode,
            "body": "Solved",
            "subject": "x",
            "auto_delete": False,
            "auto_delete_keep_log": True,
            "author_id": vals["author_id"],
            "email_from": vals["email_from"],
        }
        self.env["mail.compose.message"].with_user(self.writer).create(vals)._action_send_mail()

    def test_the_author_of_a_message_stays(self):
        message = self.mine.message_post(body="Solved", **self.comment)
        for vals in ({"author_id": self.customer.id}, {"author_id": False}, {"res_id": 1}):
            with self.subTest(vals=vals), self.assertRaisesRegex(AccessError, "Who wrote"):
                message.write(vals)
        message.body = "Nearly solved"
        self.assertEqual(message.author_id, self.writer.partner_id)
        note = self.writer.partner_id.with_user(self.env.ref("base.user_admin"))
        note = note.message_post(body="x")
        with self.assertRaisesRegex(AccessError, "Who wrote"):
            note.write({"model": "customer.complaint", "res_id": self.complaint.id})

    def test_what_others_wrote_is_neither_changed_nor_deleted(self):
        theirs = self.complaint.message_post(body="Bad", author_id=self.customer.id, **self.comment)
        noted = self.complaint._message_log(body="Moved")
        for message in (theirs, noted):
            mine = message.with_user(self.writer)
            for call in (lambda one: one.write({"body": "Good"}), lambda one: one.unlink()):
                with self.assertRaisesRegex(AccessError, "Only your own comments"):
                    call(mine)
            self.assertNotEqual(message.body, "<p>Good</p>")
        # Odoo adds the files of an activity to the note that it is done.
        files = self.env["ir.attachment"].with_user(self.writer)
        file = files.create({"name": "x.txt", "raw": b"x"})
        activity = self.mine.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.writer.id
        )
        activity.action_feedback("Done", attachment_ids=file.ids)
        self.assertEqual(self._last().attachment_ids, file)
        own = self.mine.message_post(body="x", **self.comment)
        own.body = "y"
        with self.assertRaisesRegex(AccessError, "Who wrote"):
            own.date = "2001-01-01 00:00:00"
        own.unlink()
        self.assertFalse(own.exists())

    def test_the_company_and_the_system_may_be_authors(self):
        company = self.company.partner_id
        made = self.mine.message_post(body="x", author_id=company.id, **self.comment)
        self.assertEqual(made.author_id, company)
        made = self.complaint.message_post(body="x", author_id=self.customer.id, **self.comment)
        self.assertEqual(made.author_id, self.customer)
        self.assertEqual(len(self._words()), 1)

    def test_messages_about_other_records_are_as_before(self):
        partner = self.customer.with_user(self.env.ref("base.user_admin"))
        made = partner.message_post(body="x", author_id=self.customer.id)
        self.assertEqual(made.author_id, self.customer)

    def test_no_user_changes_a_complaint_without_a_trace(self):
        # What is made in the same transaction is not tracked.
        self.env.cr.flush()
        for name, severity in (("mail_notrack", "Serious"), ("tracking_disable", "Minor")):
            with self.subTest(context=name):
                before = self.complaint.message_ids
                loud = self.mine.with_context(tracking_disable=False)
                loud.with_context(**{name: True}).severity = severity.lower()
                self.env.flush_all()
                self.env.cr.flush()
                self.env.invalidate_all()
                made = self.complaint.message_ids - before
                self.assertEqual(made.tracking_value_ids.mapped("new_value_char"), [severity])
