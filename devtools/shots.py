"""Save a PNG of every main screen of the demo. Runs in the virtual environment."""

import sys
from pathlib import Path

from devtools.browser import Page

WIDTHS = {1400: 900, 400: 850}
FORM = ".o_form_view .o_form_sheet"
# name: who looks, where, what shows that it is there, and what to click to get there
SCREENS = {
    "desk": ("agent1", "/odoo/followup-desk", ".o_kanban_record"),
    "complaints": ("leader", "/odoo/complaints", ".o_kanban_record"),
    "followups": ("leader", "/odoo/followups", ".o_data_row, .o_kanban_record"),
    "customers": ("manager", "/odoo/followup-customers", ".o_data_row, .o_kanban_record"),
    "plans": ("manager", "/odoo/followup-plans", ".o_data_row"),
    "rules": ("admin", "/odoo/followup-rules", ".o_view_controller"),
    "running": ("leader", "/odoo/followup-running", ".o_data_row"),
    "scores": ("manager", "/odoo/followup-scores", ".o_pivot"),
    "invitations": ("leader", "/odoo/followup-invitations", ".o_view_controller"),
    "surveys": ("manager", "/odoo/followup-surveys", ".o_data_row, .o_kanban_record"),
    "actions": ("agent1", "/odoo/followup-actions", ".o_view_controller"),
    "call": (
        "agent1",
        "/odoo/followup-desk",
        FORM,
        ".o_kanban_group:nth-child(2) .o_kanban_record:nth-of-type(4)",
    ),
    "complaint": ("leader", "/odoo/complaints", FORM, ".o_kanban_record"),
    "complaint-new": ("agent1", "/odoo/complaints/new", FORM),
    "complaint-slip": (
        "manager",
        "/report/html/customer_followup.customer_complaint_slip/1",
        ".page",
    ),
    "complaint-contact-log": (
        "leader",
        "/odoo/complaints",
        ".modal .o_form_view",
        ".o_kanban_group:nth-child(2) .o_kanban_record",
        # On a phone all buttons but the first are behind "More".
        ".o_statusbar_buttons button[title=More], .o_form_sheet .oe_title",
        "button[name=action_log_contact]",
    ),
    "complaint-write": (
        "leader",
        "/odoo/complaints",
        ".modal .o_form_view",
        ".o_kanban_group:nth-child(2) .o_kanban_record",
        "button[name=action_write]",
    ),
    "complaint-tracking": ("manager", "/odoo/complaints-tracking", ".o_view_controller"),
    "complaint-attitude": ("manager", "/odoo/complaints-attitude", ".o_view_controller"),
    "complaint-category": (
        "admin",
        "/odoo/action-customer_followup.customer_complaint_category_action",
        FORM,
        ".o_data_row .o_data_cell",
    ),
    "policies": ("admin", "/odoo/followup-policies", ".o_data_row"),
    "policy": (
        "admin",
        "/odoo/followup-policies",
        FORM,
        ".o_data_row:last-of-type .o_data_cell[name=name]",
    ),
    "promises": ("manager", "/odoo/followup-promises", ".o_pivot"),
    "promise-problems": ("manager", "/odoo/followup-promise-problems", ".o_view_controller"),
    "notices": ("admin", "/odoo/followup-notices", ".o_view_controller"),
    "complaint-list": (
        "leader",
        "/odoo/complaints",
        ".o_data_row",
        ".o_switch_view.o_list",
    ),
    "complaint-agree": (
        "leader",
        "/odoo/complaints",
        ".modal .o_form_view",
        ".o_kanban_group:nth-child(1) .o_kanban_record:nth-of-type(2)",
        ".nav-link[name=promises]",
        "button[name=action_agree]",
    ),
    "customer": (
        "manager",
        "/odoo/followup-customers",
        ".o_customer_journey",
        ".o_data_row .o_data_cell, .o_kanban_record",
        ".nav-link[name=customer_followup]",
    ),
    "plan": ("manager", "/odoo/followup-plans", FORM, ".o_data_row .o_data_cell"),
    "gallery": ("manager", "/odoo/followup-gallery", ".o_kanban_record"),
    "template": ("manager", "/odoo/followup-gallery", FORM, ".o_kanban_record"),
    "step": (
        "manager",
        "/odoo/followup-plans",
        ".modal .o_form_view",
        ".o_data_row .o_data_cell, .o_kanban_record",
        "[name=step_ids] .o_data_row .o_data_cell, [name=step_ids] .o_kanban_record",
    ),
    "hours": (
        "manager",
        "/odoo/followup-plans",
        "[name=cooling_off_hours]",
        ".o_data_row .o_data_cell, .o_kanban_record",
        ".nav-link[name=hours]",
    ),
    "holds": ("leader", "/odoo/followup-holds", ".o_view_controller"),
    "journey": (
        "leader",
        "/odoo/followup-running",
        FORM,
        ".o_data_row .o_data_cell, .o_kanban_record",
    ),
    "owners": ("leader", "/odoo/followup-owners", ".o_view_controller"),
    "handovers": ("leader", "/odoo/followup-handovers", ".o_view_controller"),
    "handover": (
        "agent2",
        "/odoo/followup-handovers",
        FORM,
        ".o_data_row .o_data_cell, .o_kanban_record",
    ),
    "absences": ("agent1", "/odoo/followup-absences", ".o_view_controller"),
    "workload": ("leader", "/odoo/followup-workload", ".o_data_row"),
    "departures": (
        "manager",
        "/odoo/followup-departures",
        FORM,
        ".o_data_row .o_data_cell, .o_kanban_record",
    ),
    "workdays": ("manager", "/odoo/followup-workdays", ".o_view_controller"),
    "get-started": ("admin", "/odoo/followup-get-started", ".o_kanban_record"),
    "settings": (
        "admin",
        "/odoo/action-customer_followup.res_config_settings_action",
        ".o_setting_container",
    ),
    "my-complaints": ("portal", "/my/complaints", ".list-group-item"),
    "my-complaint": (
        "portal",
        "/my/complaints",
        ".o_customer_status",
        ".list-group-item:last-child",
    ),
    "my-answer": (
        "portal",
        "/my/complaints",
        "#why",
        ".list-group-item:last-child",
        "a.btn-outline-primary",
    ),
    "complaint-form": ("portal", "/complaint", "#consent"),
    "rule": ("admin", "/odoo/followup-rules", FORM, ".o_data_row .o_data_cell"),
}


def main(program, base, database, folder, names):
    """Save the named screens, or all, and say which did not show in time."""
    page = Page(program, base)
    try:
        for name in names or SCREENS:
            login, path, selector, *first = SCREENS[name]
            page.log_in(database, login)
            for width, height in WIDTHS.items():
                is_there = page.open(path, width, height, [*first, selector][0])
                for place, click in enumerate(first):
                    page.click(click)
                    is_there = page.wait([*first[place + 1 :], selector][0])
                page.save(Path(folder) / f"{name}-{width}.png")
                print(f"- {name} at {width} pixels{'' if is_there else ': NOT READY'}", flush=True)
    finally:
        page.close()


if __name__ == "__main__":
    main(*sys.argv[1:5], sys.argv[5:])
