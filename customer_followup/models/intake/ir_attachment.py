from odoo import api, models
from odoo.exceptions import UserError

EVIDENCE = "customer.complaint.evidence"
# What makes a file what it is, and whose.
_FILE = {"raw", "datas", "db_datas", "store_fname", "res_model", "res_field", "res_id"}


class IrAttachment(models.Model):
    """The file of a proof stays as it is, whichever way somebody comes to it."""

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
        # Only whether they are proofs; nothing of them is told.
        if self.sudo().filtered(lambda file: file.res_model == EVIDENCE and file.res_field):
            raise UserError(self.env._("A proof stays as it is: add another file."))
