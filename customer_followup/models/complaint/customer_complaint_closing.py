from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_complaint import CLOSED
from .customer_complaint_solution import PENDING

_ALL = {"verdict", "cause", "liability", "solution", "answer", "confirmation"}
# What need not be known, by how a complaint ends.
WAIVED = {
    "unfounded": {"cause", "liability", "solution", "confirmation"},
    "external": {"solution", "confirmation"},
    "withdrawn": _ALL,
    "duplicate": _ALL,
}


class CustomerComplaint(models.Model):
    """What is still missing before a complaint may go on, or be closed."""

    _inherit = "customer.complaint"

    close_kind = fields.Selection(
        [
            ("confirmed", "Confirmed by the customer"),
            ("silent", "No answer of the customer"),
            ("unfounded", "Unfounded"),
            ("withdrawn", "Withdrawn"),
            ("duplicate", "Duplicate"),
            ("external", "Decided outside"),
        ],
        string="Closed as",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    checklist = fields.Json(compute="_compute_checklist")

    @api.depends(
        *("accused_user_ids", "cause", "cause_id", "confirmation", "date_answered"),
        *("duplicate_of_id", "solution", "stage_id", "verdict", "verdict_second_user_id"),
        *("action_ids.state", "liability_ids.share", "referral_ids.outcome", "solution_ids.state"),
    )
    def _compute_checklist(self):
        """Say what is still missing to close: ``[{"label": ..., "is_done": ...}, ...]``."""
        closed = self.env["customer.complaint.stage"]._with_meaning(CLOSED)
        actions = self._open_actions()
        for complaint in self:
            complaint.checklist = [
                {"label": label, "is_done": is_done}
                for label, is_done in complaint._needs(closed, actions)
            ]

    @api.constrains(
        *("cause", "cause_id", "confirmation", "date_answered", "duplicate_of_id"),
        *("liability_ids", "referral_ids", "solution", "solution_ids", "stage_id"),
        *("verdict", "verdict_second_user_id"),
    )
    def _check_stage_needs(self):
        actions = self._open_actions()
        for complaint in self:
            needs = complaint._needs(complaint.stage_id, actions)
            missing = [label for label, is_done in needs if not is_done]
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(number)s cannot be in “%(stage)s” yet. Still missing: %(missing)s.",
                        number=complaint.name,
                        stage=complaint.stage_id.name,
                        missing=", ".join(missing),
                    )
                )

    def _open_actions(self):
        """Return what somebody still has to do, by complaint id."""
        # Somebody else's action holds a complaint open, even one the handler cannot see.
        actions = self.env["customer.action"].sudo()
        return actions.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", "open")]
        ).grouped("res_id")

    def _needs(self, stage, open_actions):
        """Return what a stage needs: ``[(label, is known), ...]``, in the order it is worked."""
        waived = WAIVED.get(self._ending(), ())
        known = self._known()
        needs = [known[name] for name in stage._needed() if name not in waived]
        if stage.meaning == "external":
            needs.append((self.env._("where it was referred to"), bool(self.referral_ids)))
        if self.liability_ids and stage.meaning not in ("new", "assessing"):
            whole = round(sum(self.liability_ids.mapped("share")), 2) == 100
            needs.append((self.env._("shares of 100 % in all"), whole))
        if stage.meaning == CLOSED:
            needs += self._open_ends(open_actions.get(self.id, ()))
        return needs

    def _known(self):
        """Say for each thing a stage may need what it is called, and whether it is known."""
        remedies = self.solution_ids.filtered(lambda one: one.state not in ("proposed", "rejected"))
        is_told = self.confirmation in ("confirmed", "silent")
        return {
            "verdict": (self.env._("verdict"), self._is_judged()),
            "cause": (
                self.env._("why it happened"),
                bool(self.cause_id or (self.cause or "").strip()),
            ),
            "liability": (self.env._("who is responsible"), bool(self.liability_ids)),
            "solution": (
                self.env._("how it was put right"),
                bool(remedies or (self.solution or "").strip()),
            ),
            "answer": (self.env._("an answer to the customer"), bool(self.date_answered)),
            "confirmation": (self.env._("the customer's confirmation"), is_told),
        }

    def _open_ends(self, actions):
        """Return what was begun and is not finished: ``[(label, False), ...]``."""
        ends = [
            self.env._("“%(action)s” done by %(user)s", action=one.name, user=one.user_id.name)
            for one in actions
        ]
        ends += [
            self.env._("“%s” carried out, or rejected", one.name)
            for one in self.solution_ids
            if one.state in PENDING
        ]
        ends += [self.env._("outcome from %s", one.body) for one in self._pending_referrals()]
        return [(end, False) for end in ends]

    def _pending_referrals(self):
        return self.referral_ids.filtered(lambda referral: not referral.outcome)

    def _ending(self):
        """Return how the complaint would be closed now, judging by what is known."""
        self.ensure_one()
        if self.duplicate_of_id:
            return "duplicate"
        if self.confirmation in ("withdrawn", "confirmed"):
            return self.confirmation
        if self._is_unfounded() and self.confirmation != "rejected":
            return "unfounded"
        outcomes = self.referral_ids.mapped("outcome")
        # A body that did not take the case decided nothing.
        if set(outcomes) - {"refused"} and all(outcomes):
            return "external"
        return self.confirmation == "silent" and "silent"
