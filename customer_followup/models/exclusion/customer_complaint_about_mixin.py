from odoo import api, fields, models

COMPLAINT = "customer.complaint"


class CustomerComplaintAboutMixin(models.AbstractModel):
    """A record that may be about a complaint and is hidden from its excluded users."""

    _name = "customer.complaint.about.mixin"
    _description = "About a Complaint"
    _customer_confidential = "complaint_id.excluded_user_ids"

    # For record rules only: users who may read the record know ``res_id`` anyway.
    complaint_id = fields.Many2one(
        COMPLAINT,
        compute="_compute_complaint_id",
        store=True,
        index="btree_not_null",
        ondelete="cascade",
        copy=False,
        groups=fields.NO_ACCESS,
    )

    @api.depends("res_model", "res_id")
    def _compute_complaint_id(self):
        about = self.filtered(lambda one: one.res_model == COMPLAINT)
        (self - about).complaint_id = False
        there = set(self.env[COMPLAINT].browse(about.mapped("res_id")).exists()._ids)
        for record in about:
            record.complaint_id = record.res_id in there and record.res_id
