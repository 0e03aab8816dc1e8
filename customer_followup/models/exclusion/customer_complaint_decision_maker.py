from markupsafe import Markup

from odoo import fields, models
from odoo.fields import Domain

from ..complaint.customer_complaint import CLOSED, VIOLATION
from ..handover.customer_complaint import OFFER


class CustomerComplaint(models.Model):
    """Who hears of a complaint about an employee, and takes it out of the hands of his line."""

    _inherit = "customer.complaint"

    decision_maker_id = fields.Many2one(
        "res.users",
        string="Decides",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The general manager, or his deputy: told directly of complaints about employees.",
    )

    def _is_about_attitude(self):
        return bool(self.accused_user_ids) or self.category_id.register == "attitude"

    def _assign_decision_maker(self):
        """Tell the general manager of complaints about employees, past all levels between.

        Of breaches of rules whoever looks after compliance is told instead.
        """
        # Whoever hears such a complaint need not see who decides on it.
        for complaint in self.sudo().filtered(lambda one: one._is_about_employee()):
            told = complaint._filter_allowed(complaint.decision_maker_id)
            officer = complaint._filter_allowed(complaint._compliance())
            if complaint.state == CLOSED or (told and told == (officer or told)):
                continue
            complaint._record({"decision_maker_id": complaint._decision_maker().id})
            if complaint.decision_maker_id:
                complaint.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("%s is about an employee: you decide", complaint.name),
                    note=complaint._slip_note(),
                    user_id=complaint.decision_maker_id.id,
                )

    def _is_about_employee(self):
        return self.kind == VIOLATION or self._is_about_attitude()

    def _compliance(self):
        """Return who is told of a breach of rules instead of all leaders, if it is one."""
        officer = self.company_id.customer_compliance_id
        if self.kind != VIOLATION or self.company_id not in officer.company_ids:
            return officer.browse()
        return officer.filtered("active")

    def _slip_note(self):
        """Return what is to be done with the slip, which only those get who may open it."""
        text = self.env._("Print the slip, note what is to be done, and sign.")
        url = f"/report/pdf/customer_followup.customer_complaint_slip/{self.id}"
        return Markup('%s <a href="%s" target="_blank">%s</a>') % (
            text,
            url,
            self.env._("Slip of %s", self.name),
        )

    def _withdraw(self):
        """Take complaints off the desks, lists and inboxes of those who must not know of them."""
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
        planned = self._plans_in_wrong_hands()
        held |= self.browse(activities.mapped("res_id") + actions.mapped("res_id"))
        held = held.union(*(work._complaints() for work in planned))
        heirs = held._reassignments()
        for complaint, heir in heirs.items():
            complaint._withdraw_hands(heir)
        for work in (*activities, *actions):
            work.user_id = heirs[self.browse(work.res_id)]
        for work in planned:
            work.user_id = heirs[work._complaints()]
        self.env["mail.followers"]._drop_excluded(self)
        self.env["mail.followers"]._drop_excluded(actions)

    def _assigned_to_excluded(self, model, condition):
        """Return what is to be done about complaints by people who must not know of them."""
        excluded = {complaint.id: complaint.excluded_user_ids for complaint in self}
        about = Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        rows = self.env[model].search(about & Domain(*condition))
        return rows.filtered(lambda row: row.user_id in excluded[row.res_id])

    def _plans_in_wrong_hands(self):
        """Return the plans that run for complaints, and their contacts, as for the above."""
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

    def _withdraw_hands(self, heir):
        """Give what an excluded person holds of one complaint to its heir."""
        excluded, left = self.excluded_user_ids, self.accountable_user_id
        hands = ("user_id", "accountable_user_id")
        given = {name: heir.id for name in hands if self[name] & excluded}
        if given:
            # At once: nobody may hold one of them while he loses another.
            self.write(given)
        if "accountable_user_id" in given and heir:
            transfers = self.env["customer.complaint.transfer"]
            reason = self.env._("Another user is accountable from now on")
            transfers.create(transfers._prepare_accountable_vals(self, left, heir, reason))
