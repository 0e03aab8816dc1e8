import { registry } from "@web/core/registry";

/** The handler: sees how much time is left, writes to the customer, and the promise is kept. */
registry.category("web_tour.tours").add("customer_followup_promise", {
    steps: () => [
        {
            content: "The card tells the time left to the next promise",
            trigger:
                ".o_kanban_record:contains(It rattles) .o_customer_time_left[data-standing=good]:contains(First answer)",
        },
        { trigger: ".o_kanban_record:contains(It rattles)", run: "click" },
        {
            content: "The promises are in sight",
            trigger: ".o_customer_compact .o_customer_promise[data-standing=good]:contains(First answer)",
        },
        { content: "See the details", trigger: ".nav-link[name=promises]", run: "click" },
        {
            content: "Why this deadline",
            trigger: ".tab-pane .o_customer_promise[data-standing=good]:contains(First answer):contains(10 minutes from)",
        },
        { content: "Write to the customer", trigger: "button[name=action_write]", run: "click" },
        { trigger: ".modal [name=customer]:contains(Gao Yuan)" },
        { trigger: ".modal [name=text] textarea", run: "edit We are on it." },
        { trigger: ".modal button[name=action_send]", run: "click" },
        { trigger: ".o-mail-Message:contains(We are on it.)" },
        {
            content: "The promise is kept",
            trigger: ".o_customer_promise[data-standing=kept]:contains(First answer)",
        },
        { content: "All is arranged", trigger: "button[name=action_note_arrangement]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: ".o_customer_promise[data-standing=kept]:contains(Arrangement)" },
        { trigger: ".o_form_view:not(:has(button[name=action_note_arrangement]))" },
    ],
});
