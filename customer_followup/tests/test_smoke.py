import json

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import CONTACT_DETAILS, MANAGER

OURS = "customer_followup.menu_root"
CONTACTS = "contacts.res_partner_menu_contacts"
COMPLAINT = "customer_followup.customer_complaint_portal_demo"


class SmokeCommon(HttpCase):
    """A user opens every menu, every view with records, *New* and the first record."""

    browser_size = "1400x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Once for all tests: what a test makes of them is gone with it.
        for name in ("web.assets_web", "web.assets_tests", "web.assets_frontend"):
            bundle = cls.env["ir.qweb"]._get_asset_bundle(name)
            bundle.js()
            bundle.css()
        complaint = cls.env.ref(COMPLAINT, raise_if_not_found=False)
        cls.has_demo = bool(complaint)
        if cls.has_demo:
            followup = cls.env.ref("customer_followup.customer_followup_late_card_demo")
            cls._fill_plans(followup)
            cls._fill_complaints(complaint)

    @classmethod
    def _fill_plans(cls, followup):
        """Create what the demo lacks of a customer and of plans."""
        env, customer = cls.env, followup.partner_id
        customer._note_consent(followup.purpose_id, "given", "spoken")
        customer._block_contact("They asked for it", needs=("email",))
        env["customer.access.log"]._log("open", customer)
        env["customer.workday"].create({"name": "Inventory"})
        survey = env.ref("customer_followup.survey_after_delivery")
        invitation = {"followup_id": followup.id, "survey_id": survey.id}
        env["customer.satisfaction.invitation"].create(invitation)
        enrollment = env.ref("customer_followup.customer_followup_enrollment_chen_demo")
        enrollment._record({"state": "stuck", "error": "No date"})
        stop = {"name": "Gone", "plan_id": enrollment.plan_id.id, "model_name": "res.users"}
        env["customer.followup.rule.stop"].create({**stop, "domain": "[('active', '=', False)]"})

    @classmethod
    def _fill_complaints(cls, complaint):
        """Create what the demo lacks of complaints."""
        env, company = cls.env, complaint.company_id
        cause = env["customer.complaint.cause"].create({"name": "Two orders were mixed up"})
        env["customer.complaint"].search([]).cause_id = cause
        promises = env["customer.complaint.promise"].search([])
        promises.write({"error": "No working hours"})
        about = {"company_id": company.id, "category_id": complaint.category_id.id}
        numbers = {"complaint_count": 4, "base_count": 100, "grade": "high"}
        env["customer.complaint.week"].create(
            {**about, **numbers, "name": "W1", "date_from": "2026-01-05"}
        )
        env["customer.complaint.notice"].create(
            {
                "user_id": complaint.user_id.id,
                "complaint_id": complaint.id,
                "promise_id": promises[0].id,
                "company_id": company.id,
                "code": "warning",
                "level": 1,
                "state": "sent",
                "date_send": fields.Datetime.now(),
            }
        )

    def _user(self, login):
        return self.env["res.users"].search([("login", "=", login)])

    def _menus(self, login):
        """Return what a user can open: each menu of ours, and the contacts, as the menus say."""
        user = self._user(login)
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        root = self.env.ref(OURS)
        return [
            self._menu(user, menu)
            for menu in menus.values()
            if menu["id"]
            and menu["action_id"]
            and (menu["app_id"] == root.id != menu["id"] or menu["xmlid"] == CONTACTS)
        ]

    def _menu(self, user, menu):
        action = self.env[menu["action_model"]].browse(menu["action_id"]).with_user(user).sudo()
        leads_to = action.run() if action._name == "ir.actions.server" else action.read()[0]
        return {
            "id": menu["id"],
            "name": self.env["ir.ui.menu"].browse(menu["id"]).complete_name,
            "action": action.id,
            "path": action.path or None,
            "model": leads_to["res_model"],
            "domain": leads_to.get("domain") or "[]",
            "isDialog": leads_to["target"] == "new",
            "views": [kind for _view, kind in leads_to["views"]],
        }

    def _walk(self, login, least, empty=()):
        """Open everything a user may open, at least ``least`` menus.

        :param empty: the views in which the demo has nothing for the user
        """
        menus = self._menus(login)
        self.assertGreaterEqual(len(menus), least)
        # A form is opened from another view, or alone.
        views = sum(len(menu["views"]) - ("form" in menu["views"][1:]) for menu in menus)
        if self.has_demo:
            self._plan_activities(login, menus)
        self._call(
            login,
            f"/odoo/action-{menus[0]['action']}",
            f"walk(...{json.dumps([menus, list(empty) if self.has_demo else None])})",
            f"{len(menus)} menus and {views} views opened",
        )

    def _plan_activities(self, login, menus):
        """Create an activity for each view of activities."""
        user = self._user(login)
        for menu in menus:
            if "activity" in menu["views"]:
                model = self.env[menu["model"]].with_user(user)
                first = model.search(safe_eval(menu["domain"]), limit=1).sudo()
                first.activity_schedule("mail.mail_activity_data_todo", user_id=user.id)

    def _crawl(self, login, start, paths):
        """Open the pages of complaints that a page of the portal leads to, at least ``paths``."""
        self._call(login, start, f"crawl({start!r}, {json.dumps(paths)})", "all pages opened")

    def _call(self, login, start, call, signal):
        with self.assertNoLogs("odoo", "WARNING"):
            self.browser_js(
                start,
                f"odoo.loader.modules.get('@customer_followup/../tests/smoke').{call}",
                # The first is of the portal.
                "document.body.hasAttribute('is-ready') || odoo.isReady === true",
                login=login,
                timeout=240,
                success_signal=signal,
            )

    def _be_a_phone(self):
        self.browser_size, self.touch_enabled = "400x850", True


@tagged("post_install", "-at_install")
class TestSmoke(SmokeCommon):
    def test_administrator(self):
        self._walk("admin", 45)

    def test_manager(self):
        if not self._user("manager"):
            new_test_user(self.env, "manager", groups=f"{MANAGER},{CONTACT_DETAILS}")
        # Who sets up rules may read what they watch.
        sales = self.env.ref("sales_team.group_sale_salesman", raise_if_not_found=False)
        if sales:
            self._user("manager").group_ids |= sales
        self._walk("manager", 30)

    def test_leader(self):
        self._walk("leader", 25)

    def test_agent(self):
        self._walk("agent1", 12)

    def test_agent_on_the_phone(self):
        self._be_a_phone()
        self._walk("agent1", 12)

    def test_handler_on_the_phone(self):
        self._complain()
        self._be_a_phone()
        self._walk(
            "agent2",
            12,
            empty=[
                "Follow-up/Complaints/Registers/Attitude, list",
                "Follow-up/Customers/Actions, list",
                "Follow-up/Customers/Absences, list",
            ],
        )

    def test_auditor(self):
        self._walk("privacy", 20)

    def test_employee_without_a_role(self):
        new_test_user(self.env, "employee", groups="base.group_user,base.group_partner_manager")
        self.assertEqual([menu["name"] for menu in self._menus("employee")], ["Contacts/Contacts"])
        self._walk("employee", 1)

    def test_portal(self):
        self._crawl_portal()

    def test_portal_on_the_phone(self):
        self._be_a_phone()
        self._crawl_portal()

    def _complain(self):
        """Submit a customer's complaint on the portal, and reject the solution of another."""
        portal = self._user("portal")
        names = ("title", "description", "name", "email", "phone", "reference", "wish")
        values = dict.fromkeys(names, "") | {"title": "It rattles"}
        complaints = self.env["customer.complaint"].with_user(portal)
        complaints._take_form(self.env.company, values, [])
        complaints._for_visitor(self.env.ref(COMPLAINT).id)._visitor_answers(False, "Not yet")

    def _crawl_portal(self):
        customer = self.env.ref("base.partner_demo_portal")
        complaints = self.env["customer.complaint"].search([("partner_id", "=", customer.id)])
        self.assertGreaterEqual(len(complaints), 2)
        pages = [f"/my/complaints/{complaint.id}" for complaint in complaints]
        asked = f"/my/complaints/{self.env.ref(COMPLAINT).id}"
        form = f"/complaint/{self.env.company.id}"
        answers = [f"{asked}/solved", f"{asked}/unsolved"]
        self._crawl("portal", "/my", ["/my/complaints", form, *pages, *answers])
