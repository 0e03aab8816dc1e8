"""Check that planners that work at once, or are killed, lose no contact and create none twice.

Nothing is simulated: the planners are Odoo's shells, the cron workers of a server, and forks of a
shell that kill themselves. What takes an ``env`` runs in Odoo's shell.
"""

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress

from . import database, odoo_server
from .places import LOGS, environment
from .work import DevError, bound, end, step

NAME = "customer_followup_concurrency"
LOG = LOGS / f"{NAME}.log"
PLAN = "Concurrency check"
CUSTOMERS, PLANNERS, CRON_WORKERS = 6000, 4, 2
# Planners that are killed take small batches, so that many are killed before all is planned.
SMALL, SMALLER = 50, 20
# Two batches are over after so many statements and commits.
OLDEST = 72
SEED = 19
TIMEOUT = 120
# The steps, each with the contacts it brings: (number, days after the start).
STEPS = (
    ({"name": "Once", "offset_count": 3}, [(1, 3)]),
    ({"name": "Again", "offset_count": 7}, [(1, 7)]),
    (
        {
            "name": "Series",
            "offset_count": 2,
            "repeat": "interval",
            "every_count": 1,
            "every_unit": "weeks",
            "end_count": 3,
        },
        [(1, 2), (2, 9), (3, 16)],
    ),
    # Beyond the horizon of 28 days, so to be looked for as many days earlier.
    ({"name": "Later", "offset_count": 60}, []),
)
LOOK_DAYS = 60 - 28
OURS = f"plan_id = (SELECT id FROM customer_followup_plan WHERE name->>'en_US' = '{PLAN}')"
MORNING = "(date_trunc('day', date_anchor) + interval '9 hours')"
DAYS = ", ".join(str((vals["name"], *one)) for vals, contacts in STEPS for one in contacts)
WANTED = f"""SELECT row.id, step.id, number, {MORNING} + days * interval '1 day', 'planned'
  FROM customer_followup_enrollment AS row
  JOIN customer_followup_step AS step USING (version_id)
  JOIN (VALUES {DAYS}) AS contact (step, number, days) ON contact.step = step.name->>'en_US'
 WHERE row.{OURS}"""
MADE = f"""SELECT enrollment_id, step_id, occurrence, date_nominal, state
  FROM customer_followup WHERE {OURS}"""
# What may have gone wrong, each as a query for its cases.
PROBLEMS = {
    "contacts lost": f"{WANTED} EXCEPT {MADE}",
    "contacts no one asked for": f"{MADE} EXCEPT {WANTED}",
    "contacts doubled": f"{MADE} EXCEPT ALL SELECT DISTINCT * FROM ({MADE}) AS once",
    "customers set aside": "SELECT 1 FROM customer_followup_enrollment"
    f" WHERE state != 'active' AND {OURS}",
    "customers with a wrong next planning": "SELECT 1 FROM customer_followup_enrollment"
    f" WHERE {OURS} AND (is_planned_out OR date_next IS NULL OR abs(extract(epoch FROM"
    f" date_next - {MORNING} - {LOOK_DAYS} * interval '1 day')) > 60)",
}
CRONS = "ir_actions_server_id IN (SELECT id FROM ir_act_server WHERE code = 'model._cron_plan()')"


# In Odoo's shell


def enroll(env):
    """Enroll customers whose contacts are due soon, and keep scheduled actions from running."""
    from odoo import Command, fields

    env = env(context={**env.context, "tracking_disable": True})
    phone = env.ref("customer_followup.customer_channel_phone").id
    plan = env["customer.followup.plan"].create(
        {
            "name": PLAN,
            "purpose_id": env.ref("customer_followup.customer_purpose_service").id,
            "lawful_basis": "contract",
            "step_ids": [Command.create({"channel_id": phone, **vals}) for vals, _days in STEPS],
        }
    )
    plan.action_run()
    partners = env["res.partner"].create(
        [
            {"name": f"Customer {number}", "phone": f"+3361{number:07}", "customer_tz": "UTC"}
            for number in range(CUSTOMERS)
        ]
    )
    env["customer.followup.enrollment"].search([]).date_next = False
    now = fields.Datetime.now()
    for hours in range(24):
        plan._enroll(partners[hours::24], fields.Datetime.subtract(now, hours=hours))
    env["customer.followup.enrollment"]._set_planners(CRON_WORKERS)
    env["ir.cron"].search([]).active = False
    env.cr.commit()


def plan(env):
    """Plan as the scheduled action does, and note how many customers were planned."""
    cron = env.ref("customer_followup.ir_cron_plan")
    cron, _progress = cron.with_context(cron_id=cron.id)._add_progress()
    env["customer.followup.enrollment"].with_context(cron.env.context)._cron_plan()
    env.cr.commit()


def plan_on_start(env, start):
    """Say that all is ready, and plan once the other end of the pipe ``start`` is closed."""
    print("ready", flush=True)
    os.read(start, 1)
    plan(env)


def die_in_turn(env):
    """Kill planners, two at a time, each one statement later, until one survives."""
    planners = _Planners(env, SMALL)
    planners.spawn(1)
    for age in itertools.count(2):
        planners.spawn(age)
        if not planners.reap():
            break
    planners.finish(least=OLDEST)


def die_among_others(env):
    """Kill planners, one at a time, in the middle of a statement, while others go on."""
    planners, chance = _Planners(env, SMALLER), random.Random(SEED)
    steady = {planners.spawn() for _number in range(PLANNERS - 1)}
    while steady & planners.children:
        planners.spawn(chance.randint(1, OLDEST), chance.uniform(0, 0.005))
        while not planners.reap() and steady & planners.children:
            pass
    planners.finish(least=3)


class _Planners:
    """Planners forked from a shell, as Odoo forks its workers."""

    def __init__(self, env, batch):
        from odoo.modules.registry import Registry

        from odoo.addons.customer_followup.models.contact import customer_followup_enrollment

        customer_followup_enrollment.BATCH = batch
        self.registry, self.children, self.deaths = Registry(env.cr.dbname), set(), 0
        env.cr.close()
        self._disconnect()

    def _disconnect(self):
        from odoo.sql_db import close_all

        # A connection must not be shared with a child.
        close_all()

    def spawn(self, age=None, delay=0):
        """Start a planner, to be killed at its statement ``age``, and return its process id."""
        pid = os.fork()
        if not pid:
            self._live(age, delay)
        self.children.add(pid)
        return pid

    def _live(self, age, delay):
        from odoo.api import SUPERUSER_ID, Environment

        code = 1
        try:
            signal.alarm(TIMEOUT)
            _kill_at(age, delay)
            with self.registry.cursor() as cr:
                plan(Environment(cr, SUPERUSER_ID, {}))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def reap(self):
        """Wait for a planner to end, and say whether it was killed."""
        pid, status = os.wait()
        self.children.discard(pid)
        code = os.waitstatus_to_exitcode(status)
        if code not in (0, -signal.SIGKILL):
            sys.exit(f"A planner ended by itself, with code {code}.")
        self.deaths += bool(code)
        return bool(code)

    def finish(self, least):
        """Do what is left with one more planner, and end the shell; at least so many have died."""
        while self.children:
            self.reap()
        # Locks of killed planners are free once PostgreSQL knows that they are gone.
        with self.registry.cursor() as cr:
            cr.execute(f"SET LOCAL lock_timeout = '{TIMEOUT}s'")
            cr.execute("LOCK TABLE customer_followup_enrollment IN EXCLUSIVE MODE")
        self._disconnect()
        self.spawn()
        self.reap()
        sys.exit(0 if self.deaths >= least else f"Only {self.deaths} planners were killed.")


def _kill_at(age, delay):
    """Make this process kill itself at a statement or commit: after it, or ``delay`` s into it."""
    from odoo.sql_db import Cursor

    turns = itertools.count(1)

    def killing(method):
        def call(*args, **kwargs):
            is_last = next(turns) == age
            if is_last and delay:
                threading.Timer(delay, _die).start()
            result = method(*args, **kwargs)
            if is_last and not delay:
                _die()
            return result

        return call

    Cursor.execute, Cursor.commit = killing(Cursor.execute), killing(Cursor.commit)


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


# Outside


def _shell(name):
    script = f"from devtools import concurrency_check\nconcurrency_check.{name}(env)\n"
    if odoo_server.shell(NAME, script, log=LOG.name):
        raise DevError(f"Odoo failed: see {LOG}.")


def _by_shells():
    held, start = os.pipe()
    shells = [_start_shell(held) for _number in range(PLANNERS)]
    os.close(held)
    try:
        with os.fdopen(start, "w"):
            is_ready = all(shell.stdout.readline() for shell in shells)
        if not is_ready or not all(map(_ends_well, shells)):
            raise DevError(f"A planner failed: see {LOG}.")
    finally:
        for shell in shells:
            end(shell)
    _check_shared("id", PLANNERS)


def _start_shell(held):
    shell = subprocess.Popen(
        bound(
            *odoo_server.command("shell", "-d", NAME, "--no-http", "--log-level=warn"),
            *("--logfile", LOG),
        ),
        env=environment(),
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(held,),
        text=True,
    )
    with shell.stdin:
        start = f"concurrency_check.plan_on_start(env, {held})"
        shell.stdin.write(f"from devtools import concurrency_check\n{start}\n")
    return shell


def _ends_well(process):
    with suppress(subprocess.TimeoutExpired):
        return process.wait(TIMEOUT) == 0
    return False


def _by_server():
    database.query(f"UPDATE ir_cron SET active = true, nextcall = create_date WHERE {CRONS}", NAME)
    server = odoo_server.serve(
        *(NAME, odoo_server.free_port(), "--no-http", "--workers=1"),
        *(f"--max-cron-threads={CRON_WORKERS}", "--logfile", LOG),
    )
    try:
        _wait_until_planned(server)
    finally:
        end(server)
    _check_shared("cron_id", CRON_WORKERS)


def _wait_until_planned(server):
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        # Whichever worker has come up by now.
        database.query(f"NOTIFY cron_trigger, '{NAME}'")
        with suppress(subprocess.TimeoutExpired):
            server.wait(0.3)
            raise DevError(f"Odoo stopped by itself: see {LOG}.")
        if not _count(
            "SELECT 1 FROM customer_followup_enrollment"
            f" WHERE date_next <= now() AT TIME ZONE 'UTC' AND {OURS}"
        ):
            return
    raise DevError(f"The planners do not end: see {LOG}.")


def _check_shared(column, wanted):
    shared = _count(f"SELECT DISTINCT {column} FROM ir_cron_progress WHERE done > 0")
    if shared != wanted:
        raise DevError(f"Of {wanted} planners at once, {shared} took part.")


def _count(query):
    return int(database.query(f"SELECT count(*) FROM ({query}) AS found", NAME))


def _begin():
    """Make all customers due, with nothing planned."""
    database.query(
        f"""DELETE FROM customer_followup WHERE {OURS};
            DELETE FROM ir_cron_progress;
            UPDATE customer_followup_enrollment
               SET date_next = date_anchor, is_planned_out = false WHERE {OURS}""",
        NAME,
    )


WAYS = {
    f"{PLANNERS} shells plan at once": _by_shells,
    f"{CRON_WORKERS} cron workers plan at once": _by_server,
    "planners die in turn": lambda: _shell("die_in_turn"),
    "planners die among others": lambda: _shell("die_among_others"),
}


def check():
    """Kill planners that share the work; raise an error if the result is wrong."""
    database.copy(odoo_server.TEST, NAME)
    LOG.unlink(missing_ok=True)
    with step("killing planners that share the work"):
        _shell("enroll")
        for name, way in WAYS.items():
            _begin()
            way()
            _check_planned(name)
    database.drop(NAME)


def _check_planned(name):
    counts = {fault: _count(query) for fault, query in PROBLEMS.items()}
    found = [f"{count} {fault}" for fault, count in counts.items() if count]
    if found:
        raise DevError(f"Where {name}: {', '.join(found)}; the database {NAME} shows them.")
    odoo_server.check_log(LOG)
