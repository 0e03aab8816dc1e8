"""Boards of many rows: ours against the pipeline of Odoo's CRM with as many rows."""

import time

from lxml import etree

from odoo import fields
from odoo.tools.safe_eval import safe_eval

from devtools.bench import _common
from devtools.bench._customers import MARK, Bench

# Rows with each customer, and one agent among so many.
EACH, AGENTS = 10, 100
# Cards of a column at first, unless the view says otherwise.
CARDS = 40
# At most so many times as long as the CRM's pipeline.
BOUND = 0.9
ROLES = {
    "agent": ("customer_followup.group_followup_user", "sales_team.group_sale_salesman"),
    "manager": (
        "customer_followup.group_followup_manager",
        "customer_followup.group_data_contact",
        "sales_team.group_sale_manager",
    ),
}
PIPELINE = "crm.crm_lead_action_pipeline", "stage_id"
PAIRS = (
    "(SELECT id AS customer, turn FROM res_partner, generate_series(1, %s) AS turn"
    " WHERE ref = %s) AS pair"
)


class BoardBench(Bench):
    """Rows of ours and opportunities of the same customers, and two people who look at them."""

    # Where our rows are.
    model = None

    def __init__(self, env, count):
        super().__init__(env, count // EACH)

    def _make(self):
        self.partners = self._make_partners()
        self.users = {role: self._make_user(role, groups) for role, groups in ROLES.items()}
        self.team = self.env["customer.team"].create({"name": MARK})
        self._make_rows()
        self._make_leads()
        self.env.cr.commit()
        _common.vacuum(self.env, self.env[self.model]._table, "crm_lead", "res_partner")

    def _make_rows(self):
        raise NotImplementedError

    def _make_user(self, role, groups):
        return self.env["res.users"].create(
            {
                "name": f"{MARK} {role}",
                "login": f"{MARK} {role}",
                "group_ids": [
                    fields.Command.set([self.env.ref(group).id for group in groups]),
                    fields.Command.link(self.env.ref("base.group_user").id),
                ],
            }
        )

    def _whose(self, number):
        """Return the SQL of the user to whom row ``number`` belongs."""
        own, other = self.users["agent"].id, self.env.uid
        return f"CASE WHEN {number} %% {AGENTS} = 0 THEN {own} ELSE {other} END"

    def _make_leads(self):
        stages = self.env["crm.stage"].search([], limit=4).ids
        first = self.env["crm.lead"].create(
            {"name": MARK, "type": "opportunity", "partner_id": self.partners[:1].id}
        )
        self.env.flush_all()
        self._multiply(
            "crm_lead",
            first.id,
            PAIRS,
            {
                "partner_id": "customer",
                "user_id": self._whose("customer"),
                "stage_id": "(%s::int[])[1 + (customer + turn) %% 4]",
                "priority": "(customer %% 4)::text",
            },
            (stages, EACH, MARK),
        )

    def tidy(self):
        """Leave everything: looking changes nothing."""
        self.env.cr.commit()

    def _remove_all(self):
        self._delete("crm_lead", "name = %s", MARK)
        ours = "team_id IN (SELECT id FROM customer_team WHERE name->>'en_US' = %s)"
        self._delete(self.env[self.model]._table, ours, MARK)
        super()._remove_all()
        self.env.invalidate_all()
        users = self.env["res.users"].with_context(active_test=False)
        made = users.search([("login", "=like", f"{MARK} %")])
        partners = made.partner_id
        made.unlink()
        partners.unlink()
        self.env.cr.commit()

    def board(self, role, action, group, mine=False):
        """Return a call that opens the board of an action as the browser does."""
        user = self.users[role]
        env = self.env(user=user, context={"lang": "en_US", "tz": "UTC"}, su=False)
        # What the menu holds is no secret, and is read once by the browser.
        found = env["ir.actions.act_window"]._for_xml_id(action)
        model = env[found["res_model"]].with_context(read_group_expand=True)
        domain = fields.Domain(_evaluate(found["domain"], env))
        if mine:
            domain &= fields.Domain("user_id", "=", user.id)
        arch = etree.fromstring(model.get_views([(False, "kanban")])["views"]["kanban"]["arch"])
        specification = _specification(model, arch)
        bar = arch.find("progressbar")
        colors = {"field": bar.get("field"), "colors": _evaluate(bar.get("colors"), env)}

        def open_board():
            model.web_read_group(
                list(domain),
                [group],
                ["__count"],
                order=arch.get("default_order"),
                auto_unfold=True,
                unfold_read_specification=specification,
                unfold_read_default_limit=int(arch.get("limit", CARDS)),
            )
            model.read_progress_bar(list(domain), group, colors)

        return open_board


def show_statements(env, look):
    """Print what a look asks of the database, the slowest first, in milliseconds."""
    cursor, took = env.cr, []
    execute = cursor.execute

    def note(query, params=None, **options):
        start = time.perf_counter()
        execute(query, params, **options)
        took.append((time.perf_counter() - start, cursor._obj.query.decode().strip()))

    cursor.execute = note
    try:
        _common.measure(env, look)
    finally:
        del cursor.execute
    for seconds, statement in sorted(took, reverse=True):
        print(f"{seconds * 1e3:8.1f} {statement}")


def _evaluate(text, env):
    return safe_eval(text or "[]", {"uid": env.uid, "context_today": fields.Date.today})


def _specification(model, arch):
    """Return what the browser asks of each card."""
    names = {node.get("name") for node in arch.iter("field")}
    return {
        name: {"fields": {"display_name": {}}} if model._fields[name].type == "many2one" else {}
        for name in names
    }


def compare(make, options, *, title, board):
    """Measure how long it takes to open our board and the pipeline, print and exit.

    :param make: a :class:`BoardBench`
    :param board: the external id of our action, and what its columns are
    """
    with make as bench:
        count = bench.count * EACH
        works = {
            f"{what} of {role}": (
                None,
                bench.board(role, *opened, mine=role == "agent"),
                lambda: count,
            )
            for role in ROLES
            for what, opened in ((title, board), ("pipeline", PIPELINE))
        }
        _counts, best = _common.alternate(bench.env, works, bench.tidy)
        if "profile" in options:
            role = "agent" if "agent" in options else "manager"
            _common.profile(bench.env, works[f"{title} of {role}"][1])
        if "statements" in options:
            for name, (_prepare, look, _count) in works.items():
                print(f"\n{name}")
                show_statements(bench.env, look)
    print(f"{'board':24} {'ms':>8} {'queries':>8}")
    for name, took in best.items():
        print(f"{name:24} {took.seconds * 1e3:8.0f} {took.queries:8.0f}")
    ratios = {
        role: best[f"{title} of {role}"].seconds / best[f"pipeline of {role}"].seconds
        for role in ROLES
    }
    print(f"\nwith {count} rows each, ours takes so many times as long as the pipeline:")
    print(", ".join(f"{ratio:.2f} for the {role}" for role, ratio in ratios.items()))
    _common.conclude(
        bench=title.lower(),
        rows=count,
        **{role: round(ratio, 2) for role, ratio in ratios.items()},
        bound=BOUND,
        ok=max(ratios.values()) <= BOUND,
    )
