from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import FollowupCommon

MAILS = "odoo.addons.mail.models.mail_mail"
ADDON = "customer_followup"


def _is_ours(cls):
    return cls.__module__.startswith(f"odoo.addons.{ADDON}")


class _Unloaded:
    """A record that knows no field of this add-on, as while an app of Odoo is updated alone."""

    def __init__(self, record):
        self._record = record

    def __getattr__(self, name):
        return getattr(self._record, name)

    def __contains__(self, name):
        field = self._record._fields.get(name)
        return field is not None and not _is_own(field)

    @property
    def env(self):
        return {name: _Unloaded(self._record.env[name]) for name in self._record.env}


def _is_own(field):
    """Say whether only this add-on, or one of its companions, defines a field."""
    return all(name.startswith(ADDON) for name in field._modules)


@tagged("post_install", "-at_install")
class TestBesideOdoo(FollowupCommon):
    """What Odoo's own models do for people and records that have nothing to do with this add-on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Without a role of ours, but with Odoo's right to change contacts.
        cls.employee = new_test_user(
            cls.env, "cf_employee", groups="base.group_user,base.group_partner_manager"
        )
        cls.portal = new_test_user(cls.env, "cf_portal", groups="base.group_portal")
        cls.comment = cls.env.ref("mail.mt_comment")

    def _make_contacts(self, count):
        """Return contacts whose followers are those who act here."""
        contacts = self.env["res.partner"].create(
            [{"name": f"Contact {number}"} for number in range(count)]
        )
        people = self.employee | self.stranger | self.agent | self.portal
        contacts.message_subscribe(people.partner_id.ids)
        return contacts

    # What Odoo's models do by themselves.

    @contextmanager
    def _without_addon(self):
        """Have Odoo's models use Odoo's own methods and rules only."""
        models = [one for one in self.env.values() if not one._original_module.startswith(ADDON)]
        rules = self._rules()
        with ExitStack() as stack:
            # First, for Odoo collects these once from the methods there are.
            for name in ("_constraint_methods", "_ondelete_methods"):
                for model, methods in [(model, getattr(model, name)) for model in models]:
                    others = [method for method in methods if not _is_ours(method)]
                    stack.enter_context(patch.object(type(model), name, others))
            for model in models:
                self._take_off(type(model).mro(), stack)
            stack.callback(setattr, rules, "active", True)
            rules.active = False
            yield

    def _take_off(self, classes, stack):
        """Take our overrides off the classes of a model, in the order they are asked."""
        for place, cls in enumerate(classes):
            for name, method in [*vars(cls).items()] if _is_ours(cls) else ():
                is_override = any(name in vars(other) for other in classes[place + 1 :])
                if is_override and callable(method) and not name.startswith("__"):
                    delattr(cls, name)
                    stack.callback(setattr, cls, name, method)

    def _rules(self):
        """Return the rules of this add-on on models of Odoo."""
        known = self.env["ir.model.data"].search(
            [("module", "=like", f"{ADDON}%"), ("model", "=", "ir.rule")]
        )
        rules = self.env["ir.rule"].browse(known.mapped("res_id"))
        return rules.filtered(
            lambda rule: not self.env[rule.model_id.model]._original_module.startswith(ADDON)
        )

    def _queries(self, user, act, count):
        """Return how many queries it takes a user to act on so many new contacts."""
        contacts = self._make_contacts(count)
        self.env.flush_all()
        self.env.invalidate_all()
        acting = contacts.with_env(self.env(user=user, context={}))
        with patch("random.random", lambda: 1):
            before = self.cr.sql_log_count
            act(acting)
            acting.env.flush_all()
            self.cr.flush()
            return self.cr.sql_log_count - before

    def _cost(self, user, act, count):
        """Return how many queries more it takes with the add-on."""
        with self._without_addon():
            self._queries(user, act, count)
            without = self._queries(user, act, count)
        self._queries(user, act, count)
        return self._queries(user, act, count) - without

    def assertCosts(self, act, *users, most=0):
        """Check that an act takes at most so many queries more with the add-on."""
        for user in users:
            for count in (1, 5):
                with self.subTest(user=user.login, count=count):
                    self.assertLessEqual(self._cost(user, act, count), most)

    def _post(self, contacts):
        # Visitors may not choose recipients.
        people = self.colleague.partner_id.ids if contacts.env.user._is_internal() else []
        for contact in contacts:
            contact.message_post(
                body="Hello",
                message_type="comment",
                subtype_id=self.comment.id,
                partner_ids=people,
            )

    def _plan_activities(self, contacts):
        for contact in contacts:
            contact.activity_schedule(
                "mail.mail_activity_data_todo", summary="Call", user_id=self.colleague.id
            )

    # The tests.

    def test_an_employee_without_a_role_plans_an_activity_on_a_contact(self):
        contact = self._make_contacts(1).with_user(self.employee)
        activity = contact.activity_schedule("mail.mail_activity_data_todo", summary="Call")
        self.assertEqual(contact.activity_ids, activity)
        activity.action_feedback("Done")
        self.assertFalse(activity.exists().active)

    def test_an_employee_without_a_role_plans_a_meeting_from_an_activity(self):
        contact = self._make_contacts(1).with_user(self.employee)
        activity = contact.activity_schedule("mail.mail_activity_data_meeting", summary="Meet")
        action = activity.action_create_calendar_event()
        meeting = (
            self.env["calendar.event"]
            .with_user(self.employee)
            .with_context(**action["context"])
            .create({"name": "Meet", "start": "2026-05-04 10:00", "stop": "2026-05-04 11:00"})
        )
        self.assertEqual(activity.calendar_event_id, meeting)
        meeting = (
            self.env["calendar.event"]
            .with_user(self.employee)
            .create(
                {
                    "name": "Meet again",
                    "start": "2026-05-05 10:00",
                    "stop": "2026-05-05 11:00",
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": contact.id,
                    "activity_ids": [
                        Command.create(
                            {
                                "activity_type_id": activity.activity_type_id.id,
                                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                                "res_id": contact.id,
                            }
                        )
                    ],
                }
            )
        )
        self.assertEqual(meeting.activity_ids.res_id, contact.id)

    def test_an_employee_without_a_role_writes_to_followers_of_a_contact(self):
        contact = self._make_contacts(1).with_user(self.employee)
        contact.message_unsubscribe(self.employee.partner_id.ids)
        contact.message_subscribe(self.employee.partner_id.ids)
        self.assertIn(self.employee.partner_id, contact.message_partner_ids)
        self._compose(contact)
        self.assertEqual(contact.message_ids[0].body, "<p>Hello</p>")
        self.assertEqual(contact.message_ids[0].author_id, self.employee.partner_id)

    def test_posting_costs_no_query(self):
        self.assertCosts(self._post, self.stranger, self.agent, self.portal)

    def test_planning_activities_costs_no_query(self):
        self.assertCosts(self._plan_activities, self.employee)

    def test_ending_activities_costs_no_query(self):
        def act(contacts):
            self._plan_activities(contacts)
            contacts.activity_ids.action_feedback("Done")

        self.assertCosts(act, self.employee)

    def test_composing_costs_no_query(self):
        self.assertCosts(self._compose, self.employee)

    def _compose(self, contacts):
        for contact in contacts:
            contact.env["mail.compose.message"].create(
                {
                    "model": contact._name,
                    "res_ids": str(contact.ids),
                    "composition_mode": "comment",
                    "body": "<p>Hello</p>",
                    "subtype_id": self.comment.id,
                }
            )._action_send_mail()

    def test_following_costs_no_query(self):
        def act(contacts):
            for contact in contacts:
                contact.message_unsubscribe(self.stranger.partner_id.ids)
                contact.message_subscribe(self.stranger.partner_id.ids)

        self.assertCosts(act, self.stranger)

    def test_reading_messages_costs_no_query(self):
        def act(contacts):
            self._post(contacts.with_env(self.env))
            contacts.env.invalidate_all()
            messages = contacts.env["mail.message"].search(
                [("model", "=", contacts._name), ("res_id", "in", contacts.ids)]
            )
            for message in messages:
                message.check_access("read")
            messages.mapped("body")

        self.assertCosts(act, self.stranger, self.agent, self.portal)

    def _send_mails(self, contacts):
        for contact in contacts:
            contact.message_notify(
                partner_ids=contact.ids, body="Hello", subject="Hello", force_send=False
            )
        self.env["mail.mail"].search([("model", "=", contacts._name)]).with_env(
            contacts.env
        ).sudo().send()

    def test_sending_mails_costs_no_query(self):
        with self._serving(return_value="<1@example.com>"):
            self.assertCosts(self._send_mails, self.employee)

    def test_mails_that_fail_cost_no_query(self):
        with self._serving(side_effect=OSError("No route")), mute_logger(MAILS):
            self.assertCosts(self._send_mails, self.employee)

    def test_marking_messages_read_costs_no_query(self):
        def act(contacts):
            self._post(contacts.with_env(self.env))
            for message in contacts.message_ids:
                message.set_message_done()
                message.toggle_message_starred()

        self.assertCosts(act, self.employee)

    def test_correcting_and_archiving_contacts_costs_one_query(self):
        def act(contacts):
            for contact in contacts:
                contact.email = f"new{contact.id}@example.com"
                contact.active = False

        self.assertCosts(act, self.employee, most=1)

    def test_changing_files_costs_no_query(self):
        def act(contacts):
            for contact in contacts:
                file = contact.env["ir.attachment"].create(
                    {"name": "a", "raw": b"a", "res_model": contact._name, "res_id": contact.id}
                )
                contact.env.flush_all()
                contact.env.invalidate_all()
                file.raw = b"b"
                file.unlink()

        self.assertCosts(act, self.employee)

    def test_changing_working_hours_costs_one_query(self):
        def act(contacts):
            for contact in contacts:
                calendar = self.env["resource.calendar"].create({"name": contact.name})
                calendar.tz = "Europe/Paris"
                calendar.attendance_ids[0].hour_from = 7
                leave = calendar.leave_ids.create(
                    {
                        "calendar_id": calendar.id,
                        "date_from": "2026-05-05 10:00",
                        "date_to": "2026-05-05 11:00",
                    }
                )
                leave.date_to = "2026-05-05 12:00"
                leave.unlink()

        self.assertCosts(act, self.env.user, most=1)

    def _make_users(self, contacts):
        groups = [Command.set(self.env.ref("base.group_user").ids)]
        return self.env["res.users"].create(
            [
                {"name": contact.name, "login": f"cf_{contact.id}", "group_ids": groups}
                for contact in contacts
            ]
        )

    def test_archiving_users_costs_one_query(self):
        def act(contacts):
            self._make_users(contacts).active = False

        self.assertCosts(act, self.env.user, most=1)

    def test_removing_users_costs_one_query(self):
        def act(contacts):
            self._make_users(contacts).unlink()

        self.assertCosts(act, self.env.user, most=1)

    def test_changing_groups_costs_one_query(self):
        group = self.env["res.groups"].create({"name": "Others"})

        def act(contacts):
            users = self._make_users(contacts)
            users.group_ids = [Command.set(self.env.ref("base.group_portal").ids)]
            for user in users:
                group.user_ids = [Command.link(user.id), Command.unlink(user.id)]

        self.assertCosts(act, self.env.user, most=1)

    def test_answering_a_survey_of_others_costs_no_query(self):
        def act(contacts):
            question = Command.create({"title": "How many?", "question_type": "scale"})
            survey = self.env["survey.survey"].create(
                {"title": "Of others", "question_and_page_ids": [question]}
            )
            for contact in contacts:
                answer = survey._create_answer(partner=contact)
                answer._mark_in_progress()
                answer._save_lines(survey.question_ids, "3")
                answer._mark_done()

        self.assertCosts(act, self.env.user)

    def test_no_rule_names_a_field_that_may_not_be_loaded(self):
        rules = self._rules()
        self.assertTrue(rules)
        for user in (self.stranger, self.agent, self.manager, self.env.user):
            env = self.env(user=user)
            context = {**env["ir.rule"]._eval_context(), "user": _Unloaded(env.user)}
            for rule in rules:
                with self.subTest(user=user.login, rule=rule.name):
                    domain = Domain(safe_eval(rule.domain_force, context))
                    own = [*self._own_fields(self.env[rule.model_id.model], domain)]
                    self.assertEqual(own, [])

    def _own_fields(self, model, domain):
        """Yield the fields of this add-on that a domain names, on whichever model."""
        for condition in domain.iter_conditions():
            reached = model
            for name in condition.field_expr.split("."):
                if name == "id" or not name.isidentifier():
                    continue
                field = reached._fields[name]
                if _is_own(field):
                    yield str(field)
                if field.comodel_name:
                    reached = self.env[field.comodel_name]
            if isinstance(condition.value, list | Domain) and "any" in condition.operator:
                yield from self._own_fields(reached, Domain(condition.value))

    def test_a_rule_that_names_our_field_without_asking_is_found(self):
        for text, expected in (
            ("[('customer_invitation_ids', '=', False)]", ["customer_invitation_ids"]),
            ("[('survey_id.company_id', '=', 1)]", ["company_id"]),
            ("[('survey_id', 'any', [('company_id', '=', 1)])]", ["company_id"]),
            ("[('survey_id.title', '=', 'A')]", []),
        ):
            with self.subTest(text=text):
                found = self._own_fields(self.env["survey.user_input"], Domain(safe_eval(text)))
                self.assertEqual([name.split(".")[-1] for name in found], expected)
