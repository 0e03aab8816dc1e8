from odoo import fields, models


class CustomerComplaint(models.Model):
    """A complaint, which a low score may have opened."""

    _inherit = "customer.complaint"
    _protected_fields = frozenset({"low_score_id"})

    low_score_id = fields.Many2one(
        "customer.satisfaction.score",
        string="Low score",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    low_followup_id = fields.Many2one(
        related="low_score_id.followup_id",
        string="Contact with the low score",
        store=True,
        precompute=True,
    )

    # One answer, however many low numbers it holds, opens one complaint.
    _low_followup_uniq = models.UniqueIndex(
        "(low_followup_id) WHERE low_followup_id IS NOT NULL",
        "This answer has opened a complaint already.",
    )
    _low_score_uniq = models.UniqueIndex(
        "(low_score_id) WHERE low_score_id IS NOT NULL",
        "This score has opened a complaint already.",
    )
