import { browser } from "@web/core/browser/browser";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { onWillUnmount, useState } from "@odoo/owl";

const { DateTime } = luxon;
const MINUTE = 60_000;

/** Gives a component the time of day, updated each minute, without asking the server. */
export function useNow() {
    const clock = useState({ now: DateTime.now() });
    const timer = browser.setInterval(() => (clock.now = DateTime.now()), MINUTE);
    onWillUnmount(() => browser.clearInterval(timer));
    return clock;
}

/** The moment of a text of the server; a moment is returned as it is. */
export function moment(value) {
    return typeof value === "string" ? deserializeDateTime(value) : value || null;
}

/** The time from one moment to another, in short words. */
export function lengthText(start, end) {
    const minutes = Math.floor(Math.abs(end - start) / MINUTE);
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60)];
    if (days > 1) {
        return _t("%s d", days);
    }
    return hours ? _t("%(hours)s h %(minutes)s min", { hours, minutes: minutes % 60 }) : _t("%s min", minutes);
}

/** What a promise is now: kept, late, soon over, in time, or waiting. */
export function standing({ state, deadline, warn, met }, now) {
    if (met || state === "met") {
        return state === "missed" ? "late" : "kept";
    }
    if (state === "missed" || (deadline && now > moment(deadline))) {
        return "late";
    }
    if (!deadline) {
        return "waiting";
    }
    return warn && now >= moment(warn) ? "soon" : "good";
}

export const COLORS = {
    kept: "success",
    good: "success",
    soon: "warning",
    late: "danger",
    waiting: "muted",
};
