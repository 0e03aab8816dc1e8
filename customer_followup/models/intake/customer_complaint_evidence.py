import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

from ...tools import filetype


class CustomerComplaintEvidence(models.Model):
    """A proof of what happened: a photo, a recording, a paper."""

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
    note = fields.Char(string="What it shows")

    def write(self, vals):
        if "datas" in vals and not self.env.su:
            # What the customer brought is proof because nobody changes it.
            for evidence in self:
                raise UserError(self.env._("“%s” stays as it is: add another file.", evidence.name))
        return super().write(vals)

    @api.constrains("datas")
    def _check_datas(self):
        for evidence in self.with_context(bin_size=False):
            self._check_file({"name": evidence.name, "datas": evidence.datas}, evidence.company_id)

    @api.model
    def _check_file(self, vals, company):
        """Refuse a file that the company does not take, in a sentence for whoever sends it."""
        content = base64.b64decode(vals.get("datas") or b"")
        # What is taken is told to everybody whose file is refused.
        company = company.sudo()
        most = company.customer_evidence_mb
        if len(content) > most * 1024 * 1024:
            raise UserError(
                self.env._(
                    "“%(file)s” is too big: send files of %(most)s MB at most.",
                    file=vals.get("name"),
                    most=most,
                )
            )
        taken = (company.customer_evidence_types or "").replace(",", " ").split()
        # By its content: a name can say anything.
        if content and not media_type(content).startswith(tuple(taken)):
            raise UserError(
                self.env._(
                    "“%(file)s” is not taken: send %(taken)s.",
                    file=vals.get("name"),
                    taken=", ".join(taken),
                )
            )


def media_type(content):
    """Return what a file is, also where no library knows more than Odoo does."""
    return filetype.media_type(content) or guess_mimetype(content)
