from odoo import api, models
from odoo.exceptions import UserError

EVIDENCE = "customer.complaint.evidence"
# The fields that hold the content of a file and the record it belongs to.
_FILE = {"raw", "datas", "db_datas", "store_fname", "res_model", "res_field", "res_id"}


class IrAttachment(models.Model):
    """An attachment, which cannot be changed if it is the file of evidence."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if _FILE & vals.keys():
            self._check_no_proof()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_no_proof(self):
        self._check_no_proof()

    def _check_no_proof(self):
        if self.env.su:
            return
        # Only checks whether they are evidence; nothing else is revealed.
        if self.sudo().filtered(lambda file: file.res_model == EVIDENCE and file.res_field):
            raise UserError(self.env._("Evidence cannot be changed. Add another file instead."))
