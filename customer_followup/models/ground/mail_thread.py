from odoo import SUPERUSER_ID, api, models

# An object that equals only itself: no caller from outside can put it into a context, and Odoo
# takes an environment whose context is equal for the same.
NO_TRACKING = object()
_SILENCERS = ("tracking_disable", "mail_notrack")


class MailThread(models.AbstractModel):
    """A record whose tracked changes the chatter shows, whatever a caller's context asks for."""

    _inherit = "mail.thread"

    @api.model_create_multi
    def create(self, vals_list):
        made = super(MailThread, self._heard()).create(vals_list)
        return made.with_env(self.env)

    def write(self, vals):
        return super(MailThread, self._heard()).write(vals)

    def _heard(self):
        """Return these records without the wish of a user to leave no trace on ours.

        Also in sudo, where our verbs keep the context of who calls them.
        """
        if self.env.uid == SUPERUSER_ID or not self._is_of_this_app:
            return self
        context = self.env.context
        unheard = {
            name: False for name in _SILENCERS if context.get(name, NO_TRACKING) is not NO_TRACKING
        }
        return self.with_context(**unheard) if unheard else self
