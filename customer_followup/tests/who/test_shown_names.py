from odoo.tests import tagged

from ..common import FollowupCommon

ADDRESS, SHORT = "zed7@example.net", "z***@example.net"


@tagged("post_install", "-at_install")
class TestShownNames(FollowupCommon):
    """A contact that is named by its address, as Odoo names contacts made from e-mails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.named = cls._make_customer(ADDRESS, email=ADDRESS)
        cls.contact = cls._make_followup(partner_id=cls.named.id, name="Call")

    def test_what_is_stored_is_masked_for_all_authors(self):
        for user in (self.agent, self.manager, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login):
                contact = self.contact.with_user(user).sudo()
                self.assertEqual(contact.display_name, f"{SHORT}: Call")
                activity = contact.activity_schedule("mail.mail_activity_data_todo")
                self.assertEqual(activity.res_name, f"{SHORT}: Call")

    def test_actions_and_plans_are_named_so(self):
        self.contact._request_action(f"Answer {self.contact._customer_name()}", "answer")
        [action] = self.env["customer.action"].search([("res_id", "=", self.contact.id)])
        self.assertEqual(action.name, f"Answer {SHORT}")
        enrollment = self.plan.sudo()._enroll(self.named)
        self.assertEqual(enrollment.display_name, f"After repair: {SHORT}")

    def test_a_letter_is_addressed_so(self):
        complaint = self.env["customer.complaint"].create(
            {"title": "It rattles", "partner_id": self.named.id}
        )
        letter = self.env["customer.complaint.letter"].create(
            {"complaint_id": complaint.id, "text": "We are sorry"}
        )
        self.assertEqual(letter.customer, SHORT)

    def test_a_complainant_is_named_so_however_it_is_recorded(self):
        complaints = self.env["customer.complaint"].with_user(self.leader)
        made = complaints.create({"title": "x", "complainant_name": "Wei 13800009999"})
        self.assertEqual(made.complainant_name, "Wei 138****9999")
        made.complainant_name = f"Wei <{ADDRESS}>" + "i" * 300
        self.assertEqual(made.complainant_name, f"Wei <{SHORT}>" + "i" * (200 - 22))
        made.complainant_name = made.complainant_name
        self.assertEqual(made.complainant_name[:22], f"Wei <{SHORT}>"[:22])
