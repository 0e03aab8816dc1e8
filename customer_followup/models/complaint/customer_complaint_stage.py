from odoo import api, fields, models
from odoo.exceptions import UserError

# What stages may require, in the order in which a complaint is handled.
NEEDS = ("verdict", "cause", "liability", "solution", "answer", "confirmation")

# The meanings of the stages in which complaints begin and end.
ENDS = ("new", "closed")


class CustomerComplaintStage(models.Model):
    """A stage of the complaint process, with the information it requires."""

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
        help="How deadlines, counters and reports treat the stage, independent of its name.",
    )
    is_verdict_needed = fields.Boolean(string="Verdict required")
    is_cause_needed = fields.Boolean(string="Cause required")
    is_liability_needed = fields.Boolean(string="Shares of responsibility required")
    is_solution_needed = fields.Boolean(string="Solution required")
    is_answer_needed = fields.Boolean(string="Answer to the customer required")
    is_confirmation_needed = fields.Boolean(string="Customer confirmation required")

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
        """Raise if ``gone`` are the last stages in which complaints can begin or end."""
        left = set((self.search([("meaning", "in", ENDS)]) - gone).mapped("meaning"))
        meanings = dict(self._fields["meaning"]._description_selection(self.env))
        for meaning in ENDS:
            if meaning not in left:
                raise UserError(
                    self.env._(
                        "%(stages)s: one stage must have the meaning “%(meaning)s”."
                        " Add another one first.",
                        stages=", ".join(self.mapped("name")),
                        meaning=meanings[meaning],
                    )
                )

    def _check_is_empty(self, meaning):
        changed = self.filtered(lambda stage: stage.meaning != meaning)
        # A stage is shared by all companies; the user may not see all its complaints.
        used = self.env["customer.complaint"].sudo()
        for [stage] in used._read_group([("stage_id", "in", changed.ids)], ["stage_id"]):
            raise UserError(
                self.env._(
                    "“%(stage)s” contains complaints. Move them to another stage before you"
                    " change its meaning.",
                    stage=stage.name,
                )
            )

    def _needed(self):
        """Return the names of the information that this stage requires."""
        return [name for name in NEEDS if self[f"is_{name}_needed"]]

    @api.model
    def _with_meaning(self, meaning):
        """Return the first stage with a meaning; raise if there is none."""
        stage = self.search([("meaning", "=", meaning)], limit=1)
        if not stage:
            meanings = dict(self._fields["meaning"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "No complaint stage has the meaning “%(meaning)s”. Add one in the"
                    " configuration.",
                    meaning=meanings[meaning],
                )
            )
        return stage
