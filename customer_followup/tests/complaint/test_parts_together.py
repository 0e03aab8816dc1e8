import psycopg2

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError, ValidationError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from ..common import ComplaintCommon

CONCURRENCY = (psycopg2.errors.SerializationFailure, psycopg2.errors.LockNotAvailable)


class TestParts(ComplaintCommon):
    """Parts of one complaint that are looked at together."""

    def test_shares_are_never_more_than_all(self):
        complaint = self._complain()
        shares = self.env["customer.complaint.liability"].with_user(self.agent)
        vals = {"complaint_id": complaint.id, "party": "producer"}
        shares.create({**vals, "share": 60})
        with self.assertRaises(ValidationError):
            shares.create({**vals, "share": 40.01})
        shares.create({**vals, "share": 40})
        complaint.liability_ids = [
            Command.clear(),
            Command.create({"party": "seller", "share": 100}),
        ]
        self.assertEqual(complaint.liability_ids.mapped("share"), [100])

    def test_approvals_one_after_the_other_count_each_other(self):
        self.company.customer_leader_limit = 500
        complaint = self._complain()
        remedies = self.env["customer.complaint.solution"].with_user(self.agent)
        one, two = (
            remedies.create(
                {"complaint_id": complaint.id, "kind": "refund", "name": name, "amount": 400}
            )
            for name in "AB"
        )
        one.with_user(self.leader).action_approve()
        with self.assertRaises(UserError):
            two.with_user(self.leader).action_approve()


@tagged("post_install", "-at_install")
class TestPartsTogether(BaseCase):
    """Two users at the same time, on separate connections with real commits."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.partner = env["res.partner"].create({"name": "Together parts"}).id
            case = env["customer.complaint"].create({"title": "T", "partner_id": self.partner})
            self.complaint = case.id
            remedies = env["customer.complaint.solution"].create(
                [
                    {"complaint_id": case.id, "kind": "refund", "name": name, "amount": 40}
                    for name in "AB"
                ]
            )
            self.remedies = remedies.ids
            plan = env["customer.followup.plan"].create(
                {
                    "name": "Together parts",
                    "purpose_id": env.ref("customer_followup.customer_purpose_service").id,
                    "lawful_basis": "contract",
                    "step_ids": [
                        Command.create(
                            {
                                "name": "Call",
                                "offset_count": 3,
                                "channel_id": env.ref(
                                    "customer_followup.customer_channel_phone"
                                ).id,
                            }
                        )
                    ],
                }
            )
            plan.action_run()
            self.plan = plan.id

    def _clean(self):
        with self.registry.cursor() as cr:
            for statement in (
                "DELETE FROM customer_ownership WHERE commercial_partner_id = %(partner)s",
                "DELETE FROM customer_action WHERE res_model = 'customer.complaint'"
                " AND res_id = %(complaint)s",
                "DELETE FROM customer_contact_hold WHERE partner_id = %(partner)s",
                "DELETE FROM mail_message WHERE (model, res_id) IN"
                " (('customer.complaint', %(complaint)s), ('customer.followup.plan', %(plan)s))",
                "DELETE FROM customer_complaint WHERE id = %(complaint)s",
                "DELETE FROM customer_followup_enrollment WHERE plan_id = %(plan)s",
                "DELETE FROM customer_followup_plan WHERE id = %(plan)s",
                "DELETE FROM res_partner WHERE id = %(partner)s",
            ):
                cr.execute(
                    statement,
                    {"partner": self.partner, "complaint": self.complaint, "plan": self.plan},
                )

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def _race(self, first, second, states=(True, False)):
        """Check that the second of two overlapping transactions fails with a repeatable error.

        :param states: whether the first has committed by then
        """
        for is_committed in states:
            with (
                self.subTest(is_committed=is_committed),
                self.registry.cursor() as one,
                self.registry.cursor() as two,
            ):
                # Both read the database before either commits.
                for cr in (one, two):
                    cr.execute("SELECT count(*) FROM customer_complaint")
                env = self._env(one)
                first(env)
                env.flush_all()
                if is_committed:
                    one.commit()
                with mute_logger("odoo.sql_db"), self.assertRaises(CONCURRENCY):
                    env = self._env(two)
                    second(env)
                    env.flush_all()
                two.rollback()
                one.rollback()
            if is_committed:
                self._undo_first()

    def _undo_first(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "UPDATE customer_complaint_solution SET state = 'proposed' WHERE id = ANY(%s)",
                [self.remedies],
            )
            cr.execute(
                "DELETE FROM customer_complaint_liability WHERE complaint_id = %s",
                [self.complaint],
            )
            cr.execute("DELETE FROM customer_followup_enrollment WHERE plan_id = %s", [self.plan])
            cr.execute(
                "DELETE FROM customer_ownership WHERE commercial_partner_id = %s", [self.partner]
            )

    def test_two_approvals(self):
        one, two = self.remedies
        self._race(
            lambda env: env["customer.complaint.solution"].browse(one).action_approve(),
            lambda env: env["customer.complaint.solution"].browse(two).action_approve(),
        )

    def test_two_shares(self):
        def share(env):
            env["customer.complaint.liability"].create(
                {"complaint_id": self.complaint, "party": "producer", "share": 100}
            )

        self._race(share, share)

    def test_two_enrollments(self):
        def enroll(env):
            plan = env["customer.followup.plan"].browse(self.plan)
            plan._enroll(env["res.partner"].browse(self.partner))

        self._race(enroll, enroll)

    def test_two_roles_of_one_user(self):
        def hold(env, role):
            env["customer.ownership"].create(
                {
                    "commercial_partner_id": self.partner,
                    "user_id": env.ref("base.user_admin").id,
                    "role": role,
                }
            )

        self._race(lambda env: hold(env, "owner"), lambda env: hold(env, "backup"))

    def test_an_action_and_the_closing(self):
        def act(env):
            env["customer.action"].create(
                {
                    "name": "Look",
                    "user_id": SUPERUSER_ID,
                    "res_model": "customer.complaint",
                    "res_id": self.complaint,
                }
            )

        closed = {"confirmation": "withdrawn", "date_confirmation": "2026-01-01"}
        self._race(
            act,
            lambda env: env["customer.complaint"].browse(self.complaint).write(closed),
            # A plain write waits for the other transaction.
            states=(True,),
        )
