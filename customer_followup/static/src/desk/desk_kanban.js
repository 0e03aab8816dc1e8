import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** Asks how a contact ended, or until when it waits, before a dropped card moves. */
export class DeskKanbanRenderer extends KanbanRenderer {
    setup() {
        super.setup();
        this.action = useService("action");
        this.orm = useService("orm");
    }

    async sortRecordDrop(dataRecordId, dataGroupId, { element, parent }) {
        parent?.classList.remove("o_kanban_hover");
        const { list } = this.props;
        const record = list.records.find((one) => one.id === dataRecordId);
        const target = list.groups?.find((group) => group.id === parent?.dataset.id);
        if (!record || !target || target.id === dataGroupId) {
            return;
        }
        if (list.groupByField.name !== "bucket") {
            return super.sortRecordDrop(...arguments);
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
