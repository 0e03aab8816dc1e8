import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { COLORS, lengthText, moment, standing, useNow } from "./time";

/** One line for each promise: when the clock ran and was paused, the current time, and the deadline. */
export class Promises extends Component {
    static template = "customer_followup.Promises";
    static props = { ...standardFieldProps, isCompact: { type: Boolean, optional: true } };

    setup() {
        this.clock = useNow();
    }

    get lines() {
        const value = this.props.record.data[this.props.name];
        const promises = (Array.isArray(value) ? value : [value]).filter(Boolean);
        return promises.map((promise) => this.line(promise));
    }

    line(promise) {
        const { now } = this.clock;
        const [start, deadline, met] = [promise.start, promise.deadline, promise.met].map(moment);
        const kind = standing(promise, now);
        const isOver = met || kind === "late";
        const end = [deadline, met, isOver ? null : now].filter(Boolean).reduce((a, b) => (a > b ? a : b), start);
        const last = kind === "late" && !met && now > end ? now : end;
        const share = (one) => Math.max(0, Math.min(100, (100 * (one - start)) / Math.max(last - start, 1)));
        const parts = promise.intervals.map((part) => {
            const [from, to] = [moment(part.start), moment(part.end) || now];
            return {
                ...part,
                style: `left: ${share(from)}%; width: ${share(to) - share(from)}%`,
                title: `${this.time(from)} - ${this.time(to)}: ${part.why}`,
            };
        });
        return {
            ...promise,
            standing: kind,
            color: COLORS[kind],
            background: kind === "waiting" ? "text-bg-secondary" : `text-bg-${COLORS[kind]}`,
            parts,
            now: met ? null : `left: ${share(now)}%`,
            done: met ? `left: ${share(met)}%` : null,
            due: deadline ? `left: ${share(deadline)}%` : null,
            text: this.text(kind, deadline, met),
        };
    }

    text(kind, deadline, met) {
        if (kind === "waiting") {
            return _t("the clock is paused");
        }
        const length = deadline ? lengthText(met || this.clock.now, deadline) : "";
        const values = { length, moment: this.time(met || deadline) };
        if (kind === "kept") {
            return deadline ? _t("%(moment)s kept, %(length)s before", values) : _t("%(moment)s kept", values);
        }
        if (kind === "late" && met && deadline && met <= deadline) {
            return _t("%(moment)s done in time, recorded after the deadline", values);
        }
        if (kind === "late") {
            return met ? _t("%(moment)s done, %(length)s late", values) : _t("%(length)s late", values);
        }
        return _t("due %(moment)s, in %(length)s", values);
    }

    time(one) {
        const format = one.hasSame(this.clock.now, "day") ? "TIME_SIMPLE" : "DATETIME_SHORT";
        return one.toLocaleString(luxon.DateTime[format]);
    }
}

registry.category("fields").add("customer_promises", {
    component: Promises,
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ isCompact: Boolean(options.is_compact) }),
});
