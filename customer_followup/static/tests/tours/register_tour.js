import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** The manager: approves what a leader may not. */
tours.add("customer_followup_complaint_approve", {
    steps: () => [
        { trigger: ".o_kanban_record:contains(It rattles)", run: "click" },
        { content: "See the remedies", trigger: ".nav-link[name=solution]", run: "click" },
        { trigger: ".o_data_row:contains(A new door) button[name=action_approve]", run: "click" },
        { trigger: ".o_data_row:contains(A new door) [name=state]:contains(Approved)" },
        {
            content: "What is approved is not changed",
            trigger: ".o_data_row:contains(A new door) .o_data_cell.o_readonly_modifier[name=amount]",
        },
    ],
});

/** The manager: takes the register along, for a reason. */
tours.add("customer_followup_complaint_register", {
    steps: () => [
        { trigger: ".o_data_row:contains(It rattles):contains(Gao Yuan)" },
        { trigger: ".o_control_panel button:contains(Export register)", run: "click" },
        { content: "Not without a reason", trigger: ".modal button[name=action_export]", run: "click" },
        { trigger: ".modal:contains(Enter the reason of the export) .modal-footer .btn-primary:contains(/^Ok$|^Close$/)", run: "click" },
        { trigger: ".modal [name=reason] input", run: "edit Monthly review" },
        { trigger: ".modal button[name=action_export]", run: "click" },
        { content: "Here it is", trigger: ".modal [name=datas] :contains(.xlsx)" },
        { trigger: ".modal .modal-footer button:contains(Close)", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
