import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { COLORS, lengthText, moment, standing, useNow } from "./time";

/** The time left to the next promise, on a card. */
export class TimeLeft extends Component {
    static template = "customer_followup.TimeLeft";
    static props = { ...standardFieldProps };

    setup() {
        this.clock = useNow();
    }

    get promise() {
        return this.props.record.data[this.props.name];
    }

    get standing() {
        return standing(this.promise, this.clock.now);
    }

    get color() {
        return COLORS[this.standing];
    }

    get text() {
        const deadline = moment(this.promise.deadline);
        if (this.standing === "waiting") {
            return _t("waiting");
        }
        const length = lengthText(this.clock.now, deadline);
        return this.standing === "late" ? _t("%s late", length) : length;
    }

    get title() {
        const deadline = moment(this.promise.deadline);
        return deadline ? `${this.promise.kind}: ${deadline.toLocaleString(luxon.DateTime.DATETIME_MED)}` : this.promise.kind;
    }
}

registry.category("fields").add("customer_time_left", {
    component: TimeLeft,
    supportedTypes: ["json"],
});
