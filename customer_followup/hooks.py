"""What Odoo does not remove by itself when the add-on is uninstalled."""

from odoo.tools import SQL


def uninstall_hook(env):
    """Remove what was created at run time, and the constraints that block Odoo's own removal."""
    env["ir.sequence"].sudo().search([("code", "=", "customer.complaint")]).unlink()
    env["ir.config_parameter"].sudo().search([("key", "=like", "customer\\_followup.%")]).unlink()
    planner = env.ref("customer_followup.ir_cron_plan", raise_if_not_found=False)
    if planner:
        env["customer.followup.enrollment"]._other_planners().unlink()
    tables = [
        model._table
        for model in env.registry.values()
        if model._original_module == "customer_followup" and model._auto and not model._abstract
    ]
    _drop_links(env, tables)
    # Deleting contacts would make Odoo recompute the records that refer to them.
    env.cr.execute(SQL("TRUNCATE %s", SQL(", ").join(map(SQL.identifier, tables))))
    env.invalidate_all()


def _drop_links(env, tables):
    # Our records restrict the deletion of what they refer to. Odoo removes records before tables,
    # one by one, and would fail at each of those links; the tables are dropped anyway.
    links = env.execute_query(
        SQL(
            """SELECT holder.relname, link.conname
                 FROM pg_constraint AS link
                 JOIN pg_class AS holder ON holder.oid = link.conrelid
                 JOIN pg_class AS target ON target.oid = link.confrelid
                WHERE link.contype = 'f'
                  AND (holder.relname = ANY(%(tables)s) OR target.relname = ANY(%(tables)s))""",
            tables=tables,
        )
    )
    for table, name in links:
        env.cr.execute(
            SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name))
        )
