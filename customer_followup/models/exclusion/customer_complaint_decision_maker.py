from markupsafe import Markup

from odoo import fields, models
from odoo.fields import Domain

from ..complaint.customer_complaint import CLOSED, VIOLATION
from ..handover.customer_complaint import OFFER


class CustomerComplaint(models.Model):
    """Decision maker of complaints about employees, and withdrawal from excluded users."""

    _inherit = "customer.complaint"

    decision_maker_id = fields.Many2one(
        "res.users",
        string="Decision maker",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="General manager or deputy, who is notified directly of complaints about employees.",
    )

    def _is_about_attitude(self):
        return bool(self.accused_user_ids) or self.category_id.register == "attitude"

    def _assign_decision_maker(self):
        """Assign complaints about employees to the general manager and notify them directly.

        Violations of rules are assigned to the compliance officer instead.
        """
        # The user who records the complaint may not read its decision maker.
        for complaint in self.sudo().filtered(lambda one: one._is_about_employee()):
            present = complaint._filter_allowed(complaint.decision_maker_id)
            officer = complaint._filter_allowed(complaint._compliance())
            if complaint.state == CLOSED or (present and present == (officer or present)):
                continue
            complaint._record({"decision_maker_id": complaint._decision_maker().id})
            if complaint.decision_maker_id:
                complaint.activity_schedule(
                    "mail.mail_activity_data_todo",
                    # Odoo adds the number of the complaint to the subject of its e-mail.
                    summary=self.env._("The complaint is about an employee: you decide on it."),
                    note=complaint._slip_note(),
                    user_id=complaint.decision_maker_id.id,
                )

    def _is_about_employee(self):
        return self.kind == VIOLATION or self._is_about_attitude()

    def _compliance(self):
        """Return the compliance officer if the complaint is about a violation of rules."""
        officer = self.company_id.customer_compliance_id
        if self.kind != VIOLATION or self.company_id not in officer.company_ids:
            return officer.browse()
        return officer.filtered("active")

    def _slip_note(self):
        """Return instructions with a link to the slip, which checks access itself."""
        text = self.env._("Print the slip, enter the instruction and sign it.")
        url = f"/report/pdf/customer_followup.customer_complaint_slip/{self.id}"
        return Markup('%s <a href="%s" target="_blank">%s</a>') % (
            text,
            url,
            self.env._("Slip of %s", self.name),
        )

    def _withdraw(self):
        """Remove assignments, activities, followers and notifications of excluded users."""
        self.filtered(lambda one: one.offered_user_id & one.excluded_user_ids)._offers()._decide(
            "returned"
        )
        asked = self.activity_search([OFFER])
        asked.filtered(
            lambda one: one.user_id in self.browse(one.res_id).excluded_user_ids
        ).unlink()
        activities = self._assigned_to_excluded("mail.activity", ("res_id", "in", self.ids))
        actions = self._assigned_to_excluded("customer.action", ("state", "=", "open"))
        held = self.filtered(
            lambda one: (one.user_id | one.accountable_user_id) & one.excluded_user_ids
        )
        planned = self._plans_of_excluded()
        held |= self.browse(activities.mapped("res_id") + actions.mapped("res_id"))
        held = held.union(*(work._complaints() for work in planned))
        successors = held._reassignments()
        for complaint, successor in successors.items():
            complaint._reassign_excluded(successor)
        for work in (*activities, *actions):
            work.user_id = successors[self.browse(work.res_id)]
        for work in planned:
            work.user_id = successors[work._complaints()]
        self.env["mail.followers"]._drop_excluded(self)
        self.env["mail.followers"]._drop_excluded(actions)

    def _assigned_to_excluded(self, model, condition):
        """Return activities or actions about complaints that are assigned to excluded users."""
        excluded = {complaint.id: complaint.excluded_user_ids for complaint in self}
        about = Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        rows = self.env[model].search(about & Domain(*condition))
        return rows.filtered(lambda row: row.user_id in excluded[row.res_id])

    def _plans_of_excluded(self):
        """Return plans for complaints and their follow-ups that are assigned to excluded users."""
        about = Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        plans = self.env["customer.followup.enrollment"].search(about)
        contacts = self.env["customer.followup"]
        open_ones = contacts._open_work_domain() & Domain("enrollment_id", "in", plans.ids)
        open_plans = plans.filtered_domain(plans._open_work_domain())
        return [
            work
            for work in (*open_plans, *contacts.search(open_ones))
            if work.user_id in work._excluded_users()
        ]

    def _reassign_excluded(self, successor):
        """Transfer the roles of an excluded user in one complaint to the successor."""
        excluded, left = self.excluded_user_ids, self.accountable_user_id
        roles = ("user_id", "accountable_user_id")
        given = {name: successor.id for name in roles if self[name] & excluded}
        if given:
            # In one write, as no excluded user may keep one role while losing the other.
            self.write(given)
        if "accountable_user_id" in given and successor:
            transfers = self.env["customer.complaint.transfer"]
            reason = self.env._("Another user is accountable from now on")
            transfers.create(transfers._prepare_accountable_vals(self, left, successor, reason))
