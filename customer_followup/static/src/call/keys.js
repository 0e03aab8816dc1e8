/**
 * Say whether a key pressed with the focus on `target` may act on the contact: neither in a text,
 * nor in the chatter or a dialog.
 */
export function isOnContact(target) {
    return !(target instanceof Element && target.closest(".o-mail-Chatter, .o-mail-Form-chatter, .o_dialog"));
}
