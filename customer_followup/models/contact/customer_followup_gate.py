from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools import gate, worktime
from .customer_followup import GATE, MANAGER, PLAN_HOURS, PLANNED, WITHHELD

# Reasons that no manager can overrule: there is no number or address to use.
FINAL = ("archived", "no_phone", "no_email", "wrong_number")


class CustomerFollowup(models.Model):
    """The gate's verdicts on contacts, and how a manager overrules them."""

    _inherit = "customer.followup"
    _protected_fields = frozenset({"override_note", "override_user_id"})

    override_note = fields.Char(
        string="Reason for the override",
        readonly=True,
        copy=False,
        help="Why a manager allowed this contact although the gate withheld it.",
    )
    override_user_id = fields.Many2one(
        "res.users", string="Overridden by", readonly=True, copy=False, ondelete="restrict"
    )

    def _gate(self, moment=None, is_planned=False):
        """Return the gate's verdict on each contact at a moment (naive UTC, now), by id.

        :param is_planned: ask about the moment for which each is planned instead
        """
        moment = moment or fields.Datetime.now()
        # The gate reads people and plans that the user may not open; it returns none of it.
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
        found = gate.verdict(facts, self._gate_request(), moment, made)
        if self.override_user_id and found.reason not in FINAL and found.state == gate.BLOCKED:
            return gate.Verdict(gate.ALLOWED)
        return found

    def _gate_request(self):
        """Return the :class:`~.tools.gate.GateRequest` of this contact if it is made now."""
        asked = self.plan_id._gate_request(
            self.purpose_id, self.channel_id, self.team_id, self.company_id
        )
        earliest = self.enrollment_id and self.plan_id._earliest(self.enrollment_id.date_anchor)
        return asked._replace(earliest=earliest, is_agreed=self.is_agreed, is_now=True)

    def _agreed_verdict(self, moment):
        """Return the gate's verdict on a moment (naive UTC) that the customer asked for."""
        contact = self.sudo()
        facts = contact._facts()[contact]._replace(windows=())
        return gate.verdict(facts, contact._gate_request()._replace(is_agreed=True), moment)

    def _withhold(self, reason):
        """Withhold the contacts, and record the refusal for the statistics."""
        self._end(WITHHELD, reason)
        self.env["customer.contact.refusal"]._note(dict.fromkeys(self, reason))

    def _postpone(self, moment, reason="hours"):
        """Move contacts to the moment (naive UTC) from which the gate allows them.

        Their windows keep their length. What has expired by then is withheld.

        :param reason: why the gate does not allow them before
        """
        over = self.filtered(lambda one: one.date_expiry and one.date_expiry < moment)
        over._withhold(reason)
        for contact in self - over:
            # Only the zone of the customer's day is read.
            zone = contact.sudo().partner_id._customer_zone(contact.company_id)
            until = worktime.moved_deadline(
                contact.date_planned, contact.date_deadline, moment, zone
            )
            by = PLAN_HOURS if reason in gate.OF_PLAN else GATE
            contact._schedule(moment, until, by=by)

    def action_plan_again(self):
        """Ask the gate again about withheld contacts, and reopen those it allows."""
        self.check_access("write")
        withheld = self.filtered(lambda followup: followup.state == WITHHELD)
        verdicts = withheld._gate()
        for followup in withheld:
            verdict = verdicts[followup.id]
            if verdict.state == gate.BLOCKED:
                raise UserError(
                    self.env._(
                        "%(contact)s stays withheld: %(reason)s.",
                        contact=followup.display_name,
                        reason=self._reason_text(verdict.reason),
                    )
                )
        withheld._reopen()
        return True

    def _reopen(self):
        """Plan withheld contacts again."""
        self._record({"state": PLANNED, "date_done": False, "close_code": False})

    def action_override(self):
        """Ask for the reason to make a withheld contact."""
        self.ensure_one()
        self.check_access("read")
        self._check_override()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Override the gate"),
            "res_model": "customer.followup.override",
            "view_mode": "form",
            "target": "new",
            "context": {"default_followup_id": self.id},
        }

    def _check_override(self):
        if not self.env.user.has_group("customer_followup.group_followup_manager"):
            raise UserError(self.env._("Only managers can override the gate."))
        self.check_access("write")
        for contact in self:
            if contact.state != WITHHELD:
                raise UserError(
                    self.env._("%(contact)s is not withheld.", contact=contact.display_name)
                )
            if contact.close_code in FINAL:
                raise UserError(contact._refusal_text(gate.Verdict("", None, contact.close_code)))

    def _override(self, note):
        """Reopen withheld contacts, with a reason that is recorded."""
        self._check_override()
        now = fields.Datetime.now()
        for contact in self:
            contact._schedule(
                max(contact.date_planned, now),
                max(contact.date_deadline, now + timedelta(days=1)),
                by=MANAGER,
                state=PLANNED,
                date_done=False,
                close_code=False,
                override_note=note,
                override_user_id=self.env.uid,
            )
            # The log names people whom the manager may not open.
            self.env["customer.access.log"]._log(
                "override", contact.sudo().partner_id, contact, reason=note
            )

    def action_call(self):
        """Ask the gate, log the access, and show the number to call."""
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
                "%(contact)s: the contact hours are %(hours)s in the customer's time zone.",
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
