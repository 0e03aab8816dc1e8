import { Component, onWillStart } from "@odoo/owl";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { isOnContact } from "./keys";

// A second digit typed this soon after the first belongs to it, as in 10.
const TWO_DIGITS_MS = 1000;

/**
 * The questions asked in numbers, with one button for each number; kept when the form is saved.
 * Digits typed outside a text answer the first question without an answer.
 */
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
        this.typed = null;
        // Adding a line asks the server: the next digit waits for it.
        this.answered = Promise.resolve();
        for (let digit = 0; digit <= 9; digit++) {
            useHotkey(`${digit}`, () => this.onDigit(digit), {
                isAvailable: (target) => !this.props.readonly && isOnContact(target),
            });
        }
    }

    /** The question that digits answer. */
    get current() {
        return this.props.readonly ? undefined : this.asked.find((metric) => !this.line(metric));
    }

    onDigit(digit) {
        const now = Date.now();
        this.answered = this.answered.then(() => this.answer(digit, now));
        return this.answered;
    }

    async answer(digit, now) {
        const last = this.typed;
        if (last && now - last.at < TWO_DIGITS_MS) {
            const both = last.value * 10 + digit;
            if (last.value && both <= last.metric.scale_max) {
                this.typed = null;
                await this.line(last.metric).update({ value: both });
                return;
            }
        }
        const metric = this.current;
        if (metric && digit >= metric.scale_min && digit <= metric.scale_max) {
            this.typed = { metric, value: digit, at: now };
            await this.choose(metric, digit);
        }
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

    isLocked() {
        return this.props.readonly;
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
