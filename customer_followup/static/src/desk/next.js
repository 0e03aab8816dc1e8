import { useService } from "@web/core/utils/hooks";

/** Return a function that opens the next customer, or the Desk when none is left. */
export function useNextCustomer() {
    const orm = useService("orm");
    const action = useService("action");
    const notification = useService("notification");
    return async (resIds, options) => {
        const next = await orm.call("customer.followup", "action_next", [resIds]);
        if (next.tag === "display_notification") {
            notification.add(next.params.message, { type: next.params.type });
            return action.doAction(next.params.next, { clearBreadcrumbs: true });
        }
        return action.doAction(next, options);
    };
}
