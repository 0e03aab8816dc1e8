import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const COLORS = {
    done: "text-success",
    late: "text-danger",
    missed: "text-danger",
    planned: "text-primary",
    waiting: "text-warning",
};
const ICONS = { coming: "fa-circle-o", missed: "fa-times-circle", withheld: "fa-ban" };

/** One line for each plan of a customer: dots for what was, what is pending and what will come. */
export class Journey extends Component {
    static template = "customer_followup.Journey";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get lines() {
        const value = this.props.record.data[this.props.name];
        return (Array.isArray(value) ? value : [value]).filter(Boolean);
    }

    icon({ state }) {
        return `fa ${ICONS[state] || "fa-circle"} ${COLORS[state] || "text-muted"}`;
    }

    text({ day, name, note }) {
        return [day, name, note].filter(Boolean).join(" · ");
    }

    open({ id }) {
        if (id) {
            this.action.doAction({
                type: "ir.actions.act_window",
                res_model: "customer.followup",
                res_id: id,
                views: [[false, "form"]],
            });
        }
    }
}

registry.category("fields").add("customer_journey", {
    component: Journey,
    supportedTypes: ["json"],
});
