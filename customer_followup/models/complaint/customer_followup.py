from odoo import fields, models
from odoo.fields import Domain


class CustomerFollowup(models.Model):
    """A follow-up in which a complaint was received, or which is about a complaint."""

    _inherit = "customer.followup"

    complaint_ids = fields.One2many("customer.complaint", "followup_id", string="Complaints")

    def _complaints(self):
        """Return the complaints that the plans of these follow-ups run for."""
        return self.sudo().enrollment_id._complaints()

    def _undo_scope(self):
        """Include the complaint that the follow-up is about."""
        complaint = self._complaints()
        return {
            **super()._undo_scope(),
            "customer.complaint": Domain("id", "in", complaint.ids),
            "customer.complaint.contact": Domain("complaint_id", "in", complaint.ids),
        }

    def _undo_parts(self):
        """Return the models whose undone changes are logged on the complaint."""
        return ("customer.complaint", "customer.complaint.contact")

    def _is_worked_on(self):
        return super()._is_worked_on() or bool(self.complaint_ids)

    def _log_undo(self, outcome, changes):
        result = super()._log_undo(outcome, changes)
        parts = self._undo_parts()
        if any(changes[kind].get(part) for kind in ("changed", "made") for part in parts):
            for complaint in self._complaints():
                note = self.env._(
                    "Undone in the follow-up “%(contact)s”: %(outcome)s",
                    contact=self.name,
                    outcome=outcome.name,
                )
                complaint._message_log(body=note)
        return result

    def action_complaint(self, feedback=None):
        """Open the form for a new complaint received in this follow-up."""
        self.ensure_one()
        self.check_access("read")
        # Without a default, the complaint computes its team.
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
