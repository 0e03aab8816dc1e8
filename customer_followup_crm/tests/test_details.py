from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.customer_followup.tests.common import EMAIL, PHONE, FollowupCommon

SHORT_EMAIL, SHORT_PHONE = "l***@example.com", "*******5678"


@tagged("post_install", "-at_install")
class TestDetails(FollowupCommon):
    """What an agent who also sells sees of customers in leads and meetings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"street": "Secret Street 77", "city": "Lyon"})
        cls.agent.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        cls.lead = (
            cls.env["crm.lead"]
            .with_user(cls.agent)
            .create(
                {
                    "name": "A car",
                    "partner_id": cls.customer.id,
                    "type": "opportunity",
                    "user_id": cls.agent.id,
                }
            )
        )

    def test_a_lead_shows_details_in_short_form(self):
        [values] = self.lead.read(["email_from", "phone", "street", "city"])
        self.assertEqual(
            [values[name] for name in ("email_from", "phone", "street", "city")],
            [SHORT_EMAIL, SHORT_PHONE, "***", "***"],
        )
        self.assertEqual((self.lead.sudo().email_from, self.lead.sudo().phone), (EMAIL, PHONE))

    def test_a_form_shows_them_so_and_does_not_write_them_back(self):
        spec = {"partner_id": {}, "email_from": {}, "phone": {}, "street": {}}
        leads = self.env["crm.lead"].with_user(self.agent)
        found = leads.onchange({"partner_id": self.customer.id}, ["partner_id"], spec)["value"]
        self.assertEqual((found["email_from"], found["phone"]), (SHORT_EMAIL, SHORT_PHONE))
        vals = {**found, "name": "A van", "partner_id": self.customer.id}
        [values] = leads.web_save(vals, spec)
        self.assertEqual(values["email_from"], SHORT_EMAIL)
        made = self.env["crm.lead"].browse(values["id"])
        self.assertEqual((made.email_from, made.phone), (EMAIL, PHONE))
        self.lead.web_save({"phone": SHORT_PHONE}, {})
        for phone in ("*******5679", "+33 6 12 34 56 78", False):
            with self.subTest(phone), self.assertRaisesRegex(UserError, "cannot change “Phone”"):
                self.lead.web_save({"phone": phone}, {})
        self.assertEqual(self.lead.sudo().phone, PHONE)

    def test_a_lead_opens_and_is_written_as_before(self):
        with Form(self.lead) as form:
            form.name = "A blue car"
        self.assertEqual(self.lead.name, "A blue car")
        self.lead.message_post(body="Called")
        self.lead.copy()

    def test_changes_of_them_are_left_out_of_the_chatter(self):
        field = self.env["ir.model.fields"]._get("crm.lead", "email_from")
        row = {"field_id": field.id, "old_value_char": EMAIL, "new_value_char": "new@example.com"}
        message = self.lead.sudo().message_post(body="x")
        message.tracking_value_ids = [Command.create(row)]
        rows = message.tracking_value_ids
        seen = {
            user: rows._filter_has_field_access(self.env(user=user, su=False))
            for user in (self.agent, self.leader)
        }
        self.assertEqual(seen, {self.agent: rows.browse(), self.leader: rows})
