from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

BATCH = 1000


class CustomerAccessLog(models.Model):
    """One access of a user to a customer's data: when, how and why."""

    _name = "customer.access.log"
    _description = "Access to Customer Data"
    _order = "id desc"
    _rec_name = "user_login"
    _log_access = False

    # Plain ids and texts, no foreign keys: a row must outlive the people and records it names.
    date = fields.Datetime(
        required=True, readonly=True, index=True, default=lambda self: self.env.cr.now()
    )
    user_res_id = fields.Integer(string="User ID", required=True, readonly=True, index=True)
    user_login = fields.Char(string="User", required=True, readonly=True)
    company_res_id = fields.Integer(string="Company ID", readonly=True, index=True)
    partner_res_id = fields.Integer(string="Customer ID", readonly=True, index=True)
    action = fields.Selection(
        [
            ("reveal", "Contact details shown"),
            ("open", "Card opened"),
            ("dial", "Number dialled"),
            ("export", "Exported"),
            ("override", "Gate overridden"),
        ],
        required=True,
        readonly=True,
    )
    subject = fields.Char(
        string="Fields shown", readonly=True, help="Names of the fields, never their values."
    )
    reason = fields.Char(readonly=True)
    res_model = fields.Char(string="Document model", readonly=True)
    res_id = fields.Many2oneReference(string="Document", model_field="res_model", readonly=True)
    customer_name = fields.Char(
        string="Customer", compute="_compute_customer_name", help="As the customer is called now."
    )

    @api.depends("partner_res_id")
    def _compute_customer_name(self):
        # The reader of the log may not read contacts; it shows names, never contact details.
        ids = {row.partner_res_id for row in self if row.partner_res_id}
        present = {id_: id_ for id_ in ids} | self.env["customer.merge"]._targets(ids)
        partners = self.env["res.partner"].sudo().browse(set(present.values())).exists()
        known = {partner.id: partner._shown_name() for partner in partners}
        names = {id_: known.get(other) for id_, other in present.items()}
        for row in self:
            if not row.partner_res_id:
                row.customer_name = self.env._("Not among the contacts")
                continue
            row.customer_name = names.get(row.partner_res_id) or self.env._(
                "Customer %s, deleted", row.partner_res_id
            )

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Find the rows of contacts that became part of the one that is asked about."""
        domain = Domain(domain).map_conditions(self._with_merged)
        return super()._search(domain, *args, **kwargs)

    def _with_merged(self, condition):
        if condition.field_expr != "partner_res_id" or condition.operator not in ("=", "in"):
            return condition
        value = condition.value
        ids = {value} if condition.operator == "=" else {*value}
        merged = self.env["customer.merge"]._sources(id_ for id_ in ids if id_)
        return Domain("partner_res_id", "in", [*ids, *merged]) if merged else condition

    def write(self, vals):  # pylint: disable=method-required-super
        raise AccessError(self.env._("The access log cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("The access log cannot be deleted."))

    @api.model
    def _log(self, action, partners, records=None, reason=None, subject=None):
        """Write one row per partner and return the rows.

        :param records: the records opened, one for each partner, in their order
        :param subject: names of the fields shown
        """
        documents = records or partners
        common = {
            "action": action,
            "user_res_id": self.env.uid,
            "user_login": self.env.user.login,
            "reason": reason,
            "subject": subject,
        }
        pairs = zip(partners, documents, strict=True)
        ids = []
        # An export logs many: written some at a time, they do not stay in memory.
        while some := [
            {
                **common,
                "company_res_id": self._company_of(document).id,
                "partner_res_id": partner.id,
                "res_model": document._name,
                "res_id": document.id,
            }
            for partner, document in islice(pairs, BATCH)
        ]:
            # No user may write the log; the rows name the user of the environment.
            rows = self.sudo().create(some)
            ids += rows.ids
            if len(some) == BATCH:
                rows.flush_recordset()
                rows.invalidate_recordset(flush=False)
        return self.sudo().browse(ids)

    @api.model
    def _company_of(self, document):
        """Return the company of a record that was opened; of a shared one, the reader's."""
        # Only the company is read, of a record that the user has opened.
        own = document.sudo()["company_id"] if "company_id" in document._fields else None
        return own or self.env.company
