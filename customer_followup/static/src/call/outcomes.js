import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { isMacOS } from "@web/core/browser/feature_detection";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useNextCustomer } from "../desk/next";
import { isOnContact } from "./keys";

const GOES_ON = "customer_followup.goes_on";
// How many outcomes have a button of their own: on a screen, and on a phone.
const SHOWN = 4;
const SHOWN_SMALL = 2;
const ENDING = ["close", "refuse", "stop", "block"];
// Of calls and visits only: a message is answered or not, at any time.
const SPOKEN = ["retry", "callback"];
// Long enough to notice an outcome recorded by mistake.
const UNDO_DELAY = 10000;

/**
 * Dial, then one button for each way a contact can end. Keys: `d` dials, `n` goes to the next
 * customer when this contact has ended, and Alt with `1` to `9`, also while typing, ends it as the
 * buttons say. Digits alone belong to the scores.
 */
export class Outcomes extends Component {
    static template = "customer_followup.Outcomes";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardWidgetProps };

    setup() {
        // Not `useService`: the form may be gone before the server has answered.
        this.orm = this.env.services.orm;
        this.action = useService("action");
        this.notification = useService("notification");
        this.openNext = useNextCustomer();
        this.ui = useService("ui");
        this.state = useState({ goesOn: browser.localStorage.getItem(GOES_ON) !== "no" });
        onWillStart(async () => {
            this.outcomes = await this.orm.searchRead(
                "customer.followup.outcome",
                [["is_manual", "=", true]],
                ["name", "icon", "effect"]
            );
        });
        useHotkey("d", () => this.onDial(), {
            isAvailable: (target) => this.canDial && isOnContact(target),
        });
        useHotkey("n", () => this.goOn(), {
            isAvailable: (target) => !this.isOpen && isOnContact(target),
        });
        for (let number = 1; number <= 9; number++) {
            useHotkey(`alt+${number}`, () => this.onKey(number), {
                bypassEditableProtection: true,
                isAvailable: (target) => this.isOpen && isOnContact(target),
            });
        }
    }

    get data() {
        return this.props.record.data;
    }

    get isOpen() {
        return ["planned", "waiting"].includes(this.data.state);
    }

    get canDial() {
        return this.isOpen && !this.data.is_written && Boolean(this.data.phone_masked);
    }

    /** The outcomes of this contact; one that the system sends is ended by it. */
    get offered() {
        return this.data.is_automatic ? [] : this.outcomes.filter((one) => this.fits(one));
    }

    /** Only a contact of a plan can stop it. */
    fits({ effect }) {
        return effect === "stop"
            ? Boolean(this.data.enrollment_id)
            : !(this.data.is_written && SPOKEN.includes(effect));
    }

    get shown() {
        return this.offered.slice(0, this.ui.isSmall ? SHOWN_SMALL : SHOWN);
    }

    get others() {
        return this.offered.slice(this.shown.length);
    }

    isBlocked(outcome) {
        return Boolean(this.data.blocked_text) && ENDING.includes(outcome.effect);
    }

    /** The keys shown beside an outcome. */
    keys(outcome) {
        const number = this.offered.indexOf(outcome) + 1;
        const modifier = isMacOS() ? "Ctrl" : "Alt";
        return number <= 9 ? `${modifier}+${number}` : "";
    }

    toggleGoesOn() {
        this.state.goesOn = !this.state.goesOn;
        browser.localStorage.setItem(GOES_ON, this.state.goesOn ? "yes" : "no");
    }

    onKey(number) {
        const outcome = this.offered[number - 1];
        if (outcome && !this.isBlocked(outcome)) {
            return this.onClick(outcome);
        }
    }

    async onDial() {
        const { record } = this.props;
        if (await record.save()) {
            const dialog = await this.orm.call("customer.followup", "action_call", [[record.resId]]);
            await this.action.doAction(dialog);
        }
    }

    async onClick(outcome) {
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        const dialog = await this.orm.call("customer.followup", "action_outcome", [
            [record.resId],
            outcome.id,
            record.data.attempt_count,
        ]);
        if (!dialog) {
            return this.ended(outcome.name);
        }
        await this.action.doAction(dialog, {
            onClose: (result) => result?.outcome && this.ended(result.outcome, result.is_gone),
        });
    }

    async ended(outcome, isGone = false) {
        const { record } = this.props;
        const { resId, resModel } = record;
        const show = () =>
            this.action.doAction({
                type: "ir.actions.act_window",
                name: _t("Follow-up"),
                res_model: resModel,
                res_id: resId,
                views: [[false, "form"]],
            });
        const undo = async () => {
            await this.orm.call(resModel, "action_undo", [[resId]]);
            await show();
        };
        const buttons = [{ name: _t("Undo"), onClick: () => (close(), undo()) }];
        if (!isGone && this.state.goesOn) {
            buttons.push({ name: _t("Show"), onClick: () => (close(), show()) });
        }
        const close = this.notification.add(`${this.data.display_name}: ${outcome}`, {
            type: "success",
            autocloseDelay: UNDO_DELAY,
            buttons,
        });
        if (!isGone && !this.state.goesOn) {
            return record.load();
        }
        await this.goOn();
    }

    /** Open the next customer instead of this one, or the Desk when none is left. */
    async goOn() {
        await this.openNext([this.props.record.resId]);
    }
}

registry.category("view_widgets").add("customer_outcomes", {
    component: Outcomes,
    fieldDependencies: [
        { name: "attempt_count", type: "integer" },
        { name: "blocked_text", type: "char" },
        { name: "display_name", type: "char" },
        { name: "enrollment_id", type: "many2one" },
        { name: "is_automatic", type: "boolean" },
        { name: "is_written", type: "boolean" },
        { name: "phone_masked", type: "char" },
        { name: "state", type: "selection" },
    ],
});
