"""What the measurements share: timing, clean tables between rounds, and the report."""

import cProfile
import gc
import json
import pstats
import sys
import time
from typing import NamedTuple

from odoo.sql_db import db_connect

ROUNDS = 5


class Measure(NamedTuple):
    """How long some work took, and how much it asked of the database."""

    seconds: float
    queries: int


def measure(env, work):
    """Do ``work`` from cold caches up to its commit and return its :class:`Measure`."""
    env.invalidate_all()
    gc.collect()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    work()
    env.flush_all()
    env.cr.commit()
    return Measure(time.perf_counter() - start, env.cr.sql_log_count - queries)


def alternate(env, works, tidy, rounds_most=ROUNDS):
    """Measure each work in turn, several rounds; return counts and the best measures by name.

    :param works: ``{name: (prepare or None, work, count)}``; ``count()`` tells what was made
    :param tidy: called before each work, to remove what the one before it left
    """
    counts, rounds = {}, {name: [] for name in works}
    print(
        f"The best of {rounds_most} rounds:" if rounds_most > 1 else "One round only:", flush=True
    )
    for _round in range(rounds_most):
        for name, (prepare, work, count) in works.items():
            tidy()
            if prepare:
                prepare()
            rounds[name].append(measure(env, work))
            counts[name] = count()
    # What other programs do takes time from all rounds but the best.
    best = {
        name: Measure(*(min(column) for column in zip(*measures, strict=True)))
        for name, measures in rounds.items()
    }
    return counts, best


def profile(env, work):
    """Print which functions take the most time in ``work``; times are longer than without."""
    profiler = cProfile.Profile()
    profiler.runcall(measure, env, work)
    found = pstats.Stats(profiler)
    for order in ("cumulative", "tottime"):
        found.sort_stats(order).print_stats(60)


def vacuum(env, *tables, how="ANALYZE"):
    """Free the space of deleted rows in PostgreSQL, so that all rounds start alike."""
    with db_connect(env.cr.dbname).cursor() as cursor:
        # VACUUM refuses to run inside a transaction.
        cursor.connection.autocommit = True
        cursor.execute(f"VACUUM ({how}) {', '.join(tables)}")
        cursor.connection.autocommit = False


def report(lines):
    """Print one row per ``(what, count of records, measure)``, aligned."""
    print(f"{'what':34} {'rows':>7} {'rows/s':>8} {'queries/row':>12} {'us/row':>8}")
    for what, count, took in lines:
        print(
            f"{what:34} {count:7} {count / took.seconds:8.0f}"
            f" {took.queries / count:12.4f} {micros(took, count):8.1f}"
        )


def micros(took, count):
    """Return the microseconds per record."""
    return took.seconds / count * 1e6


def conclude(**verdict):
    """Print the verdict as the last line, for programs, and exit by it."""
    print(json.dumps(verdict), flush=True)
    sys.exit(0 if verdict["ok"] else 1)
