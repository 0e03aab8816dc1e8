from lxml import etree

from odoo import fields
from odoo.tests import Form, new_test_user, tagged

from .common import AGENT, CONTACT_DETAILS, MANAGER, FollowupCommon

CONTACTS = "base.group_partner_manager"


def _is_ours(module):
    return (module or "").startswith("customer_followup")


class RolesCommon(FollowupCommon):
    """One user of every role, also without one, outside, and of another company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_second_company()
        cls.editor = new_test_user(cls.env, "cf_editor", groups=f"base.group_user,{CONTACTS}")
        cls.open_agent = new_test_user(
            cls.env, "cf_open_agent", groups=f"{AGENT},{CONTACT_DETAILS},{CONTACTS}"
        )
        cls.system = new_test_user(
            cls.env, "cf_system", groups=f"base.group_system,{MANAGER},{CONTACT_DETAILS},{CONTACTS}"
        )
        cls.technician = new_test_user(
            cls.env, "cf_technician", groups="base.group_system,base.group_user"
        )
        cls.visitor = new_test_user(cls.env, "cf_portal", groups="base.group_portal")
        cls.inside = cls.agent | cls.leader | cls.manager | cls.admin | cls.auditor | cls.open_agent
        cls.elsewhere = cls.other_agent | cls.other_manager
        cls.outside = cls.stranger | cls.editor | cls.technician | cls.visitor
        cls.everybody = cls.inside | cls.elsewhere | cls.outside | cls.system
        cls._make_followup(state="done", outcome_id=cls._ending("reached").id)
        cls._make_followup()


@tagged("post_install", "-at_install")
class TestFieldsOnOdooModels(RolesCommon):
    """What the add-on adds to Odoo's models works for all users of these models."""

    def _extended(self):
        """Return the names of Odoo's stored models with fields of ours, and of these fields."""
        found = {}
        for name, model in self.env.registry.items():
            if name.startswith("customer.") or model._abstract or not model._auto:
                continue
            ours = [
                field.name for field in model._fields.values() if any(map(_is_ours, field._modules))
            ]
            if ours:
                found[name] = ours
        return found

    def test_the_walk_covers_what_is_known(self):
        extended = self._extended()
        known = {"res.partner", "res.users", "res.company", "survey.user_input", "survey.question"}
        self.assertEqual(known - extended.keys(), set())
        self.assertGreater(len(extended["res.partner"]), 15)

    def test_every_role_reads_searches_groups_and_exports(self):
        for name, ours in self._extended().items():
            for user in self.everybody:
                model = self.env[name].with_user(user)
                if model.has_access("read"):
                    with self.subTest(model=name, user=user.login):
                        self._use(model, ours)

    def _use(self, model, ours):
        self.env.invalidate_all()
        described = model.fields_get(ours)
        if not described:
            return
        records = model.search([], limit=20)
        records.read([*described])
        records._export_rows([[field] for field in described])
        for field, described_as in described.items():
            if described_as.get("searchable"):
                model.search_count([(field, "!=", False)])
                model.search_count([(field, "=", False)])
            if described_as.get("groupable"):
                model.formatted_read_group([], [field], ["__count"])

    def test_every_role_opens_the_views_of_these_models(self):
        for name, ours in self._extended().items():
            for user in self.everybody:
                model = self.env[name].with_user(user)
                if user.share or not model.has_access("read"):
                    continue
                with self.subTest(model=name, user=user.login):
                    for kind in ("list", "form"):
                        used = set(model.get_view(view_type=kind)["models"][name])
                        shown = used & set(model.fields_get(ours))
                        model.web_search_read([], dict.fromkeys(shown, {}), limit=20)

    def test_users_who_may_edit_contacts_save_one(self):
        for user in self.editor | self.open_agent | self.system:
            with self.subTest(user=user.login):
                with Form(self.env["res.partner"].with_user(user)) as form:
                    form.name = "Zhao Min"
                    form.email = "zhao@example.com"
                partner = form.save()
                with Form(partner) as form:
                    form.phone = "+33 6 99 88 77 66"
                self.assertEqual(partner.phone, "+33 6 99 88 77 66")
                with Form(self.customer.with_user(user)) as form:
                    form.city = "Lyon"
                self.assertEqual(self.customer.city, "Lyon")

    def test_the_last_score_is_one_the_reader_may_read(self):
        metric = self.env.ref("customer_followup.customer_satisfaction_metric_nps")
        contact = self._make_followup(state="done", outcome_id=self._ending("reached").id)
        self.env["customer.satisfaction.score"].create(
            {"metric_id": metric.id, "value": 9, "followup_id": contact.id}
        )
        text = f"{metric.name} 9/10"
        expected = {
            self.manager: (text, 1),
            self.leader: (text, 1),
            self.open_agent: (False, 0),
            self.other_manager: (False, 0),
        }
        for user, values in expected.items():
            partner = self.customer.with_user(user)
            self.env.invalidate_all()
            self.assertEqual(
                (partner.customer_last_score, partner.customer_score_count), values, user.login
            )


@tagged("post_install", "-at_install")
class TestNewRecords(RolesCommon):
    """*New* opens on every screen for users who may create a record there."""

    def _models(self):
        """Return the models of which a form of ours can be opened."""
        views = self.env["ir.ui.view"].search([("type", "=", "form")])
        known = {name: views[:0] for name in self.env.registry}
        for view in views:
            if view.model in known and _is_ours((view.xml_id or "").split(".")[0]):
                known[view.model] |= view
        return sorted(name for name, ours in known.items() if ours)

    def test_every_role_opens_a_new_record(self):
        opened = set()
        for name in self._models():
            for user in self.everybody - self.visitor:
                model = self.env[name].with_user(user)
                if model.has_access("create") and self._offers_new(model):
                    with self.subTest(model=name, user=user.login):
                        self.env.invalidate_all()
                        Form(model)
                        opened.add(name)
        known = {
            "customer.absence",
            "customer.action",
            "customer.complaint",
            "customer.followup",
            "customer.followup.plan",
            "customer.followup.rule",
            "customer.team",
            "res.partner",
        }
        self.assertEqual(known - opened, set())

    def _offers_new(self, model):
        form = etree.fromstring(model.get_view(view_type="form")["arch"])
        return form.get("create", "1") not in ("0", "false", "False")

    def test_a_contact_noted_by_hand_is_due_today(self):
        for user, zone in ((self.agent, "Asia/Shanghai"), (self.leader, "America/New_York")):
            user.tz = zone
            with Form(self.env["customer.followup"].with_user(user)) as form:
                form.partner_id = self.customer
                form.name = "A call came in"
                form.purpose_id = self.service
                form.channel_id = self.phone
            contact = form.save()
            self.assertEqual((contact.bucket, contact.is_late), ("today", False))
            local = fields.Datetime.context_timestamp(contact, contact.date_deadline)
            self.assertEqual((local.hour, local.minute), (23, 59))
            self.assertEqual(contact.user_id, user)
