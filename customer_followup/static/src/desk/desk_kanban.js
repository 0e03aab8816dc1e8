import { onMounted } from "@odoo/owl";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanRecord } from "@web/views/kanban/kanban_record";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { useNextCustomer } from "./next";

/** Dials from the card, and opens the call form behind the number. */
export class DeskKanbanRecord extends KanbanRecord {
    setup() {
        super.setup();
        this.orm = useService("orm");
    }

    onGlobalClick(ev) {
        if (ev.target.closest(".o_customer_dial")) {
            return this.onDial();
        }
        return super.onGlobalClick(...arguments);
    }

    async onDial() {
        const { openRecord, record } = this.props;
        const dialog = await this.orm.call("customer.followup", "action_call", [[record.resId]]);
        await this.action.doAction(dialog, { onClose: () => openRecord(record) });
    }
}

/** Asks how a contact ended, or until when it waits, before a dropped card moves. */
export class DeskKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, KanbanRecord: DeskKanbanRecord };

    setup() {
        super.setup();
        this.action = useService("action");
        this.orm = useService("orm");
        const openNext = useNextCustomer();
        useHotkey("n", () => openNext([]));
        onMounted(() => this.showFirstCards());
    }

    /** On a phone, which shows one column at a time, begin with the first that has cards. */
    showFirstCards() {
        const { list } = this.props;
        if (!this.env.isSmall || list.groupByField?.name !== "bucket") {
            return;
        }
        const first = list.groups.findIndex((group) => group.count && !group.isFolded);
        const columns = this.rootRef.el.querySelectorAll(".o_kanban_group");
        columns[first]?.scrollIntoView({ block: "nearest", inline: "start" });
    }

    async sortRecordDrop(dataRecordId, dataGroupId, { parent }) {
        const { list } = this.props;
        if (list.groupByField?.name !== "bucket") {
            return super.sortRecordDrop(...arguments);
        }
        parent?.classList.remove("o_kanban_hover");
        const record = list.records.find((one) => one.id === dataRecordId);
        const target = list.groups?.find((group) => group.id === parent?.dataset.id);
        if (!record || !target || target.id === dataGroupId) {
            return;
        }
        const dialog = await this.orm.call("customer.followup", "action_desk_drop", [
            [record.resId],
            target.value,
        ]);
        await this.action.doAction(dialog, { onClose: () => list.model.load() });
    }
}

registry.category("views").add("customer_desk_kanban", {
    ...kanbanView,
    Renderer: DeskKanbanRenderer,
});
