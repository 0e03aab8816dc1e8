from odoo import api, models
from odoo.tools import consteq

from ..ground.system import as_system
from ..plan.customer_followup_enrollment import OPEN_STATES
from ..who.customer_consent import WITHDRAWN


class CustomerFollowup(models.Model):
    """How a customer leaves what he receives: by our page, or by answering."""

    _inherit = "customer.followup"

    @api.model
    def _by_way_out(self, followup_id, purpose_id, token):
        """Return the contact a way out was made for; none, without a look, for any other."""
        digest = self.env["customer.contact.block"]._digest(f"leave:{followup_id}:{purpose_id}")
        if not consteq(digest[:32].encode(), token.encode()):
            return self.browse()
        # The link is the customer's right to speak for himself, and for nobody else.
        return as_system(self.sudo()).browse(followup_id).exists()

    def _leave(self, how, purpose=None):
        """Record that the customer wants no more contacts for ``purpose``, or for none at all.

        Say whether that was new. His plans for it stop at once.

        :param how: ``message`` or ``page``
        """
        self.ensure_one()
        contact = self.with_company(self.company_id)
        person = contact.partner_id
        key = purpose.id if purpose else None, None
        if self.env["customer.consent"]._standing(person).get(person.id, {}).get(key) == WITHDRAWN:
            contact._note_once_more(how, purpose)
            contact._stop_plans(purpose)
            if not purpose:
                person._block_contact(self.env._("The customer asked for it"))
            return False
        # What the wish withholds would count as the end of a plan that still runs.
        contact._stop_plans(purpose)
        person._note_consent(purpose, WITHDRAWN, how, note=f"{self._name},{self.id}")
        if not purpose:
            person._block_contact(self.env._("The customer asked for it"))
        return True

    def _note_once_more(self, how, purpose):
        """Record a wish that stands already, once for each contact and way of saying it."""
        said = [
            ("partner_id", "=", self.partner_id.id),
            ("purpose_id", "=", purpose.id if purpose else False),
            ("channel_id", "=", False),
            ("kind", "=", WITHDRAWN),
        ]
        # What others heard is theirs to see; only whether to add a line comes of it.
        last = self.env["customer.consent"].sudo().search(said, limit=1)
        note = f"{self._name},{self.id}"
        if (last.how, last.note) != (how, note):
            self.partner_id._note_consent(purpose, WITHDRAWN, how, note=note)

    def _stop_plans(self, purpose):
        domain = [("partner_id", "=", self.partner_id.id), ("state", "in", OPEN_STATES)]
        rows = self.env["customer.followup.enrollment"].search(domain)
        if purpose:
            rows = rows.filtered(
                lambda row: row == self.enrollment_id or row.plan_id.purpose_id == purpose
            )
        rows.action_stop(code="asked")
