from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import gate
from .customer_followup import OPEN_STATES, PLANNED, WITHHELD

# A contact that waited longer for the right number is not made any more.
CORRECTED_DAYS = 30
# What nobody can decide away: there is nothing to reach the customer by.
FINAL = ("archived", "no_phone", "no_email", "wrong_number")
# What happened to contacts before the commit.
CHANGED = "customer_followup.contacts"
CORRECTED, ARCHIVED = "corrected", "archived"


class CustomerFollowup(models.Model):
    """What the gate says to contacts, and what a manager may decide against it."""

    _inherit = "customer.followup"

    override_note = fields.Char(
        string="Allowed by a manager",
        readonly=True,
        copy=False,
        help="Why this contact is made although the gate withheld it.",
    )
    override_user_id = fields.Many2one(
        "res.users", string="Who allowed it", readonly=True, copy=False, ondelete="restrict"
    )

    def _gate(self, moment=None, is_planned=False):
        """Ask the gate about each contact at naive UTC ``moment`` (now): verdicts by id.

        :param is_planned: ask about the moment for which each is planned instead
        """
        moment = moment or fields.Datetime.now()
        # The gate answers for people and plans the asker may not open; no value leaves it.
        contacts = self.sudo()
        made = contacts.partner_id._contacts_made(contacts.purpose_id, but=contacts)
        return {
            contact.id: contact._verdict(
                facts,
                contact.date_planned if is_planned else moment,
                made.get((contact.partner_id.id, contact.purpose_id.id), ()),
            )
            for contact, facts in contacts._facts().items()
        }

    def _verdict(self, facts, moment, made):
        found = gate.verdict(facts, self._terms(), moment, made)
        if self.override_user_id and found.reason not in FINAL and found.state == gate.BLOCKED:
            return gate.Verdict(gate.ALLOWED)
        return found

    def _terms(self):
        """Return what this contact asks of the gate when it is about to be made."""
        asked = self.plan_id._terms(self.purpose_id, self.channel_id, self.team_id, self.company_id)
        earliest = self.enrollment_id and self.plan_id._earliest(self.enrollment_id.date_anchor)
        return asked._replace(earliest=earliest, is_agreed=self.is_agreed, is_now=True)

    def _agreed_verdict(self, moment):
        """Return the gate's verdict on a moment (naive UTC) the customer chose himself."""
        contact = self.sudo()
        facts = contact._facts()[contact]._replace(windows=())
        return gate.verdict(facts, contact._terms()._replace(is_agreed=True), moment)

    def _withhold(self, reason):
        """Set the contacts aside for ``reason``, countable."""
        self._end(WITHHELD, reason)
        self.env["customer.contact.refusal"]._note(dict.fromkeys(self, reason))

    def action_override(self):
        """Ask a manager why these withheld contacts shall be made all the same."""
        self.ensure_one()
        self._check_override()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Make it all the same"),
            "res_model": "customer.followup.override",
            "view_mode": "form",
            "target": "new",
            "context": {"default_followup_id": self.id},
        }

    def _check_override(self):
        if not self.env.user.has_group("customer_followup.group_followup_manager"):
            raise UserError(self.env._("Only a manager may overrule what the gate withheld."))
        self.check_access("write")
        for contact in self:
            if contact.state != WITHHELD:
                raise UserError(
                    self.env._("%(contact)s is not withheld.", contact=contact.display_name)
                )
            if contact.close_code in FINAL:
                raise UserError(contact._refusal_text(gate.Verdict("", None, contact.close_code)))

    def _override(self, note):
        """Let withheld contacts be made, for a reason that is kept."""
        self._check_override()
        now = fields.Datetime.now()
        # Who decided is a fact, which nobody writes by hand.
        for contact in self.sudo():
            contact.write(
                {
                    "state": PLANNED,
                    "date_done": False,
                    "close_code": False,
                    "override_note": note,
                    "override_user_id": self.env.uid,
                    "date_planned": max(contact.date_planned, now),
                    "date_deadline": max(contact.date_deadline, now + timedelta(days=1)),
                    "is_agreed": contact.is_agreed,
                }
            )
        # Names are read for the log only.
        self.env["customer.access.log"]._log(
            "override", self.sudo().partner_id, self, reason=note, subject=self[:1].name
        )

    def action_call(self):
        """Ask the gate, log the look, and show the number to call."""
        self.ensure_one()
        self.check_access("write")
        verdict = self._gate()[self.id]
        if verdict.state != gate.ALLOWED:
            raise UserError(self._refusal_text(verdict))
        look = self.env["customer.reveal"].create(
            {
                "res_model": self._name,
                "res_id": self.id,
                "action": "dial",
                "reason": self._call_reason(),
            }
        )
        return look.action_show()

    def _call_reason(self):
        """Return why the customer is called, for the access log."""
        if not self.purpose_id.is_any_hour:
            return self.name
        return self.env._(
            "%(purpose)s: %(occasion)s", purpose=self.purpose_id.name, occasion=self.name
        )

    def _refusal_text(self, verdict):
        if verdict.reason == "hours":
            return self.env._(
                "%(contact)s: not now. The contact hours are %(hours)s of the customer's day.",
                contact=self.display_name,
                hours=self.channel_id._hours_text(),
            )
        return self.env._(
            "%(contact)s: do not contact. %(reason)s.",
            contact=self.display_name,
            reason=self._reason_text(verdict.reason),
        )

    def _reason_text(self, reason):
        return dict(self._fields["close_code"]._description_selection(self.env))[reason]


class CustomerFollowupPlan(models.Model):
    _inherit = "customer.followup.plan"

    def _terms(self, purpose, channel, team, company):
        """Return what contacts of the plan (or of none) ask of the gate."""
        workdays = None
        if self.is_workdays_only:
            workdays = self.env["customer.workday"]._workdays(team.calendar_id, company)
        return gate.prepare_request(
            purpose,
            channel,
            # What rests on consent needs it, whatever its purpose.
            needs_consent=self.lawful_basis == "consent",
            windows=self.window_ids._spans(),
            workdays=workdays,
        )

    def _earliest(self, anchor):
        """Return before when (naive UTC) who started at ``anchor`` is left alone, or ``None``."""
        hours = self.cooling_off_hours
        return anchor + timedelta(hours=hours) if hours else None


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"phone", "email"}:
            self._note_change(CORRECTED)
        if "active" in vals and not vals["active"]:
            self._note_change(ARCHIVED)
        return result

    def _note_change(self, kind):
        """Have follow-ups updated before the commit: imports change contacts one by one."""
        precommit = self.env.cr.precommit
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = {CORRECTED: set(), ARCHIVED: set()}
            precommit.add(self.browse()._follow_changes)
        precommit.data[CHANGED][kind].update(self.ids)

    @api.model
    def _follow_changes(self):
        """Withhold the follow-ups of archived contacts, and plan those of corrected ones again."""
        changed = self.env.cr.precommit.data.pop(CHANGED)
        since = fields.Datetime.now() - timedelta(days=CORRECTED_DAYS)
        pending = Domain("partner_id", "in", changed[ARCHIVED]) & Domain("state", "in", OPEN_STATES)
        waiting = (
            Domain("partner_id", "in", changed[CORRECTED])
            & Domain("state", "=", WITHHELD)
            & Domain("close_code", "=", "wrong_number")
            & Domain("date_done", ">=", since)
        )
        # Contacts are changed by people who do not see these follow-ups.
        found = self.env["customer.followup"].sudo().search(pending | waiting)
        if not found:
            return
        corrected = found.filtered(lambda one: one.state == WITHHELD)
        # It may have been restored since, as after a mistake.
        (found - corrected).filtered(lambda one: not one.partner_id.active)._withhold("archived")
        verdicts = corrected._gate()
        corrected.filtered(lambda one: verdicts[one.id].state != gate.BLOCKED)._live_again()
        self.env.flush_all()

    def _note_consent(self, purpose, kind, how, channel=None, note=None, notice=None):
        """Record the wish; what is pending against it is withheld at once."""
        rows = super()._note_consent(purpose, kind, how, channel, note, notice)
        if kind == "withdrawn":
            domain = [("partner_id", "in", self.ids), ("state", "in", OPEN_STATES)]
            # The wish holds for whoever's contacts.
            pending = self.env["customer.followup"].sudo().search(domain)
            for contact_id, verdict in pending._gate().items():
                if verdict.reason == "withdrawn":
                    pending.browse(contact_id)._withhold("withdrawn")
        return rows
