import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

from ...tools import filetype


class CustomerComplaintEvidence(models.Model):
    """A piece of evidence for a complaint, such as a photo or a document."""

    _name = "customer.complaint.evidence"
    _description = "Evidence"
    _inherit = ["customer.complaint.part.mixin"]
    _order = "id"

    name = fields.Char(string="File name", required=True)
    kind = fields.Selection(
        [
            ("photo", "Photo"),
            ("video", "Video"),
            ("audio", "Recording"),
            ("document", "Document"),
            ("other", "Other"),
        ],
        required=True,
        default="photo",
    )
    datas = fields.Binary(string="File", attachment=True, required=True)
    note = fields.Char(string="Description")
    is_from_other = fields.Boolean(
        string="Sent by another person",
        readonly=True,
        copy=False,
        help="The sender was not recognised as the customer, who does not see this file.",
    )

    def write(self, vals):
        if "datas" in vals and not self.env.su:
            # Evidence of the customer must stay unchanged.
            for evidence in self:
                raise UserError(
                    self.env._("“%s” cannot be changed. Add another file instead.", evidence.name)
                )
        return super().write(vals)

    @api.constrains("datas")
    def _check_datas(self):
        for evidence in self.with_context(bin_size=False):
            self._check_file({"name": evidence.name, "datas": evidence.datas}, evidence.company_id)

    @api.model
    def _check_file(self, vals, company):
        """Raise if the company does not accept a file, with a message for the sender."""
        content = base64.b64decode(vals.get("datas") or b"")
        # The limits are public, as each sender of a refused file sees them.
        company = company.sudo()
        most = company.customer_evidence_mb
        if len(content) > most * 1024 * 1024:
            raise UserError(
                self.env._(
                    "“%(file)s” is too large. The limit is %(most)s MB.",
                    file=vals.get("name"),
                    most=most,
                )
            )
        taken = (company.customer_evidence_types or "").replace(",", " ").split()
        # By its content, because a file name can be wrong.
        if content and not media_type(content).startswith(tuple(taken)):
            raise UserError(
                self.env._(
                    "“%(file)s” has a file type that is not accepted. Accepted: %(taken)s.",
                    file=vals.get("name"),
                    taken=", ".join(taken),
                )
            )


def media_type(content):
    """Return the media type of a file, including types that Odoo does not detect itself."""
    return filetype.media_type(content) or guess_mimetype(content)
