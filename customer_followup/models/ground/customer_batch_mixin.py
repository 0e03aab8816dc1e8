from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


class CustomerBatchMixin(models.AbstractModel):
    """A record that scheduled actions work off in batches, however many of them at once."""

    _name = "customer.batch.mixin"
    _description = "Worked off in Batches"

    @api.model
    def _lock(self, query):
        """Return the rows that a query locks."""
        # That another process was faster is no error to log.
        self.env.cr.execute(query, log_exceptions=False)
        return self.browse([id_ for (id_,) in self.env.cr.fetchall()])

    def _each_safely(self, work):
        """Do ``work`` with all rows; park the one that cannot, so that it holds up no other."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                work(self)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            self.env.invalidate_all()
            if len(self) == 1:
                self._park(error)
                return
            half = len(self) // 2
            self[:half]._each_safely(work)
            self[half:]._each_safely(work)

    def _park(self, error):
        """Set the row aside, with the reason, until somebody mends it."""
        raise NotImplementedError
