from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...wizards import customer_reveal
from ..common import EMAIL, PHONE, FollowupCommon


@tagged("post_install", "-at_install")
class TestReveal(FollowupCommon):
    """Contact details are shown for a reason, for minutes, and each look is logged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.followup = cls._make_followup()
        cls.foreign = cls._make_followup(cls.colleague)

    def _look(self, user=None, followup=None, **vals):
        return (
            self.env["customer.reveal"]
            .with_user(user or self.agent)
            .create(
                {
                    "res_model": "customer.followup",
                    "res_id": (followup or self.followup).id,
                    **vals,
                }
            )
        )

    def _log(self):
        return self.env["customer.access.log"].search([("partner_res_id", "=", self.customer.id)])

    def test_a_reason_opens_and_logs(self):
        look = self._look(reason="Asked for a call back")
        self.assertFalse(look.phone or look.email)
        look.action_show()
        self.assertEqual((look.phone, look.email), (PHONE, EMAIL))
        row = self._log()
        self.assertEqual(
            (row.user_res_id, row.action, row.reason, row.res_model, row.res_id),
            (
                self.agent.id,
                "reveal",
                "Asked for a call back",
                "customer.followup",
                self.followup.id,
            ),
        )
        self.assertNotIn("5678", row.subject)

    def _look_at(self, complaint):
        look = self._look(
            res_model=complaint._name, res_id=complaint.id, reason="Waits for an answer"
        )
        look.action_show()
        return look

    def _complaint(self, **vals):
        given = {"complainant_phone": "+33 7 00 00 00 01", "complainant_email": "new@example.com"}
        mine = {"title": "It rattles", "user_id": self.agent.id, **given, **vals}
        return self.env["customer.complaint"].create(mine)

    def test_a_person_who_is_no_contact_can_be_reached(self):
        complaint = self._complaint()
        look = self._look_at(complaint)
        self.assertEqual((look.phone, look.email), ("+33 7 00 00 00 01", "new@example.com"))
        self.assertFalse(look.given_phone or look.given_email)
        row = self.env["customer.access.log"].search(
            [("res_model", "=", complaint._name), ("res_id", "=", complaint.id)]
        )
        self.assertEqual((row.action, row.user_res_id), ("reveal", self.agent.id))
        self.assertEqual(row.customer_name, "Not among the contacts")
        arch = complaint.with_user(self.agent).get_view(view_type="form")["arch"]
        self.assertIn('name="unknown_phone"', arch)

    def test_the_representative_of_the_customer_is_reached(self):
        lawyer = self._make_customer("Lawyer", phone="+33 7 00 00 00 02", email="l@example.com")
        look = self._look_at(self._complaint(partner_id=self.customer.id, complainant_id=lawyer.id))
        self.assertEqual((look.phone, look.email), (lawyer.phone, lawyer.email))
        self.assertEqual(look.given_phone, "+33 7 00 00 00 01")

    def test_a_new_number_of_a_known_customer_is_shown_too(self):
        complaint = self._complaint(partner_id=self.customer.id, complainant_email=EMAIL)
        self.assertEqual(complaint.with_user(self.agent).unknown_phone, "*******0001")
        look = self._look_at(complaint)
        self.assertEqual((look.phone, look.given_phone), (PHONE, "+33 7 00 00 00 01"))
        self.assertFalse(look.given_email)

    def test_no_reason_no_look(self):
        for reason in (False, "", "   "):
            with self.subTest(reason=reason), self.assertRaises(UserError):
                self._look(reason=reason).action_show()
        self.assertFalse(self._log())

    def test_a_look_ends(self):
        look = self._look(reason="Call")
        look.action_show()
        look.sudo().date_shown = fields.Datetime.now() - timedelta(minutes=6)
        self.env.invalidate_all()
        self.assertFalse(look.phone or look.email)

    def test_a_look_cannot_be_forged(self):
        now = fields.Datetime.now()
        Reveal = self.env["customer.reveal"].with_user(self.agent)
        mine = {"res_model": "customer.followup", "res_id": self.followup.id}
        forgeries = {
            "by creating": lambda: Reveal.create({**mine, "date_shown": now}),
            "by a default": lambda: Reveal.with_context(default_date_shown=now).create(mine),
            "by writing": lambda: self._look().write({"date_shown": now}),
            "while typing": lambda: Reveal.onchange(
                {**mine, "date_shown": now, "create_uid": self.agent.id}, [], {"phone": {}}
            ),
        }
        for name, forge in forgeries.items():
            with self.subTest(name):
                try:
                    result = forge()
                except AccessError:
                    continue
                if isinstance(result, dict):
                    self.assertFalse(result["value"].get("phone"))
                else:
                    self.assertFalse(Reveal.search([]).filtered("phone"))
        self.assertFalse(self._log())

    def test_a_look_cannot_be_turned_to_another_customer(self):
        other = self._make_followup(
            partner_id=self._make_customer("Wang", phone="+33 6 99 99 99 99").id
        )
        look = self._look(reason="Call")
        look.action_show()
        with self.assertRaises(AccessError):
            look.write({"res_id": other.id})
        seen = look.onchange({"res_id": other.id}, ["res_id"], {"phone": {}})
        self.assertFalse(seen["value"].get("phone"))
        self.assertEqual(look.phone, PHONE)

    def test_only_through_records_one_may_read(self):
        with self.assertRaises(AccessError):
            self._look(followup=self.foreign, reason="Curious").action_show()
        for model, id_ in (("res.partner", self.customer.id), ("nonsense", 1)):
            with self.subTest(model=model), self.assertRaises(UserError):
                self._look(reason="Curious", res_model=model, res_id=id_).action_show()
        self.assertFalse(self._log())

    def test_a_look_is_private(self):
        look = self._look(reason="Call")
        look.action_show()
        with self.assertRaises(AccessError):
            look.with_user(self.colleague).read(["phone"])

    def test_there_is_a_quota(self):
        self.patch(customer_reveal, "DAILY_QUOTA", 2)
        for _turn in range(2):
            self._look(reason="Call").action_show()
        with self.assertRaisesRegex(UserError, "2 customers"):
            self._look(reason="Call").action_show()
        self.assertEqual(len(self._log()), 2)

    def test_calling_logs_the_call(self):
        self.phone.write({"hour_from": 0, "hour_to": 24})
        action = self.followup.with_user(self.agent).action_call()
        look = self.env["customer.reveal"].with_user(self.agent).browse(action["res_id"])
        self.assertEqual(look.phone, self.customer.phone)
        row = self._log()
        self.assertEqual((row.action, row.reason), ("dial", self.followup.name))

    def test_the_log_is_append_only(self):
        self._look(reason="Call").action_show()
        row = self._log()
        for user in (self.admin, self.env.user):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    row.with_user(user).write({"reason": "None"})
                with self.assertRaises(AccessError):
                    row.with_user(user).unlink()
                with self.assertRaises(AccessError):
                    row.with_user(self.admin).create({"action": "reveal", "user_res_id": 1})
        for user in (self.agent, self.leader, self.manager, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                row.with_user(user).read(["reason"])
        self.assertEqual(row.with_user(self.auditor).customer_name, "Li Na")

    def test_the_log_outlives_the_customer(self):
        partner = self._make_customer("Gone")
        self.env["customer.access.log"]._log("open", partner)
        partner.unlink()
        row = self.env["customer.access.log"].search([], limit=1)
        self.assertEqual(row.customer_name, f"Customer {row.partner_res_id}, deleted")

    def test_it_shows_the_person_of_the_log_only(self):
        other = self._make_customer("Other", phone="+33 7 00 00 00 01", email="o@example.com")
        look = self._look(reason="Call back")
        look.action_show()
        self.followup.partner_id = other
        self.assertEqual((look.is_open, look.phone, look.email), (False, False, False))
        self.followup.partner_id = self.customer
        look.invalidate_recordset()
        self.assertEqual((look.is_open, look.phone), (True, PHONE))
        with self.assertRaises(AccessError):
            look.write({"person_res_id": other.id})
        with self.assertRaises(AccessError):
            look.read(["person_res_id"])

    def test_a_reason_has_words(self):
        for reason in ("", " ", "\u200b", ".", "\u2060-\ufeff"):
            with self.subTest(reason=reason), self.assertRaisesRegex(UserError, "why you need"):
                self._look(reason=reason).action_show()
        self.assertFalse(self._log())
        self._look(reason="退").action_show()
        self.assertEqual(len(self._log()), 1)
