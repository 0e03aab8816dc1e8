from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..ground.system import serialize

# An RPC call cannot pass this object, so only the complaint itself can skip the checks.
_DEFER_CHECKS = object()


class CustomerComplaintPartMixin(models.AbstractModel):
    """A part of one complaint, with the access rights of that complaint."""

    _name = "customer.complaint.part.mixin"
    _description = "Part of a Complaint"
    _check_company_auto = True
    _customer_confidential = "complaint_id.excluded_user_ids"
    # Whether the complaint looks at these parts as a whole, such as at their total.
    _is_checked_together = False

    complaint_id = fields.Many2one(
        "customer.complaint", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="complaint_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_belongs({name for name in vals if name != "complaint_id"})
        # A default company of the context is meant for another record.
        context = {**self.env.context}
        context.pop("default_company_id", None)
        plain = self.with_env(self.env(context=context))
        parts = super(CustomerComplaintPartMixin, plain).create(vals_list).with_env(self.env)
        parts._check_complaint_is_open()
        parts._serialize()
        parts._check_complaint()
        return parts

    def write(self, vals):
        self.check_access("write")
        self._check_belongs(vals)
        self._check_complaint_is_open()
        self._serialize()
        result = super().write(vals)
        self._check_complaint()
        return result

    def unlink(self):
        self.check_access("unlink")
        self._check_complaint_is_open()
        self._serialize()
        complaints = self.complaint_id
        result = super().unlink()
        self._check_complaint(complaints)
        return result

    def _check_complaint_is_open(self):
        """Raise if the current user would change a part of a closed complaint."""
        # The complaint has checked what is written to it together with its parts.
        if self.env.context.get("customer_complaint_parts") is not _DEFER_CHECKS:
            self.complaint_id._check_ended({"parts"})

    def _serialize(self):
        if self._is_checked_together:
            serialize(self.complaint_id)

    def _check_belongs(self, names):
        """Raise if a part would move to another complaint or company."""
        if not self.env.su and {"complaint_id", "company_id"} & set(names):
            raise UserError(
                self.env._(
                    "%s: it cannot be moved to another complaint or company.", self._description
                )
            )

    @api.model
    def _defer_checks(self):
        """Return a context that defers the checks of the complaint until its parts are written."""
        return {"customer_complaint_parts": _DEFER_CHECKS}

    def _check_complaint(self, complaints=None):
        if self.env.context.get("customer_complaint_parts") is not _DEFER_CHECKS:
            (self.complaint_id if complaints is None else complaints)._check_stage_needs()

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not self.env.su and not bypass_access:
            # As a subquery, which applies the record rules of complaints.
            mine = self.env["customer.complaint"]._search([])
            domain = Domain(domain) & Domain("complaint_id", "in", mine)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if refused or not any(self._ids):
            return refused
        # Only the complaint is read here; access to it is checked next.
        whole = {part.id: part.complaint_id.id for part in self.sudo()}
        complaints = self.env["customer.complaint"].browse(set(whole.values()))
        needed = "read" if operation == "read" else "write"
        allowed = set(complaints._filtered_access(needed)._ids)
        forbidden = self.filtered(lambda part: whole[part.id] not in allowed)
        return (forbidden, forbidden._unknown_error) if forbidden else None
