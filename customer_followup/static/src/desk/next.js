import { useEnv } from "@odoo/owl";

const DESK = "customer_followup.customer_followup_action_desk";

/** Return a function that opens the next customer, or the Desk when none is left. */
export function useNextCustomer() {
    // Not `useService`: the form that asks may be gone before the server has answered.
    const { action, notification, orm } = useEnv().services;
    return async (resIds) => {
        const next = await orm.call("customer.followup", "action_next", [resIds]);
        if (next.tag === "display_notification") {
            notification.add(next.params.message, { type: next.params.type });
            return action.doAction(DESK, { clearBreadcrumbs: true });
        }
        // As the Desk's own form: its address and the way back to its cards stay.
        const form = { viewType: "form", props: { resId: next.res_id } };
        return action.doAction(DESK, { clearBreadcrumbs: true, ...form });
    };
}
