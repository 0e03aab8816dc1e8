from odoo import api, models
from odoo.exceptions import AccessError


class CustomerSharedMixin(models.AbstractModel):
    """A record of one company, or shared by all of them if it names none.

    What is shared concerns all companies: only users who work in all of them change it.
    """

    _name = "customer.shared.mixin"
    _description = "Of One Company or of All"

    # Path to the record whose company counts, of its parts.
    _shared_with = None

    @api.model
    def default_get(self, fields):
        """Propose the company of users who may not make what all companies share."""
        vals = super().default_get(fields)
        if "company_id" in fields and not (vals.get("company_id") or self._may_share()):
            vals["company_id"] = self.env.company.id
        return vals

    def copy_data(self, default=None):
        """Make the copy of what is shared one of the company of its user, who may change it."""
        vals_list = super().copy_data(default)
        if not self._shared_with and not self._may_share():
            for vals in vals_list:
                vals["company_id"] = vals.get("company_id") or self.env.company.id
        return vals_list

    @api.model
    def _may_share(self):
        """Say whether the current user works in all companies."""
        # Which companies there are is only counted.
        companies = self.env["res.company"].sudo().search_count([])
        return self.env.su or len(self.env.user.company_ids) == companies

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if self.env.su or operation == "read" or not any(self._ids):
            return refused
        if self._may_share() or (refused and refused[0] == self):
            return refused
        path = f"{self._shared_with}.company_id" if self._shared_with else "company_id"
        shared = self.browse(self.sudo().filtered(lambda one: not one.mapped(path))._ids)
        if not shared:
            return refused
        if refused:
            return refused[0] | shared, refused[1]
        return shared, lambda: AccessError(
            self.env._(
                "“%(record)s” belongs to all companies: only users who work in all of them can"
                " change it. Make a copy for your company instead.",
                record=shared[0].sudo().display_name,
            )
        )

    def _check_own_company(self):
        super()._check_own_company()
        if self.env.su or self._may_share() or self._shared_with:
            return
        # As in the check of access: the writer may have lost it by the change.
        for record in self.sudo().filtered(lambda one: not one.company_id):
            raise AccessError(
                self.env._(
                    "“%(record)s”: only users who work in all companies share it with all of them."
                    " Choose a company.",
                    record=record.display_name,
                )
            )
