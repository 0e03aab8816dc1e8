from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class CustomerContactHold(models.Model):
    """A reason not to contact a customer, for some purposes, until it is lifted."""

    _name = "customer.contact.hold"
    _description = "Hold on a Customer"
    _inherit = ["customer.card.mixin"]
    _order = "id desc"
    _rec_name = "reason"
    _check_company_auto = True
    _protected_fields = frozenset({"date_lifted", "res_id", "res_model"})

    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        ondelete="restrict",
        check_company=True,
        help="It holds for all people of the customer.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    purpose_ids = fields.Many2many(
        "customer.purpose",
        relation="customer_contact_hold_purpose_rel",
        column1="hold_id",
        column2="purpose_id",
        string="Purposes",
        help="Empty: every purpose but answers and legal notices.",
    )
    reason = fields.Char(required=True)
    date_from = fields.Datetime(string="Since", required=True, default=fields.Datetime.now)
    date_to = fields.Datetime(string="Until", help="Empty: until it is lifted.")
    date_lifted = fields.Datetime(string="Lifted on", readonly=True, copy=False)
    res_model = fields.Char(string="Source model", readonly=True)
    res_id = fields.Many2oneReference(string="Source", model_field="res_model", readonly=True)

    # The gate: what holds a customer.
    _open_idx = models.Index("(commercial_partner_id) WHERE date_lifted IS NULL")

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for hold in self.filtered("date_to"):
            if hold.date_to <= hold.date_from:
                raise ValidationError(
                    self.env._("%(hold)s: it ends before it begins.", hold=hold.reason)
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_protected({name for name in vals if vals[name]}, with_defaults=True)
        return super().create(vals_list)

    def write(self, vals):
        self._check_protected(vals)
        self._check_ended(vals)
        if not self.env.su and {"partner_id", "company_id"} & vals.keys():
            raise UserError(
                self.env._(
                    "A hold stays with its customer and company. Lift it and enter a new one."
                )
            )
        return super().write(vals)

    def _filter_ended(self):
        return self.filtered("date_lifted")

    def action_lift(self):
        """Lift the hold: the customer may be contacted again."""
        self.check_access("write")
        now = fields.Datetime.now()
        self.filtered(lambda hold: not hold.date_lifted)._record({"date_lifted": now})

    @api.model
    def _open(self, customers, company):
        """Return what holds customers from now on, by customer id.

        :return: ``{customer id: ((from, until or None, purpose ids), ...)}``
        """
        now = fields.Datetime.now()
        # A hold applies to all users, also those who may not read it.
        rows = self.sudo().search(
            Domain("commercial_partner_id", "in", customers.ids)
            & Domain("company_id", "=", company.id)
            & Domain("date_lifted", "=", False)
            & (Domain("date_to", "=", False) | Domain("date_to", ">", now))
        )
        return {
            customer.id: tuple(
                (row.date_from, row.date_to or None, frozenset(row.purpose_ids.ids)) for row in some
            )
            for customer, some in rows.grouped("commercial_partner_id").items()
        }
