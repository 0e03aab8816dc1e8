from odoo import api, models


class CalendarEvent(models.Model):
    """A meeting, hidden with the case it is about, without contact details of customers."""

    _name = "calendar.event"
    _inherit = ["calendar.event", "customer.confidential.mixin"]
    _document_fields = ("res_model", "res_id")
    _is_name_confidential = True

    @api.model
    def _may_hide(self):
        return self.env.user.has_hidden_complaints

    @api.model
    def _get_contact_details_description(self, organizer, partners):
        """Leave customers out: all employees read what is stored there."""
        # Only who is a colleague is asked.
        colleagues = partners.sudo().filtered(lambda one: not one.partner_share).sudo(False)
        return super()._get_contact_details_description(organizer, colleagues)
