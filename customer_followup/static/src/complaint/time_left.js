import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { COLORS, lengthText, standing, useNow } from "./time";

/** The time left to the next promise, on a card. */
export class TimeLeft extends Component {
    static template = "customer_followup.TimeLeft";
    static props = { ...standardFieldProps };

    setup() {
        this.clock = useNow();
    }

    get promise() {
        const { next_state: state, date_next: deadline, date_next_warn: warn } = this.props.record.data;
        return state && { state, deadline, warn };
    }

    get kind() {
        const { data, fields } = this.props.record;
        return fields.next_kind.selection.find(([value]) => value === data.next_kind)?.[1];
    }

    get standing() {
        return standing(this.promise, this.clock.now);
    }

    get color() {
        return COLORS[this.standing];
    }

    get text() {
        if (this.standing === "waiting") {
            return _t("waiting");
        }
        const length = lengthText(this.clock.now, this.promise.deadline);
        return this.standing === "late" ? _t("%s late", length) : length;
    }

    get title() {
        const { deadline } = this.promise;
        return deadline ? `${this.kind}: ${deadline.toLocaleString(luxon.DateTime.DATETIME_MED)}` : this.kind;
    }
}

registry.category("fields").add("customer_time_left", {
    component: TimeLeft,
    supportedTypes: ["datetime"],
    fieldDependencies: [
        { name: "next_kind", type: "selection" },
        { name: "next_state", type: "selection" },
        { name: "date_next_warn", type: "datetime" },
    ],
});
