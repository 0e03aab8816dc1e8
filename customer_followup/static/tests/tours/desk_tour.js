import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const card = (name) => `.o_kanban_record:contains(${name})`;
const column = (name) => `.o_kanban_group:has(.o_kanban_header:contains(${name}))`;
const customer = (name) =>
    `.o_form_view [name=partner_id]:contains(${name}), .o_form_view [name=partner_id] input:value(${name})`;
const outcome = (name) => `.o_customer_outcomes button:contains(${name})`;

/** An agent's day with the mouse. */
tours.add("customer_followup_day_mouse", {
    steps: () => [
        { content: "The late one lies first", trigger: `${column("Overdue")} ${card("An Late")}` },
        { trigger: ".o_control_panel button[name=action_next]", run: "click" },
        { content: "It comes first", trigger: customer("An Late") },
        { content: "No answer: two clicks in all", trigger: outcome("No answer"), run: "click" },
        { content: "The next one by its stars", trigger: customer("Bo Starred") },
        { trigger: ".o_notification:contains(An Late: Call: No answer)" },
        { content: "Dial", trigger: "button[name=dial]", run: "click" },
        { trigger: ".modal .o_field_phone a[href^='tel:+33']" },
        { trigger: ".modal button[special=cancel]", run: "click" },
        { trigger: "body:not(:has(.modal)) [name=summary] textarea", run: "edit Wants a brochure" },
        { content: "Something must be done", trigger: "button[name=action_add_action]", run: "click" },
        { trigger: ".modal [name=name] input", run: "edit Send the brochure" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: `body:not(:has(.modal)) ${outcome("Reached")}`, run: "click" },
        { trigger: customer("Cy Refuses") },
        { trigger: ".o_customer_more", run: "click" },
        { trigger: ".o-dropdown-item[data-effect=refuse]", run: "click" },
        { content: "What does the customer refuse?", trigger: ".modal [name=refused] .o_radio_item:contains(This contact only) input", run: "click" },
        { trigger: ".modal button[name=action_close]", run: "click" },
        { content: "No customer is left", trigger: ".o_notification:contains(There are no more customers to contact now)" },
        { content: "The Desk shows what was done", trigger: `${column("Done today")} ${card("Bo Starred")}` },
        { trigger: `${column("Waiting")} ${card("An Late")}:contains(No answer)` },
    ],
});

/** The same with the keyboard only, except for text. */
tours.add("customer_followup_day_keyboard", {
    steps: () => [
        { trigger: `${column("Overdue")} ${card("An Late")}`, run: "press alt+n" },
        { trigger: customer("An Late") },
        { trigger: ".o_form_view", run: "press alt+2" },
        { trigger: customer("Bo Starred") },
        { trigger: ".o_form_view", run: "press d" },
        { trigger: ".modal .o_field_phone a[href^='tel:+33']", run: "press Escape" },
        { trigger: "body:not(:has(.modal)) .o_form_view", run: "press alt+1" },
        { trigger: customer("Cy Refuses") },
        { content: "Digits in a text are text", trigger: "[name=summary] textarea", run: "edit Until 1 or 2 o'clock" },
        { content: "With Alt also while writing", trigger: "[name=summary] textarea", run: "press alt+1" },
        { trigger: `${column("Done today")} ${card("Cy Refuses")}` },
    ],
});

/** The same on a phone. */
tours.add("customer_followup_day_phone", {
    steps: () => [
        { trigger: card("An Late"), run: "click" },
        { content: "Dialling is at hand", trigger: ".o_customer_outcomes button[name=dial]", run: "click" },
        { trigger: ".modal .o_field_phone a[href^='tel:+33']" },
        { trigger: ".modal button[special=cancel]", run: "click" },
        { trigger: `body:not(:has(.modal)) ${outcome("No answer")}`, run: "click" },
        { trigger: customer("Bo Starred") },
        { trigger: outcome("Reached"), run: "click" },
        { trigger: customer("Cy Refuses") },
        { trigger: ".o_customer_more", run: "click" },
        { trigger: ".o-dropdown-item:contains(Call back)", run: "click" },
        { content: "Until when?", trigger: ".modal button[name=action_close]" },
        { trigger: ".modal .o_form_button_cancel, .modal button[special=cancel]", run: "click" },
        { content: "Nothing happened yet", trigger: `body:not(:has(.modal)) ${outcome("Reached")}`, run: "click" },
        { trigger: ".o_kanban_view" },
    ],
});
