from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.ground.system import serialize
from ..tools.folding import has_letters

SHOWN_MINUTES = 5
DAILY_QUOTA = 50


class CustomerReveal(models.TransientModel):
    """One access to a customer's contact details, with its reason."""

    _name = "customer.reveal"
    _description = "Show Contact Details"

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True)
    action = fields.Selection(
        [("reveal", "Show"), ("dial", "Call")], required=True, default="reveal", readonly=True
    )
    reason = fields.Char(help="Kept in the access log.")
    # Closed to all users: one who could write it could read details without a row in the log.
    date_shown = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)
    # The person whose details are in the log; none for a complainant who is no contact.
    person_res_id = fields.Integer(readonly=True, copy=False, groups=fields.NO_ACCESS)
    is_open = fields.Boolean(compute="_compute_phone")
    phone = fields.Char(compute="_compute_phone")
    email = fields.Char(string="E-mail", compute="_compute_phone")
    given_phone = fields.Char(string="Phone given", compute="_compute_phone")
    given_email = fields.Char(string="E-mail given", compute="_compute_phone")

    @api.depends("date_shown")
    def _compute_phone(self):
        for look in self:
            look.is_open = look._is_shown()
            # The record was opened by the user; the access is in the log.
            shown = look._revealed_record().sudo()._contact_details() if look.is_open else {}
            for name in ("phone", "email", "given_phone", "given_email"):
                look[name] = shown.get(name)

    def _is_shown(self):
        """Say whether the user asked for this access some minutes ago."""
        if self != self._origin:
            # Not saved yet: all its values come from the browser.
            return False
        # Read only: when it was shown, which its reader must not be able to write.
        shown = self.sudo().date_shown
        oldest = fields.Datetime.now() - timedelta(minutes=SHOWN_MINUTES)
        if self.create_uid != self.env.user or not shown or shown < oldest:
            return False
        # The record may have become one of another person.
        person = self._revealed_record().sudo()._contact_person()
        return person.id == (self.sudo().person_res_id or False)

    def write(self, vals):
        if not self.env.su and set(vals) - {"reason"}:
            raise AccessError(
                self.env._(
                    "Contact details are shown for one customer at a time: open a single record."
                )
            )
        return super().write(vals)

    def action_show(self):
        """Log the access, then show the details for some minutes."""
        self.ensure_one()
        if not has_letters(self.reason):
            raise UserError(self.env._("Say why you need the contact details."))
        self._check_quota()
        record = self._revealed_record()
        # Access to a person who is no contact is logged as well.
        person = record.sudo()._contact_person() or [record.partner_id]
        self.env["customer.access.log"]._log(
            self.action, person, record, reason=self.reason, subject="phone, email"
        )
        # The one place that shows details, after the row in the log.
        self.sudo().write(
            {
                "date_shown": fields.Datetime.now(),
                "person_res_id": record.sudo()._contact_person().id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contact details"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _check_quota(self):
        # Of looks at the same time, each counts those before it.
        serialize(self.env.user)
        since = fields.Datetime.now() - timedelta(days=1)
        # The log is closed to agents; only a count of their own rows leaves it.
        used = (
            self.env["customer.access.log"]
            .sudo()
            .search_count(
                [
                    ("user_res_id", "=", self.env.uid),
                    ("action", "in", ("reveal", "dial")),
                    ("date", ">=", since),
                ]
            )
        )
        if used >= DAILY_QUOTA:
            raise UserError(
                self.env._(
                    "You have opened %s customers' contact details within a day. Ask your team"
                    " leader to contact this one.",
                    used,
                )
            )

    def _revealed_record(self):
        """Return the record looked from, which its reader must be allowed to read."""
        model = self.env.get(self.res_model)
        if model is None or not isinstance(model, self.pool["customer.card.mixin"]):
            raise UserError(self.env._("Open the contact details from a customer's record."))
        record = model.browse(self.res_id)
        record.check_access("read")
        return record
