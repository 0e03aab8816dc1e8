from odoo import api, fields, models
from odoo.fields import Domain

from ..complaint.customer_complaint import CLOSED

# Fields of a complaint that a policy may require; empty in the policy for any value.
CRITERIA = (
    "category_id",
    "kind",
    "severity",
    "nature",
    "priority",
    "tier_id",
    "channel_id",
)


class CustomerSlaPolicy(models.Model):
    """An SLA policy: promised times for some complaints, and their escalation."""

    _name = "customer.sla.policy"
    _description = "Promises"
    _inherit = ["customer.shared.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True,
        help="Without a policy in use, no user is notified of its promises; those made before are"
        " still recorded as kept or broken.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: for all companies."
    )
    category_id = fields.Many2one(
        "customer.complaint.category", ondelete="restrict", check_company=True
    )
    kind = fields.Selection(
        lambda self: self.env["customer.complaint"]._fields["kind"].selection, string="Type"
    )
    severity = fields.Selection(
        lambda self: self.env["customer.complaint"]._fields["severity"].selection
    )
    nature = fields.Selection(
        lambda self: self.env["customer.complaint"]._fields["nature"].selection
    )
    priority = fields.Selection(
        lambda self: self.env["customer.complaint"]._fields["priority"].selection, string="Urgency"
    )
    tier_id = fields.Many2one("customer.tier", ondelete="restrict")
    channel_id = fields.Many2one("customer.channel", ondelete="restrict")
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working hours",
        ondelete="restrict",
        check_company=True,
        help="Empty: the working hours of the complaint's team, else of the company.",
    )
    is_auto_answer_counted = fields.Boolean(
        string="Automatic acknowledgement counts as first answer",
        help="If not set, only a message or call of a user meets the promise of a first answer.",
    )
    target_ids = fields.One2many("customer.sla.target", "policy_id", string="Targets")
    escalation_ids = fields.One2many("customer.sla.escalation", "policy_id")

    def write(self, vals):
        result = super().write(vals)
        if "calendar_id" in vals:
            promised = [("promise_ids.policy_id", "in", self.ids)]
            self.env["customer.complaint"]._rematch_open(promised)
        if "active" in vals:
            # Users have no write access to promises.
            promises = self.env["customer.complaint.promise"].sudo()
            promises._check_soon(Domain("escalation_policy_id", "in", self.ids))
        return result

    def _specificity(self):
        """Return the number of criteria of the policy, including the company."""
        return sum(bool(self[name]) for name in (*CRITERIA, "company_id"))

    def _matches(self, complaint):
        """Return whether the policy applies to a complaint."""
        return self.company_id in (complaint.company_id, self.env["res.company"]) and all(
            not self[name] or self[name] == complaint[name] for name in CRITERIA
        )

    def _domain(self):
        """Return the domain of complaints of the policy, except for the tier."""
        domain = Domain("company_id", "=", self.company_id.id) if self.company_id else Domain.TRUE
        for name in CRITERIA:
            if self[name] and name != "tier_id":
                value = self[name]
                domain &= Domain(name, "=", value.id if isinstance(value, models.Model) else value)
        return domain

    @api.model
    def _running(self):
        """Return the active policies, the most specific first."""
        # Promises are created also for users who may not read policies.
        policies = self.sudo().search([("active", "=", True)])
        return policies.sorted(lambda policy: -policy._specificity())

    def _candidates(self, complaint):
        """Return the targets of the most specific policies: ``{kind: [target]}``."""
        found, specificity = {}, {}
        for policy in self:
            if policy._matches(complaint):
                rank = policy._specificity()
                for target in policy.target_ids:
                    if specificity.setdefault(target.kind, rank) == rank:
                        found.setdefault(target.kind, []).append(target)
        return found

    def action_apply(self):
        """Apply the policy to the complaints that are open now."""
        self.check_access("write")
        complaints = self.env["customer.complaint"].search([("state", "!=", CLOSED)])
        is_done = complaints._rematch_soon()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s open complaints checked.", len(complaints))
                if is_done
                else self.env._(
                    "%s open complaints will be checked one after another.", len(complaints)
                ),
            },
        }
