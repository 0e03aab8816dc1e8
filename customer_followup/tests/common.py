from contextlib import contextmanager, nullcontext
from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.orm.fields_relational import _RelationalMulti
from odoo.tests import HttpCase, TransactionCase, new_test_user
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.sms.tools.sms_api import SmsApi

from ..models.ground.mail_thread import NO_TRACKING

AGENT = "customer_followup.group_followup_user"
LEADER = "customer_followup.group_followup_leader"
MANAGER = "customer_followup.group_followup_manager"
ADMIN = "customer_followup.group_followup_admin"
AUDITOR = "customer_followup.group_followup_auditor"
CONTACT_DETAILS = "customer_followup.group_data_contact"
PHONE = "+33 6 12 34 56 78"
EMAIL = "li.na@example.com"


def _by_own_user(field, comodel):
    """Link records as if the request were that of the current user, as in production."""
    if comodel._allow_sudo_commands:
        return comodel
    return comodel.sudo(False).with_user(comodel.env.uid)


class FollowupCommon(TransactionCase):
    """A team with a leader and two agents, a customer, and a plan that runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A test begins as the system, and Odoo asks by the user of the beginning.
        cls.classPatch(_RelationalMulti, "_check_sudo_commands", _by_own_user)
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": NO_TRACKING})
        cls.company = cls.env.company
        cls.company.resource_calendar_id.tz = "UTC"
        # Only what a test sends is in the queues.
        for queue, cancelled in (("mail.mail", "cancel"), ("sms.sms", "canceled")):
            cls.env[queue].search([("state", "=", "outgoing")]).state = cancelled
        cls._make_people()
        cls.customer = cls._make_customer("Li Na", phone=PHONE, email=EMAIL)
        cls.phone = cls.env.ref("customer_followup.customer_channel_phone")
        cls.survey_channel = cls.env.ref("customer_followup.customer_channel_survey")
        cls.service = cls.env.ref("customer_followup.customer_purpose_service")
        cls.plan = cls._make_plan("After repair", [(3, "days"), (2, "months")])

    @classmethod
    def _make_people(cls):
        cls.agent = new_test_user(cls.env, "cf_agent", groups=AGENT)
        cls.colleague = new_test_user(cls.env, "cf_colleague", groups=AGENT)
        cls.leader = new_test_user(cls.env, "cf_leader", groups=f"{LEADER},{CONTACT_DETAILS}")
        cls.manager = new_test_user(cls.env, "cf_manager", groups=f"{MANAGER},{CONTACT_DETAILS}")
        cls.admin = new_test_user(cls.env, "cf_admin", groups=f"{ADMIN},{CONTACT_DETAILS}")
        # Who configures what all companies share works in all of them.
        for user in cls.manager | cls.admin:
            user.company_ids = cls.env["res.company"].search([])
        cls.auditor = new_test_user(cls.env, "cf_auditor", groups=AUDITOR)
        cls.stranger = new_test_user(cls.env, "cf_stranger", groups="base.group_user")
        cls.team = cls.env["customer.team"].create(
            {
                "name": "After-sales",
                "leader_id": cls.leader.id,
                "member_ids": [Command.set((cls.agent | cls.colleague).ids)],
            }
        )

    def _show_details(self, user):
        """Give a user the contact details of customers in full."""
        user.group_ids += self.env.ref(CONTACT_DETAILS)

    @classmethod
    def _make_customer(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, "tz": False, **vals})

    @classmethod
    def _make_plan(cls, name, offsets, **vals):
        """Create a running plan with one phone step for each ``(count, unit)`` of ``offsets``."""
        plan = cls.env["customer.followup.plan"].create(
            {
                "name": name,
                "purpose_id": cls.env.ref("customer_followup.customer_purpose_service").id,
                "lawful_basis": "contract",
                "team_id": cls.team.id,
                "step_ids": [
                    Command.create(
                        {
                            "name": f"{count} {unit}",
                            "offset_count": count,
                            "offset_unit": unit,
                            "channel_id": cls.env.ref(
                                "customer_followup.customer_channel_phone"
                            ).id,
                        }
                    )
                    for count, unit in offsets
                ],
                **vals,
            }
        )
        plan.action_run()
        return plan

    @classmethod
    def _make_cadence(cls, *steps, **vals):
        """Create a running plan with these steps; each is a call unless it says otherwise."""
        phone = cls.env.ref("customer_followup.customer_channel_phone")
        defaults = {"channel_id": phone.id, "offset_count": 0}
        commands = [
            Command.create({**defaults, "name": f"Step {number}", "sequence": number, **step})
            for number, step in enumerate(steps, 1)
        ]
        return cls._make_plan("Cadence", [], step_ids=commands, **vals)

    def _days(self, contacts, field="date_planned"):
        """Return the days of contacts, in order, as text."""
        return sorted(str(contact[field].date()) for contact in contacts)

    def _plan_on(self, day, hour=10):
        """Plan whatever is due at an hour (UTC) of a day, as the scheduled action does."""
        with freeze_time(f"{day} {hour}:00"):
            self._run_cron("ir_cron_plan")

    def _enroll_on(self, plan, day, **vals):
        """Enroll the customer on a plan at noon of a day, and plan what is due then."""
        with freeze_time(f"{day} 12:00"):
            enrollment = plan._enroll(self.customer)
            enrollment.write(vals)
        self._plan_on(day, 13)
        return enrollment

    def _reach_on(self, contact, day, ending="reached"):
        """End a contact on a day, and plan what follows from it."""
        with freeze_time(f"{day} 15:00"):
            contact._record_outcome(self._ending(ending))
        self._plan_on(day, 16)

    @classmethod
    def _make_followup(cls, user=None, **vals):
        """Create a planned contact with the customer, due now, for ``user`` (the agent)."""
        return cls.env["customer.followup"].create(
            {
                "name": "Call",
                "partner_id": cls.customer.id,
                "user_id": (user or cls.agent).id,
                "team_id": cls.team.id,
                "purpose_id": cls.env.ref("customer_followup.customer_purpose_service").id,
                "channel_id": cls.env.ref("customer_followup.customer_channel_phone").id,
                **vals,
            }
        )

    def _talks(self, complaint):
        """Return what the contact log of a complaint has beside letters."""
        return complaint.contact_ids.filtered(lambda one: not one.delivery)

    @contextmanager
    def _serving(self, **answer):
        """Patch the mail server so that it answers like this."""
        with (
            patch.object(IrMail_Server, "_disable_send", lambda server: False),
            patch.object(IrMail_Server, "_connect__", lambda *_args, **_options: None),
            patch.object(IrMail_Server, "send_email", **answer),
        ):
            yield

    @classmethod
    def _ending(cls, name):
        return cls.env.ref(f"customer_followup.customer_followup_outcome_{name}")

    @classmethod
    def _make_second_company(cls):
        """Create a company with a team, a manager and an agent of its own."""
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.other_agent = new_test_user(
            cls.env, "cf_other_agent", groups=AGENT, company_id=cls.other_company.id
        )
        cls.other_manager = new_test_user(
            cls.env,
            "cf_other_manager",
            groups=f"{MANAGER},{CONTACT_DETAILS}",
            company_id=cls.other_company.id,
        )
        cls.other_team = cls.env["customer.team"].create(
            {
                "name": "After-sales elsewhere",
                "company_id": cls.other_company.id,
                "member_ids": [Command.set(cls.other_agent.ids)],
            }
        )

    def _run_cron(self, xmlid):
        """Run a scheduled action of this add-on the way Odoo's scheduler does."""
        is_serving = isinstance(self, HttpCase)
        with nullcontext() if is_serving else self.enter_registry_test_mode():
            self.env.ref(f"customer_followup.{xmlid}").method_direct_trigger()
        self.env.invalidate_all()

    def _send_due(self):
        """Queue the messages that are due, and send what is in the queues."""
        self._run_cron("ir_cron_send")
        self._empty_queues()

    def _empty_queues(self, sms_state="success", smtp_error=None):
        """Send the e-mails and text messages in the queues to servers that take all of them.

        :param sms_state: what the provider answers instead
        :param smtp_error: what the mail server raises instead
        :return: the e-mails that left, as Python's e-mail messages
        """
        left = []

        def send(_server, message, *_args, **_kwargs):
            if smtp_error:
                raise smtp_error
            left.append(message)
            return message["Message-Id"]

        def contact(_api, _endpoint, params, **_kwargs):
            numbers = [one for text in params["messages"] for one in text["numbers"]]
            return [{"uuid": one["uuid"], "state": sms_state, "credit": 1} for one in numbers]

        with self._serving(new=send), patch.object(SmsApi, "_contact_iap", contact):
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
            self.env["sms.sms"].search([("state", "=", "outgoing")]).send()
        self.env.invalidate_all()
        return left

    @contextmanager
    def _dying_before_commit(self, turn):
        """Stop the server when a scheduled action commits for the time numbered ``turn``."""
        cron = type(self.env["ir.cron"])
        commit = cron._commit_progress
        turns = iter(range(1, 100))

        def die(records, *args, **kwargs):
            if next(turns) == turn:
                raise MemoryError("The server stops here")
            return commit(records, *args, **kwargs)

        with (
            patch.object(cron, "_commit_progress", die),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            yield
        self.assertGreater(next(turns), turn, "The server did not stop.")

    def assertUnchangeable(self, record, vals):
        """Check that the user of a record may write none of these values to it."""
        before = record.sudo().read(vals)
        for name, value in vals.items():
            with self.subTest(name=name), self.assertRaises(UserError):
                record.write({name: value})
                self.env.flush_all()
        self.env.invalidate_all(flush=False)
        self.assertEqual(record.sudo().read(vals), before)

    @staticmethod
    def _utc(text):
        return fields.Datetime.to_datetime(text) if isinstance(text, str) else datetime(*text)


class ComplaintCommon(FollowupCommon):
    """Complaints at every stage of their life."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stages = {
            stage.meaning: stage for stage in cls.env["customer.complaint.stage"].search([])
        }

    def _complain(self, user=None, **vals):
        return (
            self.env["customer.complaint"]
            .with_user(user or self.agent)
            .create({"title": "It rattles", "partner_id": self.customer.id, **vals})
        )

    def _make_settled(self, user=None, **vals):
        """Return a complaint that lacks nothing but the customer's confirmation."""
        complaint = self._complain(
            user, cause="A loose screw", solution="Tightened", verdict="confirmed", **vals
        )
        complaint.stage_id = self.stages["awaiting"]
        complaint._customer_informed("By phone", "We tightened it.")
        return complaint

    def _make_closed(self, user=None, **vals):
        complaint = self._make_settled(user, **vals)
        complaint._customer_confirms("By phone")
        self.assertEqual(complaint.state, "closed")
        return complaint

    def assertRefuses(self, complaint, stage, missing):
        """Check that a complaint cannot move to a stage, for this reason."""
        with self.assertRaisesRegex(ValidationError, missing), self.env.cr.savepoint():
            complaint.stage_id = self.stages[stage]
        complaint.invalidate_recordset()
