from odoo import api, fields, models
from odoo.fields import Domain

from ..complaint.customer_complaint import CLOSED

# What a complaint must be for a policy to hold, where the policy says so.
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
    """What we promise to customers in such a case, and who is told when it is nearly broken."""

    _name = "customer.sla.policy"
    _description = "Promises"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
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
    channel_id = fields.Many2one("customer.channel", string="Came by", ondelete="restrict")
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working hours",
        ondelete="restrict",
        check_company=True,
        help="Empty: those of the complaint's team, else of the company.",
    )
    is_auto_answer_counted = fields.Boolean(
        string="An automatic acknowledgement is an answer",
        help="Off: only a person's message or call keeps the promise of a first answer.",
    )
    target_ids = fields.One2many("customer.sla.target", "policy_id", string="We promise")
    escalation_ids = fields.One2many("customer.sla.escalation", "policy_id", string="Who is told")

    def write(self, vals):
        result = super().write(vals)
        if "calendar_id" in vals:
            promised = [("promise_ids.policy_id", "in", self.ids)]
            self.env["customer.complaint"]._rematch_open(promised)
        return result

    def _specificity(self):
        """Return how much the policy asks of a complaint; the company counts as well."""
        return sum(bool(self[name]) for name in (*CRITERIA, "company_id"))

    def _matches(self, complaint):
        """Say whether the policy holds for a complaint."""
        return self.company_id in (complaint.company_id, self.env["res.company"]) and all(
            not self[name] or self[name] == complaint[name] for name in CRITERIA
        )

    def _domain(self):
        """Return which complaints the policy may hold for; tiers are looked at one by one."""
        domain = Domain("company_id", "=", self.company_id.id) if self.company_id else Domain.TRUE
        for name in CRITERIA:
            if self[name] and name != "tier_id":
                value = self[name]
                domain &= Domain(name, "=", value.id if isinstance(value, models.Model) else value)
        return domain

    @api.model
    def _running(self):
        """Return the policies in force, the one that asks most of a complaint first."""
        # Promises are made whoever notes the complaint.
        policies = self.sudo().search([("active", "=", True)])
        return policies.sorted(lambda policy: -policy._specificity())

    def _candidates(self, complaint):
        """Return the targets of the most specific policy, or alike ones: ``{kind: [target]}``."""
        found, specificity = {}, {}
        for policy in self:
            if policy._matches(complaint):
                rank = policy._specificity()
                for target in policy.target_ids:
                    if specificity.setdefault(target.kind, rank) == rank:
                        found.setdefault(target.kind, []).append(target)
        return found

    def action_apply(self):
        """Work out anew what is promised for the complaints that are open now."""
        complaints = self.env["customer.complaint"].search([("state", "!=", CLOSED)])
        complaints._rematch()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s open complaints looked at.", len(complaints)),
            },
        }
