from odoo import models


class CrmLead(models.Model):
    """A lead, whose copies of contact details some users see in short form only."""

    _inherit = "crm.lead"
    _customer_details = frozenset({"city", "email_cc", "street", "street2", "website", "zip"})
