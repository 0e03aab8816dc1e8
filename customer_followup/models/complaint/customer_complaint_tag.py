from odoo import fields, models


class CustomerComplaintTag(models.Model):
    """A tag to group and search complaints."""

    _name = "customer.complaint.tag"
    _description = "Complaint Tag"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()

    _name_uniq = models.Constraint("UNIQUE (name)", "A tag with this name already exists.")
