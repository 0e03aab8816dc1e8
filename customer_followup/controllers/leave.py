from odoo import http
from odoo.http import request

SCOPES = ("purpose", "all")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class Leave(http.Controller):
    """The page on which a customer unsubscribes from messages."""

    # No session, so no CSRF token: mail programs post to it by themselves (RFC 8058), and the
    # link itself gives the right.
    @http.route(
        "/followup/leave/<int:followup_id>/<int:purpose_id>/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def leave(self, followup_id, purpose_id, token, **_ignored):
        """Ask on GET, which changes nothing; record what a POST says.

        A wrong link gets no information.
        """
        followup = request.env["customer.followup"]._by_unsubscribe_link(
            followup_id, purpose_id, token
        )
        if not followup:
            raise request.not_found()
        request.update_context(lang=followup.partner_id.lang or followup.env.lang)
        purpose = followup.env["customer.purpose"].browse(purpose_id)
        # Scanners of links post as well, but choose nothing.
        chosen = request.httprequest.form
        scope = chosen.get("scope")
        is_done = scope in SCOPES or chosen.get("List-Unsubscribe") == "One-Click"
        if is_done:
            followup._leave("page", None if scope == "all" else purpose)
        # Plain words only: the page cannot show what it was not given.
        values = {
            "company": followup.company_id.name,
            "purpose": purpose.with_env(request.env).sudo().name,
            "language": (request.env.lang or "en_US").replace("_", "-"),
            "is_done": is_done,
            "is_everything": scope == "all",
        }
        return request.render("customer_followup.leave_page", values, headers=HEADERS)
