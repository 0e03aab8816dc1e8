from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ground.system import serialize

LEADER = "customer_followup.group_followup_leader"
MANAGER = "customer_followup.group_followup_manager"
# The states from which each state can be reached.
BEFORE = {
    "approved": ("proposed",),
    "accepted": ("approved",),
    "rejected": ("approved", "proposed"),
    "silent": ("approved",),
    "done": ("accepted", "silent"),
}
# Kinds of remedies that cost money once they are approved.
MONEY = ("refund", "compensation")
# The remedies that count as a solution.
DECIDED = ("approved", "accepted", "silent", "done")
PENDING = ("proposed", "approved", "accepted", "silent")


class CustomerComplaintSolution(models.Model):
    """A remedy for a complaint, from the proposal until it is carried out."""

    _name = "customer.complaint.solution"
    _description = "Remedy"
    _inherit = [
        "customer.complaint.part.mixin",
        "customer.cancel.mixin",
        "customer.bulk.mixin",
    ]
    _order = "id"
    _is_checked_together = True
    _protected_fields = frozenset(
        {"state", "approver_id", "date_approved", "date_done", "proposer_id"}
    )

    kind = fields.Selection(
        [
            ("repair", "Repair"),
            ("replace", "Replacement"),
            ("refund", "Refund"),
            ("compensation", "Compensation"),
            ("apology", "Apology"),
            ("explanation", "Explanation"),
            ("other", "Other"),
        ],
        required=True,
        default="repair",
    )
    name = fields.Char(string="Remedy", required=True)
    amount = fields.Monetary()
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("approved", "Approved"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
            ("silent", "No answer"),
            ("done", "Carried out"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="proposed",
        copy=False,
    )
    proposer_id = fields.Many2one(
        "res.users",
        string="Proposed by",
        readonly=True,
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    approver_id = fields.Many2one(
        "res.users", string="Approved by", readonly=True, ondelete="restrict"
    )
    date_approved = fields.Datetime(string="Approved on", readonly=True)
    date_done = fields.Datetime(string="Carried out on", readonly=True)

    _amount_positive = models.Constraint(
        "CHECK (amount IS NULL OR amount >= 0)", "The amount of a remedy cannot be negative."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_protected(vals, with_defaults=True)
        return super().create(vals_list)

    def write(self, vals):
        self._check_protected(vals)
        if {"amount", "kind", "name"} & vals.keys():
            self._check_is_in("proposed", self.env._("changed"))
        return super().write(vals)

    def unlink(self):
        self.check_access("unlink")
        self._check_deletable()
        return super().unlink()

    def _check_deletable(self):
        for remedy in self.filtered(lambda one: one.state in PENDING and one.state != "proposed"):
            raise UserError(
                self.env._(
                    "“%s” is already approved and cannot be deleted. Press “Cancel” and enter the"
                    " reason.",
                    remedy.name,
                )
            )
        self._check_is_in("proposed", self.env._("deleted"))

    def _check_is_in(self, states, what):
        for remedy in self.filtered(lambda remedy: remedy.state not in states):
            raise UserError(
                self.env._(
                    "“%(remedy)s” cannot be %(what)s because its state is “%(state)s”.",
                    remedy=remedy.name,
                    state=dict(self._fields["state"]._description_selection(self.env))[
                        remedy.state
                    ].lower(),
                    what=what,
                )
            )

    def _check_cancellable(self):
        self._check_complaint_is_open()
        self._check_is_in(PENDING, self.env._("cancelled"))

    def _advance(self, state, **facts):
        self.check_access("write")
        label = dict(self._fields["state"]._description_selection(self.env))[state].lower()
        self._check_is_in(BEFORE[state], label)
        # Only the actions below record these facts; users cannot write them.
        self.sudo().write({"state": state, **facts})

    def action_approve(self):
        """Approve the remedy within the limit of the current user."""
        self.check_access("read")
        self._check_limit()
        self._advance("approved", approver_id=self.env.uid, date_approved=fields.Datetime.now())

    def _check_limit(self):
        """Raise if the total cost of a complaint exceeds the limit of the current user."""
        # Approvals at the same time would not count each other.
        serialize(self.complaint_id)
        for complaint, remedies in self.grouped("complaint_id").items():
            for remedy in remedies:
                if remedy.kind in MONEY and not remedy.amount:
                    raise UserError(self.env._("“%s”: enter the amount.", remedy.name))
            decided = complaint.solution_ids.filtered(lambda one: one.state in DECIDED)
            total = sum((decided | remedies).mapped("amount"))
            limit = remedies[:1]._limit(self.env.user)
            if limit is not None and total > limit and any(remedies.mapped("amount")):
                raise UserError(
                    self.env._(
                        "%(number)s: the total of %(total)s exceeds your approval limit of"
                        " %(limit)s. Ask your leader to approve it.",
                        number=complaint.name,
                        total=remedies.currency_id.format(total),
                        limit=remedies.currency_id.format(limit),
                    )
                )

    def _limit(self, user):
        """Return the approval limit of a user; ``None`` for the general manager."""
        # Limits are company settings, and team leaders are known to all users.
        company = self.sudo().complaint_id.company_id
        if not user.has_group(LEADER):
            return company.customer_agent_limit
        if not user.has_group(MANAGER):
            return company.customer_leader_limit
        is_general = user in self.complaint_id._general_managers()
        return None if is_general else company.customer_manager_limit

    def action_accepted(self):
        """Record that the customer accepted the remedy."""
        self.check_access("read")
        self._advance("accepted")

    def action_rejected(self):
        """Record that the customer rejected the remedy."""
        self.check_access("read")
        self._advance("rejected")

    def action_silent(self):
        """Record that the customer did not answer the offer."""
        self.check_access("read")
        self._advance("silent")

    def action_done(self):
        """Record that the remedy was carried out."""
        self.check_access("read")
        self._advance("done", date_done=fields.Datetime.now())
