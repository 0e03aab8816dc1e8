from odoo import fields, models


class CustomerComplaintTag(models.Model):
    """A word by which complaints are found again."""

    _name = "customer.complaint.tag"
    _description = "Complaint Tag"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer()

    _name_uniq = models.Constraint("UNIQUE (name)", "There is such a tag already.")
