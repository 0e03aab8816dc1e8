/**
 * Say whether a key pressed with the focus on `target` may act on the contact: not in the chatter,
 * nor in a dialog. In text fields Odoo ignores keys, except those with Alt.
 */
export function isOnContact(target) {
    return !(target instanceof Element && target.closest(".o-mail-Chatter, .o-mail-Form-chatter, .o_dialog"));
}
