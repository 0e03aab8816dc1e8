from odoo import api, fields, models
from odoo.exceptions import UserError

# What may have to be known, in the order a complaint is worked.
NEEDS = ("verdict", "cause", "liability", "solution", "answer", "confirmation")

# A complaint begins in one and ends in the other.
ENDS = ("new", "closed")


class CustomerComplaintStage(models.Model):
    """How far we are with a complaint, and what must be known by then."""

    _name = "customer.complaint.stage"
    _description = "Complaint Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    fold = fields.Boolean(string="Folded on the board")
    meaning = fields.Selection(
        [
            ("new", "New"),
            ("assessing", "Being assessed"),
            ("solving", "Being solved"),
            ("awaiting", "Waiting for the customer"),
            ("external", "With an outside body"),
            ("closed", "Closed"),
        ],
        required=True,
        default="solving",
        help="What the stage means to deadlines, counters and reports, whatever it is called.",
    )
    is_verdict_needed = fields.Boolean(string="Verdict must be known")
    is_cause_needed = fields.Boolean(string="Cause must be known")
    is_liability_needed = fields.Boolean(string="Shares of responsibility must be known")
    is_solution_needed = fields.Boolean(string="Solution must be known")
    is_answer_needed = fields.Boolean(string="Customer must have an answer")
    is_confirmation_needed = fields.Boolean(string="Customer must have confirmed")

    def write(self, vals):
        if "meaning" in vals:
            self._check_is_empty(vals["meaning"])
        result = super().write(vals)
        if {"active", "meaning"} & vals.keys():
            self._check_is_not_last(self.browse())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_last(self):
        self._check_is_not_last(self)

    def _check_is_not_last(self, gone):
        """Raise if complaints could not begin or end any more, without the stages ``gone``."""
        left = set((self.search([("meaning", "in", ENDS)]) - gone).mapped("meaning"))
        meanings = dict(self._fields["meaning"]._description_selection(self.env))
        for meaning in ENDS:
            if meaning not in left:
                raise UserError(
                    self.env._(
                        "%(stages)s: one stage must mean “%(meaning)s”. Add another one first.",
                        stages=", ".join(self.mapped("name")),
                        meaning=meanings[meaning],
                    )
                )

    def _check_is_empty(self, meaning):
        changed = self.filtered(lambda stage: stage.meaning != meaning)
        # Complaints of all companies stand in a stage, whoever may see them.
        used = self.env["customer.complaint"].sudo()
        for [stage] in used._read_group([("stage_id", "in", changed.ids)], ["stage_id"]):
            raise UserError(
                self.env._(
                    "Complaints stand in “%(stage)s”: move them before you change what it means.",
                    stage=stage.name,
                )
            )

    def _needed(self):
        """Return the names of what must be known in this stage."""
        return [name for name in NEEDS if self[f"is_{name}_needed"]]

    @api.model
    def _with_meaning(self, meaning):
        """Return the first stage that means this."""
        stage = self.search([("meaning", "=", meaning)], limit=1)
        if not stage:
            meanings = dict(self._fields["meaning"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "No stage means “%(meaning)s”: add one to the complaint stages.",
                    meaning=meanings[meaning],
                )
            )
        return stage
