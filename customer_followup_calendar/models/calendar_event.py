from odoo import api, models


class CalendarEvent(models.Model):
    """A meeting, whose description holds no contact details of customers."""

    _inherit = "calendar.event"

    @api.model
    def _get_contact_details_description(self, organizer, partners):
        """Leave customers out: all employees read what is stored there."""
        # Only who is a colleague is asked.
        colleagues = partners.sudo().filtered(lambda one: not one.partner_share).sudo(False)
        return super()._get_contact_details_description(organizer, colleagues)
