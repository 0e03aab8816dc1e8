import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The next dates of a plan for a sample customer, each with the reason for it. */
export class Dates extends Component {
    static template = "customer_followup.Dates";
    static props = { ...standardFieldProps };

    get preview() {
        return this.props.record.data[this.props.name] || { problem: false, dates: [] };
    }
}

registry.category("fields").add("customer_dates", {
    component: Dates,
    supportedTypes: ["json"],
});
