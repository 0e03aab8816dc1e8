import { Component, onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** One button for each way a contact can end; the first nine answer to Alt and their number. */
export class Outcomes extends Component {
    static template = "customer_followup.Outcomes";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        onWillStart(async () => {
            this.outcomes = await this.orm.searchRead(
                "customer.followup.outcome",
                [["is_manual", "=", true]],
                ["name", "icon", "effect"]
            );
        });
    }

    async onClick(outcome) {
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        const dialog = await this.orm.call("customer.followup", "action_outcome", [
            [record.resId],
            outcome.id,
        ]);
        if (dialog) {
            await this.action.doAction(dialog, { onClose: () => record.load() });
        } else {
            await record.load();
        }
    }
}

registry.category("view_widgets").add("customer_outcomes", { component: Outcomes });
