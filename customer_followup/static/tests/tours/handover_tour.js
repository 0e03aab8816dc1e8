import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** The agent hands a customer over to a colleague. */
tours.add("customer_followup_handover_give", {
    steps: () => [
        { content: "My customers", trigger: ".o_data_row:contains(Gao Yuan) .o_list_record_selector input", run: "click" },
        { trigger: ".o_cp_action_menus .dropdown-toggle", run: "click" },
        { trigger: ".o-dropdown--menu .o-dropdown-item:contains(Hand over to a colleague)", run: "click" },
        { trigger: ".modal [name=customer_names]:contains(Gao Yuan)" },
        { trigger: ".modal [name=user_to_id] input", run: "edit cf_colleague" },
        { trigger: ".o-autocomplete--dropdown-item:contains(cf_colleague)", run: "click" },
        { trigger: ".modal button[name=action_propose]", run: "click" },
        { content: "Proposed, nothing changes yet", trigger: ".o_form_view .o_arrow_button_current:contains(Proposed)" },
        { trigger: "[name=check_ids] .o_data_row:contains(What was promised)" },
        { content: "The agent cannot accept it", trigger: ".o_form_view:not(:has(button[name=action_accept]))" },
    ],
});

/** The colleague ticks what was handed over and accepts. */
tours.add("customer_followup_handover_take", {
    steps: () => [
        { trigger: ".o_data_row:contains(cf_agent) .o_data_cell:contains(cf_agent)", run: "click" },
        { content: "Not before all is ticked", trigger: "button[name=action_accept]", run: "click" },
        { trigger: ".modal:contains(first confirm) .modal-footer .btn-primary", run: "click" },
        ...[0, 1, 2].map((number) => ({
            trigger: `body:not(:has(.modal)) [name=check_ids] .o_data_row:eq(${number}) [name=is_done] input:not(:checked)`,
            run: "click",
        })),
        { trigger: "[name=check_ids] .o_data_row:eq(2) [name=is_done] input:checked" },
        { trigger: "button[name=action_accept]", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Accepted)" },
    ],
});

/** The leader sees the workload of each agent and reassigns a contact. */
tours.add("customer_followup_workload", {
    steps: () => [
        { trigger: ".o_group_header:contains(cf_agent)" },
        { trigger: ".o_data_row .o_progressbar" },
        { trigger: ".o_group_header:contains(cf_agent) + .o_data_row button[name=action_contacts]", run: "click" },
        { trigger: ".breadcrumb:contains(Workload)" },
        { trigger: ".o_data_row:contains(Gao Yuan) .o_list_record_selector input", run: "click" },
        { trigger: ".o_cp_action_menus .dropdown-toggle", run: "click" },
        { trigger: ".o-dropdown--menu .o-dropdown-item:contains(Reassign)", run: "click" },
        { trigger: ".modal [name=user_id] input", run: "edit cf_colleague" },
        { trigger: ".o-autocomplete--dropdown-item:contains(cf_colleague)", run: "click" },
        { trigger: ".modal button[name=action_reassign]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_list_view:not(:contains(Gao Yuan))" },
    ],
});
