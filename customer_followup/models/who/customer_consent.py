from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

GIVEN, WITHDRAWN, NONE = "given", "withdrawn", "none"


class CustomerConsent(models.Model):
    """What a person allowed or refused: one purpose and channel, when, and the proof."""

    _name = "customer.consent"
    _description = "Consent"
    _check_company_auto = True
    _inherit = ["customer.card.mixin"]
    _order = "date desc, id desc"
    _rec_name = "kind"

    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, readonly=True, ondelete="restrict"
    )
    purpose_id = fields.Many2one(
        "customer.purpose",
        readonly=True,
        ondelete="restrict",
        help="Empty: every purpose but answers and legal notices.",
    )
    channel_id = fields.Many2one(
        "customer.channel", readonly=True, ondelete="restrict", help="Empty: every channel."
    )
    kind = fields.Selection(
        [(GIVEN, "Allowed"), (WITHDRAWN, "Refused"), (NONE, "Nothing said")],
        required=True,
        readonly=True,
        help="“Nothing said” takes back a line that was recorded by mistake.",
    )
    corrects_id = fields.Many2one(
        "customer.consent",
        string="Takes back",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The line that was recorded by mistake; neither of the two counts.",
    )
    how = fields.Selection(
        [
            ("spoken", "Said so"),
            ("written", "Wrote so"),
            ("message", "Answered a message"),
            ("page", "On our page"),
            ("import", "Taken over from another system"),
            ("merge", "Said in another record of the person"),
        ],
        required=True,
        readonly=True,
    )
    notice = fields.Char(string="Wording", readonly=True, help="The text the customer agreed to.")
    note = fields.Char(string="Proof", readonly=True, help="Where the proof is kept.")
    date = fields.Datetime(
        string="Recorded on", required=True, readonly=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        "res.users",
        string="Recorded by",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )

    # The gate: what each person said last about each purpose and channel.
    _standing_idx = models.Index("(partner_id, purpose_id, channel_id, date DESC, id DESC)")

    def write(self, vals):
        # Merging contacts moves rows by SQL; there is no other reason to change one.
        if vals:
            raise AccessError(self.env._("Consents are not changed: add a new line."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("Consents are not deleted."))

    def _take_back(self, note):
        """Add lines that revoke these, which were recorded by mistake."""
        # Users take back a wish they recorded by mistake; the lines themselves stay.
        return self.sudo().create(
            [
                {
                    "partner_id": row.partner_id.id,
                    "purpose_id": row.purpose_id.id,
                    "channel_id": row.channel_id.id,
                    "company_id": row.company_id.id,
                    "kind": NONE,
                    "how": row.how,
                    "note": note,
                    "corrects_id": row.id,
                    "user_id": self.env.uid,
                }
                for row in self
            ]
        )

    @api.model
    def _standing(self, people, moment=None):
        """Return what each person said last: ``{id: {(purpose id, channel id): kind}}``.

        Ids of purpose and channel are ``None`` for all of them. One query.

        :param moment: as it stood then, naive UTC; now
        """
        return {
            person_id: {place: kind for place, (kind, _when) in said.items()}
            for person_id, said in self._statements(people, moment).items()
        }

    @api.model
    def _statements(self, people, moment=None):
        """Return what :meth:`_standing` does, with when: ``(kind, (naive UTC, id))`` by place."""
        moment = moment or fields.Datetime.now()
        query = SQL(
            """SELECT DISTINCT ON (partner_id, purpose_id, channel_id)
                      partner_id, purpose_id, channel_id, kind, date, id
                 FROM customer_consent AS consent
                WHERE partner_id = ANY(%s) AND date <= %s AND corrects_id IS NULL
                  AND NOT EXISTS (SELECT 1 FROM customer_consent AS correction
                                   WHERE correction.corrects_id = consent.id
                                     AND correction.date <= %s)
                ORDER BY partner_id, purpose_id, channel_id, date DESC, id DESC""",
            people.ids,
            moment,
            moment,
        )
        self.flush_model()
        said = {}
        for person_id, purpose_id, channel_id, kind, *when in self.env.execute_query(query):
            said.setdefault(person_id, {})[purpose_id, channel_id] = kind, tuple(when)
        return said

    @api.model
    def _is_refused(self, person, purpose=None):
        """Say whether a purpose, or everything, is refused and no part of it allowed since."""
        said = self._statements(person).get(person.id, {})
        refused = said.get((purpose.id if purpose else None, None))
        if not refused or refused[0] != WITHDRAWN:
            return False
        return not any(
            kind == GIVEN and when > refused[1]
            for (purpose_id, _channel_id), (kind, when) in said.items()
            if not purpose or purpose_id in (purpose.id, None)
        )

    @api.model
    def _merged_into(self, sources, destination):
        """Refuse again what one of the contacts refused and another one allowed later."""
        said = self._statements(sources | destination)
        refused = {
            _common(place, other)
            for person_id, own in said.items()
            for place, (kind, when) in own.items()
            if kind == WITHDRAWN
            for other_id, others in said.items()
            if other_id != person_id
            for other, (other_kind, later) in others.items()
            if other_kind == GIVEN and later > when and _last_kind(own, place, other) == WITHDRAWN
        }
        for purpose_id, channel_id in sorted(filter(None, refused), key=str):
            destination._record_wish(
                self.env["customer.purpose"].browse(purpose_id or ()),
                WITHDRAWN,
                "merge",
                self.env["customer.channel"].browse(channel_id or ()),
            )
        return super()._merged_into(sources, destination)


def _common(place, other):
    """Return the purpose and channel that two places have in common, or ``None``."""
    if any(one and two and one != two for one, two in zip(place, other, strict=True)):
        return None
    return tuple(one or two for one, two in zip(place, other, strict=True))


def _last_kind(said, place, other):
    """Return what one person said last about what two places have in common."""
    common = _common(place, other)
    covering = [
        (when, kind)
        for there, (kind, when) in said.items()
        if common and kind != NONE and _common(there, common) == common
    ]
    return max(covering, default=(None, None))[1]
