from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .customer_sla_policy import CRITERIA
from .customer_sla_target import CLOSURE, PROGRESS, SURVEY

DAYS, MAX_COMPLAINTS = 90, 1000


class CustomerSlaPolicy(models.Model):
    """Summary of a policy in words, and a preview on past complaints."""

    _inherit = "customer.sla.policy"

    condition = fields.Char(string="Applies to", compute="_compute_summary")
    summary = fields.Char(string="Promises", compute="_compute_summary")
    preview = fields.Text(string="Preview on past complaints", compute="_compute_preview")

    @api.depends(*CRITERIA, "target_ids.kind", "target_ids.count", "target_ids.unit")
    @api.depends_context("lang")
    def _compute_summary(self):
        for policy in self:
            named = [policy._criterion(name) for name in CRITERIA if policy[name]]
            policy.condition = ", ".join(named) or self.env._("all complaints")
            policy.summary = "; ".join(policy.target_ids.mapped("display_name"))

    def _criterion(self, name):
        """Return one criterion of the policy in words."""
        field = self._fields[name]
        if field.type == "many2one":
            value = self[name].display_name
        else:
            value = dict(field._description_selection(self.env))[self[name]]
        return f"{field._description_string(self.env)} “{value}”"

    @api.depends(
        *CRITERIA, "company_id", "calendar_id", "target_ids.kind", "target_ids.count",
        "target_ids.unit", "target_ids.stops_awaiting", "target_ids.stops_external",
    )  # fmt: skip
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_preview(self):
        since = fields.Datetime.now() - timedelta(days=DAYS)
        recent = Domain("date_received", ">=", since)
        complaints = self.env["customer.complaint"]
        for policy in self:
            # With the rights of the current user, so that the preview reveals nothing else.
            found = complaints.search(
                policy._domain() & recent, limit=MAX_COMPLAINTS, order="date_received desc"
            ).filtered(policy._matches)
            lines = [
                self.env._(
                    "%(count)s of %(all)s complaints of the last %(days)s days match.",
                    count=len(found),
                    days=DAYS,
                    all=complaints.search_count(recent),
                )
            ]
            lines += [policy._past_text(target, found) for target in policy._tried()]
            policy.preview = "\n".join(lines)

    def _tried(self):
        return self.target_ids.filtered(
            lambda target: target.kind and target.unit and target.kind not in (PROGRESS, SURVEY)
        )

    def _past_text(self, target, complaints):
        kept, decided = self._past_kept(target, complaints)
        promise = target.display_name
        if not decided:
            return self.env._("%s. No data to compare with.", promise)
        return self.env._(
            "%(promise)s. %(kept)s of %(decided)s would have been kept (%(share)s %%).",
            promise=promise,
            kept=kept,
            decided=decided,
            share=round(100 * kept / decided),
        )

    def _past_kept(self, target, complaints):
        """Return how many complaints would have met a target, and how many are decided."""
        done, rows, hours = self._past_done(target.kind, complaints), complaints.clock_ids, {}
        ledgers, now = rows.grouped("complaint_id"), fields.Datetime.now()
        promises = self.env["customer.complaint.promise"]
        kept = decided = 0
        for complaint in complaints:
            pauses = ledgers.get(complaint, rows[:0])._pauses(target)
            deadline = promises._clock_of(complaint, target, hours, None, pauses).deadline
            moment = done.get(complaint)
            is_kept = moment and (not deadline or moment <= deadline)
            kept += bool(is_kept)
            decided += bool(moment or (deadline and deadline < now))
        return kept, decided

    def _past_done(self, kind, complaints):
        """Return when each complaint first met a promise of this kind."""
        if kind == CLOSURE:
            return {one: one.date_closed for one in complaints if one.date_closed}
        done = {}
        for promise in complaints.promise_ids:
            if promise.kind == kind and promise.date_met:
                first = done.get(promise.complaint_id, promise.date_met)
                done[promise.complaint_id] = min(first, promise.date_met)
        return done
