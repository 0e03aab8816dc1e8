import { registry } from "@web/core/registry";

/** The administrator: a rule on sales orders, from its preview to customers on the plan. */
registry.category("web_tour.tours").add("customer_followup_rule", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_form_view [name=name] input, .o_form_view [name=name] textarea", run: "edit Orders" },
        { trigger: "[name=model_id] input", run: "edit Sales Order" },
        { trigger: ".o-autocomplete--dropdown-item:contains(/^Sales Order$/)", run: "click" },
        { content: "Its customer is known", trigger: "[name=partner_path] .o_model_field_selector:contains(Customer)" },
        { trigger: "[name=plan_id] input", run: "edit Care of orders" },
        { trigger: ".o-autocomplete--dropdown-item:contains(/^Care of orders$/)", run: "click" },
        { content: "Starting on a date of the order", trigger: "[name=anchor_path] .o_model_field_selector", run: "click" },
        { trigger: ".o_model_field_selector_popover_search input", run: "edit Order Date" },
        { trigger: ".o_model_field_selector_popover_item_name:contains(/^Order Date$/)", run: "click" },
        { content: "The form says what it would do", trigger: "[name=preview]:contains(match now):contains(Next 30 days)" },
        { trigger: ".o_form_button_save", run: "click" },
        { content: "It is off", trigger: ".o_form_saved button[name=action_ask_start]:contains(Switch on)", run: "click" },
        { content: "From now on is proposed", trigger: ".modal .o_field_radio input[data-value=now]:checked" },
        { trigger: ".modal .o_field_radio input[data-value=all]", run: "click" },
        { trigger: ".modal button[name=action_start]", run: "click" },
        { trigger: ".o_notification:contains(enrolled for)" },
        { content: "It is on", trigger: "body:not(:has(.modal)) button[name=action_switch_off]" },
    ],
});
