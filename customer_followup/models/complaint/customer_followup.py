from odoo import fields, models
from odoo.fields import Domain

from ..contact.customer_followup import DONE
from .customer_sla_target import SURVEY


class CustomerFollowup(models.Model):
    _name = "customer.followup"
    _inherit = [
        "customer.followup",
        "customer.confidential.mixin",
        "customer.confidential.list.mixin",
    ]

    complaint_ids = fields.One2many("customer.complaint", "followup_id", string="Complaints")

    def _hidden_domain(self):
        hidden = self.env["customer.followup.enrollment"]._hidden_domain()
        return Domain("enrollment_id", "any!", hidden)

    def _about_confidential(self):
        about = set(self.enrollment_id._about_confidential()._ids)
        return self.filtered(lambda one: one.enrollment_id.id in about)

    def _complaints(self):
        """Return the complaints these contacts are about, by their plans."""
        return self.sudo().enrollment_id._complaints()

    def _excluded_users(self):
        return self._complaints()._excluded_users()

    def _ended(self):
        result = super()._ended()
        self._keep_promises()
        return result

    def _keep_promises(self):
        """Let contacts about complaints that reached their customers keep what is promised."""
        # Whoever ends a contact need not see the complaint it is about.
        about = self.sudo().filtered(
            lambda one: one.state == DONE and one.enrollment_id.res_model == "customer.complaint"
        )
        survey = self.env.ref("customer_followup.customer_channel_survey", raise_if_not_found=False)
        for contact in about:
            complaint = self.env["customer.complaint"].sudo().browse(contact.enrollment_id.res_id)
            if contact.channel_id == survey:
                complaint._fulfil(SURVEY)
            elif contact.channel_id.is_automatic:
                complaint._contacted(is_automatic=True)
            elif contact.outcome_id.is_reached:
                complaint._customer_told(contact.channel_id.name)

    def _undo_scope(self):
        """Count in the complaint the contact is about, with its promises."""
        complaint = self._complaints()
        part = Domain("complaint_id", "in", complaint.ids)
        return {
            **super()._undo_scope(),
            "customer.complaint": Domain("id", "in", complaint.ids),
            "customer.complaint.contact": part,
            "customer.complaint.promise": part,
            "customer.complaint.clock": part,
            "customer.complaint.notice": part,
        }

    def _may_be_undone_by(self, user):
        return super()._may_be_undone_by(user) and user not in self._excluded_users()

    def _is_worked_on(self):
        return super()._is_worked_on() or bool(self.complaint_ids)

    def _log_undo(self, outcome, changes):
        result = super()._log_undo(outcome, changes)
        parts = ("customer.complaint", "customer.complaint.promise", "customer.complaint.contact")
        if any(changes[kind].get(part) for kind in ("changed", "made") for part in parts):
            for complaint in self._complaints():
                note = self.env._(
                    "Undone in the contact “%(contact)s”: %(outcome)s",
                    contact=self.name,
                    outcome=outcome.name,
                )
                complaint._message_log(body=note)
        return result

    def action_complaint(self, feedback=None):
        """Open a new complaint heard in this contact."""
        self.ensure_one()
        # Without one, the complaint finds its own.
        team = {"default_team_id": self.team_id.id} if self.team_id else {}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New complaint"),
            "res_model": "customer.complaint",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_title": feedback.text if feedback else False,
                "default_feedback_id": feedback.id if feedback else False,
                "default_followup_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
                **team,
            },
        }
