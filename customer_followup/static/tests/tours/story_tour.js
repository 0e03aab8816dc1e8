import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const card = (name) => `.o_kanban_record:contains(${name})`;

/** The agent: from the Desk through a call to a complaint, and a card dropped on Done. */
tours.add("customer_followup_agent", {
    steps: () => [
        { content: "The Desk shows whom to contact", trigger: card("Gao Yuan") },
        { content: "and shortened numbers only", trigger: `${card("Gao Yuan")}:contains(*******5678)` },
        { content: "Open the first", trigger: card("Gao Yuan"), run: "click" },
        {
            content: "Read what to say",
            trigger: ".o_customer_script:contains(Is everything as you expected?)",
        },
        { content: "Call", trigger: "button[name=dial]", run: "click" },
        {
            content: "The number is shown",
            trigger: ".modal .o_field_phone a[href^='tel:+33']",
        },
        { content: "Close", trigger: ".modal button[special=cancel]", run: "click" },
        {
            content: "Note a problem",
            trigger: "body:not(:has(.modal)) [name=feedback_ids] .o_field_x2many_list_row_add button, body:not(:has(.modal)) [name=feedback_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: "[name=feedback_ids] .o_selected_row [name=kind] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(Problem)",
            run: "click",
        },
        {
            trigger: "[name=feedback_ids] .o_selected_row [name=text] input",
            run: "edit The door rattles",
        },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        {
            content: "Make a complaint of it",
            trigger:
                ".o_form_saved [name=feedback_ids] .o_data_row:contains(The door rattles) button[name=action_complaint]",
            run: "click",
        },
        {
            content: "which has the customer's words as its title",
            trigger: ".modal [name=title] textarea:value(The door rattles)",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        {
            content: "Ask for a number",
            trigger:
                "body:not(:has(.modal)) [data-metric=Recommendation] button:contains(/^9$/)",
            run: "click",
        },
        {
            content: "The customer corrects the answer",
            trigger: "[data-metric=Recommendation] button[aria-pressed=true]:contains(9)",
        },
        { trigger: "[data-metric=Recommendation] button:contains(/^4$/)", run: "click" },
        { trigger: "[data-metric=Recommendation] button[aria-pressed=true]:contains(4)" },
        {
            content: "Say how it ended",
            trigger: ".o_customer_outcomes button[data-effect=close]:contains(Reached)",
            run: "click",
        },
        { content: "Here is the next customer", trigger: ".o_form_view [name=partner_id]:contains(Wang Wei), .o_form_view [name=partner_id] input:value(Wang Wei)" },
        { content: "Back to the Desk", trigger: ".o_menu_sections [data-menu-xmlid='customer_followup.menu_desk']", run: "click" },
        {
            content: "The call just made lies on Done today",
            trigger: `.o_kanban_group:has(.o_kanban_header:contains(Done today)) ${card("Gao Yuan")}`,
        },
        {
            content: "Drop the card on Done today",
            trigger: card("Wang Wei"),
            run: "drag_and_drop (.o_kanban_group:has(.o_kanban_header:contains(Done today)))",
        },
        {
            content: "Nothing closes silently",
            trigger: ".modal [name=outcome_id] .o_radio_item:contains(Reached) input",
            run: "click",
        },
        { trigger: ".modal [name=outcome_id] .o_radio_item:contains(Reached) input:checked" },
        { trigger: ".modal [name=summary] textarea", run: "edit All is well" },
        { trigger: ".modal button[name=action_close]", run: "click" },
        {
            content: "It lies on Done today",
            trigger: `body:not(:has(.modal)) .o_kanban_group:contains(Done today) ${card("Wang Wei")}`,
        },
    ],
});

// Places in the list of results.
const [INFORMED, CONTENT] = [0, 4];
const logContact = (result) => [
    { content: "Log customer contact", trigger: "button[name=action_log_contact]", run: "click" },
    { trigger: `.modal [name=result] .o_radio_item:eq(${result}) input`, run: "click" },
    { trigger: ".modal [name=how] input", run: "edit By phone" },
    { trigger: ".modal button[name=action_note]", run: "click" },
];

/** The handler: a complaint moves over the board until the customer confirms the solution. */
tours.add("customer_followup_handler", {
    steps: () => [
        {
            content: "The board shows the complaint; drag it on",
            trigger: `.o_kanban_group:eq(0) ${card("The door rattles")}`,
            run: "drag_and_drop(.o_kanban_group:eq(1))",
        },
        {
            content: "Open it",
            trigger: `.o_kanban_group:eq(1) ${card("The door rattles")}`,
            run: "click",
        },
        {
            content: "It shows what is missing",
            trigger: ".o_customer_checklist li.text-muted:contains(The cause)",
        },
        { content: "Assess it", trigger: ".nav-link[name=assessment]", run: "click" },
        { trigger: "[name=verdict] input", run: "click" },
        { trigger: ".o_select_menu_item:contains(/^Confirmed$/)", run: "click" },
        { trigger: "[name=cause] textarea", run: "edit A screw was loose" },
        { content: "Solve it", trigger: ".nav-link[name=solution]", run: "click" },
        { trigger: "[name=solution] textarea", run: "edit Tightened, free of charge" },
        {
            content: "Wait for the customer",
            trigger: ".o_statusbar_status button:contains(Customer confirms)",
            run: "click",
        },
        { trigger: ".o_form_saved .o_customer_checklist li.text-success:contains(The solution)" },
        ...logContact(INFORMED),
        {
            content: "The customer has an answer",
            trigger: "body:not(:has(.modal)) .o_customer_checklist li.text-success:contains(An answer)",
        },
        ...logContact(CONTENT),
        {
            content: "which closes it",
            trigger: "body:not(:has(.modal)) .o_form_saved [name=close_kind]:contains(Confirmed by the customer)",
        },
    ],
});

/** The customer: opens the link, answers, and is thanked. */
tours.add("customer_followup_customer", {
    steps: () => [
        { trigger: "button[type=submit]:contains(Start), .o_survey_form button:contains(Start)", run: "click" },
        {
            content: "Ten of ten",
            trigger: "label:contains(10) input, label:contains(10)",
            run: "click",
        },
        { trigger: "button[value=finish], button:contains(Submit)", run: "click" },
        { content: "Sure", trigger: ".modal button:contains(Submit)", run: "click" },
        { content: "Thank you", trigger: ".o_survey_finished:contains(Thank you), body:contains(Thank you. If something)" },
    ],
});

/** The manager again: the customer's answers are in the pivot. */
tours.add("customer_followup_scores", {
    steps: () => [
        { content: "Find the customer's answers", trigger: ".o_searchview_input", run: "edit Gao Yuan" },
        {
            trigger: ".o_searchview_autocomplete .o-dropdown-item:contains(Customer)",
            run: "click",
        },
        {
            content: "4 by phone and 10 in the survey make 70 of 100, of two answers",
            trigger: ".o_facet_value:contains(Gao Yuan)",
        },
        { trigger: ".o_pivot tr:contains(Recommendation) td:contains(70.00)" },
        { trigger: ".o_pivot tr:contains(Recommendation) td:contains(/^2$/)" },
    ],
});

/** The agent on a phone. */
tours.add("customer_followup_mobile", {
    steps: () => [
        { trigger: card("Gao Yuan"), run: "click" },
        { content: "What to say comes first", trigger: ".o_customer_script:contains(Is everything)" },
        {
            content: "The outcomes are within reach",
            trigger: ".o_customer_outcomes button:contains(No answer), .o_cp_action_menus button, .o_statusbar_buttons .dropdown-toggle",
            run: "click",
        },
    ],
});
