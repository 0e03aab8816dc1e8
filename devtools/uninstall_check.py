"""Check that the add-on is installed, updated and removed without leaving anything behind."""

from . import database, odoo_server
from .places import LOGS
from .work import DevError, step

NAME = "customer_followup_leaving"
# What a database consists of, each as a query for names.
THINGS = {
    "tables and columns": "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE table_schema = 'public'",
    "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": "SELECT conrelid::regclass || '.' || conname FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "models": "SELECT model FROM ir_model",
    "fields": "SELECT model || '.' || name FROM ir_model_fields",
    "scheduled actions": "SELECT cron_name FROM ir_cron",
    "server actions": "SELECT id::text FROM ir_act_server",
    "window actions": "SELECT id::text FROM ir_act_window",
    "menus": "SELECT id::text FROM ir_ui_menu",
    "views": "SELECT name || ' ' || model FROM ir_ui_view WHERE model IS NOT NULL",
    "groups": "SELECT id::text FROM res_groups",
    "rules": "SELECT id::text FROM ir_rule",
    "rights": "SELECT id::text FROM ir_model_access",
    "parameters": "SELECT key FROM ir_config_parameter",
    "sequences": "SELECT COALESCE(code, name) FROM ir_sequence",
    "messages about our records": "SELECT DISTINCT model FROM mail_message"
    " WHERE model LIKE 'customer.%'",
    "activities about our records": "SELECT DISTINCT res_model FROM mail_activity"
    " WHERE res_model LIKE 'customer.%'",
    "followers of our records": "SELECT DISTINCT res_model FROM mail_followers"
    " WHERE res_model LIKE 'customer.%'",
    "attachments": "SELECT DISTINCT res_model FROM ir_attachment WHERE res_model LIKE 'customer.%'",
    "names of data": "SELECT module || '.' || name FROM ir_model_data"
    " WHERE module LIKE 'customer\\_followup%'",
}
# Work that creates what only running does: a number series, a block, a message, an activity.
WORK = """
partner = env["res.partner"].create({"name": "Leaving", "phone": "+33612345678"})
partner._block_contact("On request")
complaint = env["customer.complaint"].create({"title": "It rattles", "partner_id": partner.id})
complaint.message_post(body="Hm")
complaint.activity_schedule("mail.mail_activity_data_todo", user_id=env.uid)
env["customer.access.log"]._log("open", partner)
env["customer.followup.enrollment"]._set_planners(3)
for name in ("enroll", "enroll_full", "plan", "send"):
    env.ref("customer_followup.ir_cron_" + name).method_direct_trigger()
env.cr.commit()
"""
GO = """
modules = env["ir.module.module"].search(
    [("name", "like", "customer_followup"), ("state", "=", "installed")]
)
modules.button_immediate_uninstall()
"""


def _things():
    return {
        name: set(filter(None, database.query(text, NAME).split("\n")))
        for name, text in THINGS.items()
    }


def _run(script):
    log = LOGS / f"{NAME}.shell.log"
    log.unlink(missing_ok=True)
    if odoo_server.shell(NAME, script, log=log.name):
        raise DevError(f"Odoo failed: see {log}.")
    odoo_server.check_log(log)


def check():
    """Install, work, update, uninstall; raise an error if anything is left or lost."""
    database.copy(odoo_server.base(), NAME)
    before = _things()
    with step("installing, updating and uninstalling the add-on"):
        for flag in ("-i", "-u"):
            log = odoo_server.odoo(
                *("-d", NAME, flag, "customer_followup", "--with-demo"),
                log=f"{NAME}.log",
                failure="Odoo could not install the add-on and update it.",
            )
            odoo_server.check_log(log)
            _run(WORK)
        _run(GO)
    after = _things()
    database.drop(NAME)
    found = [
        f"{name} {word}: {', '.join(sorted(difference))}"
        for name in THINGS
        for word, difference in (
            ("left behind", after[name] - before[name]),
            ("lost", before[name] - after[name]),
        )
        if difference
    ]
    if found:
        raise DevError("Uninstalling changes the database: " + "; ".join(found) + ".")
