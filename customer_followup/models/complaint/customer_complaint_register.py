from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import masking
from .customer_complaint import CLOSED

CONTACT = "customer_followup.group_data_contact"
OVERSIGHT = "customer_followup.group_followup_leader,customer_followup.group_followup_auditor"

# Longer names are no names.
NAME_LETTERS = 200
# What the complainant gave of themselves, and the field by which users enter it.
GIVEN = {
    "complainant_name": "complainant_name",
    "complainant_phone": "unknown_phone",
    "complainant_email": "unknown_email",
}


class CustomerComplaint(models.Model):
    """Registration of a complaint: complainant, subject, place and time of the event."""

    _inherit = "customer.complaint"
    _followed_fields = frozenset({"complainant_id", *GIVEN, *GIVEN.values()})

    date_recorded = fields.Datetime(
        string="Recorded on", readonly=True, copy=False, default=fields.Datetime.now
    )
    receiver_ids = fields.Many2many(
        "res.users",
        relation="customer_complaint_receiver_rel",
        column1="complaint_id",
        column2="user_id",
        string="Received by",
        copy=False,
        domain="[('share', '=', False)]",
        help="The receiver with the highest grade is accountable.",
    )
    complainant_id = fields.Many2one(
        "res.partner",
        string="Represented by",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Empty: the customer has no representative.",
    )
    complainant_name = fields.Char(
        string="Complainant name", help="For a complainant who is not a contact in the database."
    )
    complainant_phone = fields.Char(groups=CONTACT, copy=False)
    complainant_email = fields.Char(groups=CONTACT, copy=False)
    # Masked copies that all users may read and fill in; the values are restricted by group.
    unknown_phone = fields.Char(
        string="Complainant phone",
        compute="_compute_unknown",
        inverse="_inverse_unknown_phone",
        compute_sudo=True,
    )
    unknown_email = fields.Char(
        string="Complainant e-mail",
        compute="_compute_unknown",
        inverse="_inverse_unknown_email",
        compute_sudo=True,
    )
    object_kind = fields.Selection(
        [
            ("product", "Product"),
            ("service", "Service"),
            ("employee", "Employee"),
            ("price", "Price"),
            ("promise", "Promise"),
        ],
        string="About",
    )
    object_name = fields.Char(
        string="Product or service",
        help="Model, plate number, order or service, as the customer describes it.",
    )
    object_model = fields.Char(copy=False)
    object_id = fields.Many2oneReference(model_field="object_model", copy=False)
    object_ref = fields.Reference(
        selection="_selection_object_ref",
        string="Document",
        compute="_compute_object_ref",
        inverse="_inverse_object_ref",
        help="Shown to users who may read the document.",
    )
    # Not tracked: tracking would send the names to followers, but only leaders may see them.
    accused_user_ids = fields.Many2many(
        "res.users",
        relation="customer_complaint_accused_rel",
        column1="complaint_id",
        column2="user_id",
        string="Employees concerned",
        copy=False,
        groups=OVERSIGHT,
        domain="[('share', '=', False)]",
    )
    # For searches only: a complaint may be in both registers.
    in_register = fields.Selection(
        lambda self: self.env["customer.complaint.category"]._fields["register"].selection,
        string="Register",
        compute="_compute_in_register",
        search="_search_in_register",
    )
    date_event = fields.Datetime(string="Happened on")
    place = fields.Char()
    remedy_asked = fields.Selection(
        [
            ("return", "Return"),
            ("replace", "Replacement"),
            ("repair", "Repair"),
            ("refund", "Refund"),
            ("compensation", "Compensation"),
            ("apology", "Apology"),
            ("explanation", "Explanation"),
            ("other", "Other"),
        ],
        string="Requested remedy",
    )
    amount_asked = fields.Monetary(string="Requested amount")
    currency_id = fields.Many2one(related="company_id.currency_id")
    tag_ids = fields.Many2many(
        "customer.complaint.tag",
        relation="customer_complaint_tag_rel",
        column1="complaint_id",
        column2="tag_id",
    )
    decision = fields.Text(string="Management's instruction", copy=False, groups=OVERSIGHT)
    progress = fields.Selection(
        [("waiting", "To assign"), ("running", "In progress"), ("done", "Done")],
        compute="_compute_progress",
    )

    @api.depends("category_id.register")
    def _compute_in_register(self):
        for complaint in self:
            complaint.in_register = complaint.category_id.register

    def _search_in_register(self, operator, value):
        """Search complaints by register; the attitude register includes those about employees.

        The latter are found only by users who may read which employees are concerned.
        """
        if operator != "in":
            return NotImplemented
        found = Domain("category_id.register", "in", value)
        may_see = self._has_field_access(self._fields["accused_user_ids"], "read")
        if "attitude" in value and may_see:
            found |= Domain("accused_user_ids", "!=", False)
        return found

    @api.depends("state", "user_id")
    def _compute_progress(self):
        for complaint in self:
            begun = "running" if complaint.user_id else "waiting"
            complaint.progress = "done" if complaint.state == "closed" else begun

    @api.depends("complainant_phone", "complainant_email")
    @api.depends_context("uid")
    def _compute_unknown(self):
        is_masked = self.env["res.users"]._is_customer_data_masked()
        for complaint in self:
            phone, email = complaint.complainant_phone, complaint.complainant_email
            complaint.unknown_phone = masking.phone(phone) if is_masked else phone
            complaint.unknown_email = masking.email(email) if is_masked else email

    @api.model
    def _prepare_vals(self, vals):
        """Return values for creation or change; what users type as a name is shown to all."""
        if vals.get("complainant_name"):
            name = masking.text(vals["complainant_name"][:NAME_LETTERS])
            vals = {**vals, "complainant_name": name}
        return self._prepare_verdict_vals(vals)

    def _inverse_unknown_phone(self):
        self._note_unknown("complainant_phone", "unknown_phone")

    def _inverse_unknown_email(self):
        self._note_unknown("complainant_email", "unknown_email")

    def _note_unknown(self, name, shown):
        shorten = {"complainant_phone": masking.phone, "complainant_email": masking.email}[name]
        for complaint in self:
            entered = complaint[shown]
            # Any user may enter it, including those who may not read it afterwards.
            if not masking.is_short(entered):
                complaint.sudo()[name] = entered
            elif entered != shorten(complaint.sudo()[name]):
                raise UserError(
                    self.env._(
                        "“%s” hides a part of the number or address: enter the whole one.", entered
                    )
                )

    def _follow_customer(self, before=None):
        """Log that complaints have another contact, and end what the former customer had.

        :param before: as for :meth:`_follow`
        """
        if before is None:
            return
        # The change may have ended the user's access to the complaint.
        for complaint in self._changed(before, "partner_id", "complainant_id").sudo():
            text = complaint._changed_links_text(before[complaint], "partner_id", "complainant_id")
            complaint._message_log(body=text)
        changed = self._of_another_customer(before)
        for complaint in changed:
            complaint._forget_customer(before[complaint])
        moved = changed | self._changed(before, "company_id").sudo()
        self.env["customer.followup.enrollment"]._stop_about(moved)

    def _of_another_customer(self, before=None):
        """Return, in sudo, the complaints that were those of another customer.

        :param before: as for :meth:`_follow`
        """
        return (
            (self._changed(before, "partner_id") if before else self.browse())
            .sudo()
            .filtered(
                lambda one: (
                    before[one]["partner_id"]
                    and before[one]["partner_id"].commercial_partner_id != one.commercial_partner_id
                )
            )
        )

    def _forget_customer(self, before):
        """Remove what a former customer gave and answered, unless it was entered just now.

        :param before: the former values of the fields that were written
        """
        vals = {
            name: False for name, entered in GIVEN.items() if not {name, entered} & before.keys()
        }
        if self.complainant_id.commercial_partner_id != self.commercial_partner_id:
            vals |= {} if "complainant_id" in before else {"complainant_id": False}
        if self.state != CLOSED:
            # The present customer has neither been answered nor asked.
            vals |= dict.fromkeys(("confirmation", "date_confirmation", "satisfaction"), False)
            vals |= {"date_answered": False, "date_last_answer": False}
            if self.state == "awaiting" or self.stage_id.is_answer_needed:
                vals["stage_id"] = self._stage_to_try_again().id
        self._record(vals)

    def _contact_person(self):
        return self.complainant_id or self.partner_id

    def _contact_details(self):
        """Add the details given with the complaint where they differ from those of the contact."""
        shown = super()._contact_details()
        for name in ("phone", "email"):
            given = self[f"complainant_{name}"]
            key = f"given_{name}" if shown[name] else name
            if given and given != shown[name]:
                shown[key] = given
        return shown

    @api.model
    def _selection_object_ref(self):
        # Names of models are not confidential; access is checked for each of them.
        models_ = (
            self.env["ir.model"]
            .sudo()
            .search(
                [("is_mail_thread", "=", True), ("transient", "=", False), ("abstract", "=", False)]
            )
        )
        return [(model.model, model.name) for model in models_ if self._is_document(model.model)]

    @api.model
    def _is_document(self, name):
        """Say whether records of a model are documents of customers that the user may read."""
        model = self.env.get(name)
        if model is None or isinstance(model, self.pool["customer.card.mixin"]):
            return False
        partner = model._fields.get("partner_id")
        has_customer = partner and partner.store and partner.comodel_name == "res.partner"
        return bool(has_customer and "name" in model._fields and model.has_access("read"))

    @api.depends("object_model", "object_id")
    @api.depends_context("uid")
    def _compute_object_ref(self):
        shown = dict(self._selection_object_ref()) if any(self.mapped("object_model")) else {}
        for model, complaints in self.grouped("object_model").items():
            if model not in shown:
                complaints.object_ref = False
                continue
            documents = self.env[model].browse(complaints.mapped("object_id")).exists()
            readable = set(documents._filtered_access("read")._ids)
            for complaint in complaints:
                is_shown = complaint.object_id in readable
                complaint.object_ref = is_shown and f"{model},{complaint.object_id}"

    def _inverse_object_ref(self):
        for complaint in self:
            document = complaint.object_ref
            if document:
                document.check_access("read")
            complaint.object_model = document and document._name
            complaint.object_id = document and document.id

    def _assign_accountable(self):
        """Make the receiver with the highest grade accountable for the complaint."""
        # Grades are restricted; only the accountable user is set from them.
        for complaint in self.sudo().filtered("receiver_ids"):
            receivers = complaint.receiver_ids.sorted("customer_grade", reverse=True)
            complaint._record({"accountable_user_id": receivers[:1].id})

    def _accuse(self, users):
        """Record which employees are concerned."""
        self.check_access("write")
        # Any user may name them, but only leaders may read the names afterwards.
        self.sudo().accused_user_ids |= users
