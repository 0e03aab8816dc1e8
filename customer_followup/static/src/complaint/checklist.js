import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What is known of a complaint, and what is still missing before it may be closed. */
export class Checklist extends Component {
    static template = "customer_followup.Checklist";
    static props = { ...standardFieldProps };

    get rows() {
        const rows = this.props.record.data[this.props.name] || [];
        return rows.map((row) => ({
            ...row,
            label: row.label[0].toUpperCase() + row.label.slice(1),
        }));
    }
}

registry.category("fields").add("customer_checklist", {
    component: Checklist,
    supportedTypes: ["json"],
});
