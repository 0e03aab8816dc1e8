from lxml import html

from odoo import models
from odoo.tools import html2plaintext

from ...tools import reply

_QUOTES = (
    "//blockquote | //*[@data-o-mail-quote-node or @data-o-mail-quote-container"
    " or @data-o-mail-quote or contains(@class, 'gmail_quote')]"
)
# Identity, not a value: no caller from outside can put this object into a context.
BY_A_MACHINE = object()


class MailThread(models.AbstractModel):
    """An incoming e-mail, which may answer a contact."""

    _inherit = "mail.thread"

    def _message_route_process(self, message, message_dict, routes):
        """Mark replies that a machine wrote: only the headers say so."""
        if reply.is_automatic(message):
            self = self.with_context(customer_reply=BY_A_MACHINE)
        return super()._message_route_process(message, message_dict, routes)


def plain_text(body):
    """Return the text of an e-mail without what mail programs mark as quoted."""
    if not (body or "").strip():
        return ""
    tree = html.fromstring(f"<div>{body}</div>")
    for quote in tree.xpath(_QUOTES):
        quote.drop_tree()
    return html2plaintext(html.tostring(tree, encoding="unicode"))
