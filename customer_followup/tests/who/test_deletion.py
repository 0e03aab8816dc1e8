from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import FollowupCommon


@tagged("post_install", "-at_install")
class TestDeletion(FollowupCommon):
    """What must stay is named in words, not by a constraint of the database."""

    def test_a_contact_with_a_consent_is_archived_instead(self):
        self.customer._note_consent(self.service, "withdrawn", "spoken")
        with self.assertRaises(UserError) as refusal:
            self.customer.unlink()
        self.assertEqual(
            str(refusal.exception),
            "“Li Na” cannot be deleted: Consent refers to it and must stay. Archive it instead.",
        )

    def test_the_record_that_is_kept_is_named(self):
        other = self._make_customer("Other")
        self.plan._enroll(other)
        with self.assertRaisesRegex(UserError, "“Other” cannot be deleted: Customer on a Plan"):
            (self.customer | other).unlink()

    def test_each_link_of_ours_that_keeps_a_record_is_looked_for(self):
        wanted = {
            (field.comodel_name, name, field.name)
            for name, model in self.env.registry.items()
            if model._auto and not model._abstract
            for field in model._fields.values()
            if field.type == "many2one"
            and field.store
            and field.ondelete == "restrict"
            and field._module == "customer_followup"
        }
        self.assertGreater(len(wanted), 50)
        found = {
            (comodel, *one)
            for comodel in {comodel for comodel, *_rest in wanted}
            for one in self.env[comodel]._restricting_fields()
        }
        self.assertEqual(found & wanted, wanted)

    def test_records_without_our_rows_are_deleted(self):
        self._make_customer("No rows").unlink()
        self.env["customer.purpose"].create({"name": "Unused"}).unlink()
