import { Component, onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The questions asked in numbers, with one button for each number; kept when the form is saved. */
export class Scores extends Component {
    static template = "customer_followup.Scores";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        onWillStart(async () => {
            this.metrics = await this.orm.searchRead(
                "customer.satisfaction.metric",
                [],
                ["name", "question", "scale_min", "scale_max"]
            );
        });
    }

    get list() {
        return this.props.record.data[this.props.name];
    }

    get asked() {
        return this.props.readonly ? this.metrics.filter((one) => this.line(one)) : this.metrics;
    }

    line(metric) {
        return this.list.records.find((line) => line.data.metric_id?.id === metric.id);
    }

    numbers({ scale_min, scale_max }) {
        return Array.from({ length: scale_max - scale_min + 1 }, (_, index) => scale_min + index);
    }

    isLocked(metric) {
        return this.props.readonly || Boolean(this.line(metric)?.resId);
    }

    async choose(metric, value) {
        const line = this.line(metric);
        if (!line) {
            await this.list.addNewRecord({
                position: "bottom",
                context: { default_metric_id: metric.id, default_value: value },
            });
        } else if (line.data.value === value) {
            await this.list.delete(line);
        } else {
            await line.update({ value });
        }
    }
}

registry.category("fields").add("customer_scores", {
    component: Scores,
    supportedTypes: ["one2many"],
    relatedFields: [
        {
            name: "metric_id",
            type: "many2one",
            relation: "customer.satisfaction.metric",
            readonly: false,
        },
        { name: "value", type: "float", readonly: false },
    ],
});
