from markupsafe import Markup

from odoo import fields, models
from odoo.fields import Domain

from .customer_complaint import CLOSED
from .customer_complaint_handing import OFFER
from .customer_complaint_level import VIOLATION

MANAGER = "customer_followup.group_followup_manager"


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
        for complaint in self.sudo().filtered(lambda one: one._is_confided()):
            told = complaint._filter_allowed(complaint.decision_maker_id)
            officer = complaint._filter_allowed(complaint._compliance())
            if complaint.state == CLOSED or (told and told == (officer or told)):
                continue
            complaint.decision_maker_id = complaint._decision_maker()
            if complaint.decision_maker_id:
                complaint.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("%s is about an employee: you decide", complaint.name),
                    note=complaint._slip_note(),
                    user_id=complaint.decision_maker_id.id,
                )

    def _is_confided(self):
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

    def _decision_maker(self):
        """Return the general manager; if he may not know, his deputy, else some manager."""
        self.ensure_one()
        company = self.env["res.company"].sudo().browse(self.company_id.id)
        _lines, heads = self.accused_user_ids._lines_above()
        nobody = self.env["res.users"].sudo()
        general = nobody.union(*heads.values()) or self._general_managers()
        options = (self._compliance(), general, company.customer_deputy_id)
        managers = self.env.ref(MANAGER).sudo().all_user_ids - self.env.ref("base.user_root")
        for some in (*options, managers.sorted("id")):
            able = some.filtered(lambda user: user.active and company in user.company_ids)
            if known := self._filter_allowed(able):
                return known[0]
        return nobody

    def _general_managers(self):
        """Return who leads the topmost team: above the complaint's, else of its company."""
        # Who leads whom is known to whoever works in a team.
        team = self.sudo().team_id or self.env["customer.team"]._root(self.company_id)
        return team._general_managers()

    def _successors(self, is_passed_on=False):
        """Return who takes complaints over: ``{complaint: user}``.

        Whoever looks after the customer, else who leads the team that handles it, else who
        decides; each only if he may know.

        :param is_passed_on: whether the present handler gives them away
        """
        ownership = self.env["customer.ownership"]
        heirs = {}
        for company, complaints in self.grouped("company_id").items():
            holders = ownership._holders(complaints.partner_id, company, ("backup", "owner"))
            for complaint in complaints:
                customer = complaint.commercial_partner_id.id
                options = [holders.get((customer, role)) for role in ("backup", "owner")]
                team = complaint.team_id
                while team:
                    options.append(team.leader_id)
                    team = team.parent_id
                giver = complaint.user_id if is_passed_on else self.env["res.users"]
                able = (one - giver for one in options if one and one.active)
                known = (one for one in able if complaint._filter_allowed(one))
                heirs[complaint] = next(known, None) or complaint._decision_maker()
        return heirs

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
        heirs = held._successors()
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
            self.env["customer.complaint.transfer"].create(
                {
                    "complaint_id": self.id,
                    "kind": "answerable",
                    "from_user_id": left.id,
                    "to_user_id": heir.id,
                    "reason": self.env._("Somebody else answers for it from now on"),
                    "state": "accepted",
                    "date_decided": fields.Datetime.now(),
                }
            )
