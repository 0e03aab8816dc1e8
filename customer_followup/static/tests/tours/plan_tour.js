import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const IN_STEP = ".modal .o_form_view";
const choose = (field, text) => [
    { trigger: `${IN_STEP} [name=${field}] input, ${IN_STEP} select[name=${field}], ${IN_STEP} [name=${field}] select`, run: "click" },
    { trigger: `.o_select_menu_item:contains(${text}), .o-autocomplete--dropdown-item:contains(${text})`, run: "click" },
];
const type = (field, text) => ({
    trigger: `${IN_STEP} [name=${field}] input`,
    run: `edit ${text} && press Tab`,
});

/** The administrator: builds a plan, sees its dates while typing, and runs it. */
tours.add("customer_followup_plan", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_form_view [name=name] input, .o_form_view [name=name] textarea", run: "edit Winter check" },
        { trigger: "[name=purpose_id] input", run: "edit Service" },
        { trigger: ".o-autocomplete--dropdown-item:contains(/^Service$/)", run: "click" },
        { trigger: "[name=step_ids] .o_field_x2many_list_row_add button, [name=step_ids] .o_field_x2many_list_row_add a", run: "click" },
        { content: "A call after five days", ...type("name", "Call") },
        type("offset_count", "5"),
        ...choose("workday_policy", "take the next working day"),
        { trigger: `${IN_STEP} [name=channel_id] input`, run: "edit Phone" },
        { trigger: ".o-autocomplete--dropdown-item:contains(/^Phone$/)", run: "click" },
        { content: "shows its date at once", trigger: `${IN_STEP} .o_customer_date:contains(Call):contains(Phone)` },
        { content: "A negative window is refused while typing", ...type("late_count", "-1") },
        { trigger: `${IN_STEP} .o_customer_dates [role=alert]:contains(cannot be negative)` },
        type("late_count", "0"),
        { trigger: `${IN_STEP} .o_customer_date:contains(Call)` },
        { trigger: ".modal .o_form_button_save_new", run: "click" },
        { content: "Then a call each quarter, for a year", trigger: `${IN_STEP} [name=name] input:not(:value(Call))` },
        type("name", "Check"),
        type("offset_count", "3"),
        ...choose("offset_unit", "months"),
        ...choose("repeat", "Regularly, counted from the first"),
        type("every_count", "3"),
        { trigger: `${IN_STEP} .o_customer_dates .o_customer_date:eq(9)` },
        type("end_count", "4"),
        { trigger: `${IN_STEP} .o_customer_dates:not(:has(.o_customer_date:eq(4)))` },
        { trigger: `${IN_STEP} [name=channel_id] input`, run: "edit Phone" },
        { trigger: ".o-autocomplete--dropdown-item:contains(/^Phone$/)", run: "click" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { content: "The plan shows all dates in order", trigger: "body:not(:has(.modal)) .o_customer_date:eq(0):contains(Call)" },
        { trigger: ".o_customer_date:eq(4):contains(Check)" },
        { content: "in words too", trigger: ".o_data_row:contains(3 months after the start; then every 3 months; 4 contacts at most)" },
        { content: "It does not run without a lawful basis", trigger: "button[name=action_run]", run: "click" },
        { trigger: ".modal:contains(choose a lawful basis) .modal-footer .btn-primary", run: "click" },
        { trigger: "body:not(:has(.modal)) [name=lawful_basis] input, [name=lawful_basis] select", run: "click" },
        { trigger: ".o_select_menu_item:contains(Contract with the customer)", run: "click" },
        { trigger: "button[name=action_run]", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Running)" },
    ],
});

/** The administrator again: customers are on the plan, so a change takes a new version. */
tours.add("customer_followup_plan_version", {
    steps: () => [
        { trigger: "button[name=action_new_version]", run: "click" },
        { trigger: ".alert:contains(draft of a new version)" },
        { trigger: "[name=step_ids] .o_data_row:contains(Call) .o_data_cell[name=name]", run: "click" },
        type("offset_count", "6"),
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_data_row:contains(6 days after the start)" },
        { trigger: "button[name=action_use_version]", run: "click" },
        { content: "One customer is on the old version", trigger: ".alert:contains(earlier versions)" },
        { trigger: "button[name=action_move_to_version]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: ".o_notification:contains(1 customers moved)" },
    ],
});

/** The leader: pauses, resumes and stops a customer's plan, each with a reason. */
tours.add("customer_followup_pause", {
    steps: () => [
        { trigger: ".o_customer_journey button[data-state=planned]" },
        { trigger: "button[name=action_pause]", run: "click" },
        { trigger: ".modal [name=note] input", run: "edit Customer is abroad" },
        { trigger: ".modal button[name=action_pause]", run: "click" },
        { trigger: "body:not(:has(.modal)) .alert:contains(Paused):contains(Customer is abroad)" },
        { trigger: "button[name=action_resume]", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Running)" },
        { trigger: "button[name=action_ask_stop]", run: "click" },
        { trigger: ".modal [name=note] input", run: "edit The car was sold" },
        { trigger: ".modal button[name=action_stop]", run: "click" },
        { trigger: "body:not(:has(.modal)) .alert:contains(The car was sold)" },
    ],
});

/** The manager: finds a plan in the gallery, looks at its dates, uses and runs it. */
tours.add("customer_followup_gallery", {
    steps: () => [
        { content: "Grouped by industry", trigger: ".o_kanban_group:contains(Renovation and furnishing) .o_kanban_record:contains(Renovation: three stages)" },
        { content: "A proposal is marked", trigger: ".o_kanban_record:contains(Hotel: core customers):contains(Proposal):contains(Up to 11 contacts in the first year: Phone)" },
        { trigger: ".o_searchview_input", run: "edit gauze" },
        { trigger: ".o_searchview_autocomplete .o-dropdown-item:contains(Text)", run: "click" },
        { content: "Found by what is said", trigger: ".o_kanban_renderer:not(:has(.o_kanban_record:contains(Hotel))) .o_kanban_record:contains(Dental clinic: extraction)" },
        { trigger: ".o_facet_remove", run: "click" },
        { trigger: ".o_kanban_record:contains(Renovation: three stages)", run: "click" },
        { content: "Its dates, for a customer who starts today", trigger: ".o_form_view .o_customer_date:contains(Stage 1: a week of works)" },
        { trigger: "[name=sample_date] input, [name=sample_date] button" },
        { content: "It cannot be changed", trigger: ".o_form_view [name=name]:not(:has(input, textarea))" },
        { trigger: "button[name=action_use_template]", run: "click" },
        { content: "A plan of the manager's own", trigger: "button[name=action_run]", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Running)" },
        { trigger: ".o_data_row:contains(Stage 3: completed):contains(on the day of the target date)" },
    ],
});
