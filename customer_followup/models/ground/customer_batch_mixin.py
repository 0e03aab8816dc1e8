from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


class CustomerBatchMixin(models.AbstractModel):
    """A record that scheduled actions process in batches, any number of processes at once.

    The one way to run something for many records: rows are locked, work runs in savepoints, a row
    that fails is set aside by :meth:`_park` and holds up no other, and what another process
    changed meanwhile is left for a later try.
    """

    _name = "customer.batch.mixin"
    _description = "Processed in Batches"

    @api.model
    def _run_batch(self, query, work):
        """Lock the rows that a query finds, do ``work(rows)``, and return how many there were.

        If another process changed them after this transaction began, the transaction is rolled
        back and ``None`` is returned: call again.

        :param query: :class:`SQL` that selects ids, best with ``SKIP LOCKED``
        """
        try:
            self.env.flush_all()
            # That another process was faster is no error to log.
            self.env.cr.execute(query, log_exceptions=False)
            rows = self.browse([row[0] for row in self.env.cr.fetchall()])
            rows._run_halving(work)
            return len(rows)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            self.env.invalidate_all()
            return None

    @api.model
    def _run_batches(self, batch, size):
        """Call ``batch()`` until it does less than ``size`` or the scheduled action must end.

        Each call is a transaction of its own.

        :param batch: does one batch and returns how many rows it held, ``None`` to be called again
        :return: whether there is time left
        """
        cron, left = self.env["ir.cron"], True
        while left:
            count = batch()
            is_last = count is not None and count < size
            left = cron._commit_progress(count or 0, remaining=int(not is_last))
            if is_last:
                break
        return bool(left)

    def _run_halving(self, work):
        """Do ``work`` with all rows in a savepoint; halve them on error, and park what fails."""
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
            self[:half]._run_halving(work)
            self[half:]._run_halving(work)

    def _run_one(self, work, domain=()):
        """Do ``work`` with this row if it is free and still in ``domain``; park it if that fails.

        Nothing is done with a row that another process holds or has just changed.
        """
        try:
            with self.env.cr.savepoint():
                free = self.try_lock_for_update(allow_referencing=True).filtered_domain(domain)
                if free:
                    work(free)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.invalidate_all()
        except Exception as error:
            self.env.invalidate_all()
            self._park(error)

    def _park(self, error):
        """Set the row aside, with the reason, until someone corrects the cause."""
        raise NotImplementedError
