from odoo import api, models

# Tables that hold one row per customer: key columns beside the customer, and which rows count.
_ONE_PER_CUSTOMER = {
    "customer.tier.membership": (("company_id", "scheme_id"), []),
    "customer.ownership": (("company_id", "role"), [("date_to", "=", False)]),
}


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A merge of contacts, which folds rows that would be there twice."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Fold rows of which a customer may have one only, before Odoo moves the rest."""
        for model, (keys, domain) in _ONE_PER_CUSTOMER.items():
            self._fold_customer_rows(self.env[model], keys, domain, src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _fold_customer_rows(self, model, keys, domain, src_partners, dst_partner):
        # The user who merges contacts may not read these rows; they must be folded all the same.
        rows = model.sudo().search(
            [*domain, ("commercial_partner_id", "in", (src_partners | dst_partner).ids)]
        )
        ordered = rows.sorted(lambda row: (row.commercial_partner_id != dst_partner, -row.id))
        kept, dropped = set(), rows.browse()
        for row in ordered:
            key = tuple(row[name] for name in keys)
            if key in kept:
                dropped |= row
            kept.add(key)
        dropped._fold()
        self.env.flush_all()
