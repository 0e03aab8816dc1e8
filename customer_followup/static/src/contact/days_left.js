import { capitalize } from "@web/core/utils/strings";
import { registry } from "@web/core/registry";
import { RemainingDaysField, remainingDaysField } from "@web/views/fields/remaining_days/remaining_days_field";

/** How many days are left: Odoo's field says "next month" for tomorrow at the end of a month. */
export class DaysLeft extends RemainingDaysField {
    get diffString() {
        const text = super.diffString;
        if (this.diffDays === null || text === this.formattedValue) {
            return text;
        }
        const { name, record } = this.props;
        return capitalize(record.data[name].toRelativeCalendar({ unit: "days" }));
    }
}

registry.category("fields").add("customer_days_left", { ...remainingDaysField, component: DaysLeft });
