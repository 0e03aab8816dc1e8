from odoo import api, fields, models


class CustomerMerge(models.Model):
    """A contact that was merged into another one, by which the access log is still found."""

    _name = "customer.merge"
    _description = "Merged Contact"
    _order = "id desc"
    _rec_name = "source_res_id"

    # Plain ids, as in the access log: the source is deleted.
    source_res_id = fields.Integer(string="Merged contact ID", required=True, readonly=True)
    target_res_id = fields.Integer(string="Customer ID", required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users",
        string="Merged by",
        readonly=True,
        ondelete="set null",
        default=lambda self: self.env.user,
    )

    _source_uniq = models.UniqueIndex("(source_res_id)", "This contact is merged already.")
    _target_idx = models.Index("(target_res_id)")

    @api.model
    def _note(self, sources, destination):
        """Record that contacts became part of another one, and those merged into them as well."""
        # The user who merges contacts does not write this table by hand.
        merges = self.sudo()
        merges.search([("target_res_id", "in", sources.ids)]).target_res_id = destination.id
        merges.create(
            [
                {
                    "source_res_id": source.id,
                    "target_res_id": destination.id,
                    "user_id": self.env.uid,
                }
                for source in sources
            ]
        )

    @api.model
    def _sources(self, ids):
        """Return the ids of contacts that were merged into those with these ids."""
        # Which contacts are one customer may be known to all who read the log.
        return self.sudo().search([("target_res_id", "in", list(ids))]).mapped("source_res_id")

    @api.model
    def _targets(self, ids):
        """Return which contact stays of those that were merged: ``{their id: its id}``."""
        found = self.sudo().search([("source_res_id", "in", list(ids))])
        return {row.source_res_id: row.target_res_id for row in found}
