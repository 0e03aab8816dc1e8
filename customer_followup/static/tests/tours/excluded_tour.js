import { registry } from "@web/core/registry";

/** A user records a complaint about the same user, who sees only its number afterwards. */
registry.category("web_tour.tours").add("customer_followup_excluded", {
    steps: () => [
        { trigger: ".o_field_widget[name=title] textarea", run: "edit Shouting in the shop" },
        {
            content: "Enter the employee it is about",
            trigger: ".o_field_widget[name=concerned_user_ids] input",
            run: "edit cf_colleague",
        },
        { trigger: ".o-autocomplete--dropdown-item:contains(cf_colleague) > a", run: "click" },
        { trigger: ".o_field_widget[name=concerned_user_ids] .o_tag" },
        { trigger: ".o_form_button_save", run: "click" },
        { content: "The number is there", trigger: ".o_field_widget[name=name]:contains(W20)" },
        {
            content: "and nothing more",
            trigger: ".o_form_view:not(:contains(Shouting)) .o_field_widget[name=title]",
        },
        { content: "Back to the others", trigger: ".breadcrumb-item a, .o_back_button", run: "click" },
        { trigger: ".o_kanban_view:not(:contains(Shouting))" },
    ],
});
