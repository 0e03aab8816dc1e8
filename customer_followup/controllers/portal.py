from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from .leave import HEADERS

PAGE_SIZE = 20
# The largest number that the database can hold.
_ONE = "/my/complaints/<int(max=2147483647):complaint_id>"
_PUBLIC = {"type": "http", "auth": "public", "website": True, "sitemap": False}


class ComplaintPortal(CustomerPortal):
    """A customer's page of complaints; with the link from an e-mail, also without a login."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "complaint_count" in counters:
            complaints = request.env["customer.complaint"]
            # Strangers read nothing: only what is the visitor's own is counted.
            values["complaint_count"] = complaints.sudo().search_count(complaints._visitor_domain())
        return values

    @http.route(
        ["/my/complaints", "/my/complaints/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        sitemap=False,
    )
    def my_complaints(self, page=1, **_ignored):
        """List the visitor's complaints, the latest first."""
        complaints = request.env["customer.complaint"]
        domain = complaints._visitor_domain()
        # Strangers read nothing: only what is the visitor's own is listed.
        complaints = complaints.sudo()
        pages = pager("/my/complaints", complaints.search_count(domain), page, step=PAGE_SIZE)
        found = complaints.search(
            domain, order="date_received desc, id desc", limit=PAGE_SIZE, offset=pages["offset"]
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "complaints",
            "complaints": [one._customer_row() for one in found],
            "pager": pages,
            "form_url": request.env.company.sudo()._customer_form_url(),
        }
        return request.render("customer_followup.portal_complaints", values, headers=HEADERS)

    @http.route(_ONE, methods=["GET"], **_PUBLIC)
    def my_complaint(self, complaint_id, access_token=None, sent=None, **_ignored):
        """Show one complaint to its customer."""
        complaint = self._complaint(complaint_id, access_token)
        if not complaint:
            return self._nothing(complaint_id, access_token)
        return self._page(complaint, access_token, is_sent=bool(sent))

    @http.route(f"{_ONE}/<any(solved,unsolved):answer>", methods=["GET", "POST"], **_PUBLIC)
    def my_complaint_answer(
        self, complaint_id, answer, access_token=None, why=None, satisfaction=None, **_ignored
    ):
        """Ask on GET, which changes nothing; record on POST what the customer answers."""
        complaint = self._complaint(complaint_id, access_token)
        if not complaint:
            return self._nothing(complaint_id, access_token)
        is_solved, why = answer == "solved", as_text(why)
        is_said = request.httprequest.method == "POST" and (is_solved or why.strip())
        if complaint.state != "awaiting":
            if is_said and not is_solved:
                # The question is closed, but the answer is recorded as a message.
                return self._write(complaint, access_token, why)
            return self._page(complaint, access_token, text=why, is_over=True)
        if is_said:
            complaint._visitor_answers(is_solved, why, as_text(satisfaction))
            return self._back(complaint, access_token)
        return self._page(complaint, access_token, answer=answer)

    @http.route(f"{_ONE}/write", methods=["POST"], **_PUBLIC)
    def my_complaint_write(self, complaint_id, access_token=None, text=None, **_ignored):
        """Take a message and files of the customer."""
        complaint = self._complaint(complaint_id, access_token)
        if not complaint:
            return self._nothing(complaint_id, access_token)
        return self._write(complaint, access_token, as_text(text), posted_files())

    def _write(self, complaint, access_token, text, files=()):
        # Counted for strangers, who may write nothing themselves.
        counter = request.env["customer.intake.counter"].sudo()
        if counter._is_written_too_often(complaint, request.httprequest.remote_addr):
            return self._page(complaint, access_token, text=text, is_too_often=True, status=429)
        complaint, refused = complaint._visitor_writes(text, files)
        if refused:
            return self._page(complaint, self._token(complaint, access_token), refused=refused)
        return self._back(complaint, access_token)

    def _complaint(self, complaint_id, token):
        complaint = request.env["customer.complaint"]._for_visitor(complaint_id, as_text(token))
        if complaint and request.env.user._is_public():
            lang = complaint._letter_lang()
            if lang:
                request.update_context(lang=lang)
                complaint = complaint.with_context(lang=lang)
        return complaint

    def _nothing(self, complaint_id, token):
        """Answer all who may not see a complaint alike, whether or not it exists."""
        if request.env.user._is_public() and not token and request.httprequest.method == "GET":
            return request.redirect(f"/web/login?redirect=/my/complaints/{complaint_id}")
        raise request.not_found()

    def _page(self, complaint, token, status=200, **values):
        values = {
            "answer": None,
            "refused": [],
            "is_sent": False,
            "is_over": False,
            "is_too_often": False,
            "text": "",
            **self._prepare_portal_layout_values(),
            **values,
            "page_name": "complaint",
            # Plain values only: the page cannot show what it was not given.
            "card": complaint._customer_card(),
            "access_token": token,
            "no_breadcrumbs": request.env.user._is_public(),
        }
        return request.render(
            "customer_followup.portal_complaint", values, headers=HEADERS, status=status
        )

    def _token(self, complaint, token):
        """Return the token of the complaint, which may be a new one, for a visitor with a token.

        The customer, when logged in, needs no token and gets none.
        """
        visitor = request.env["customer.complaint"]._visitor_domain()
        is_own = complaint.filtered_domain(visitor)
        return None if is_own or not token else complaint._portal_ensure_token()

    def _back(self, complaint, token):
        token = self._token(complaint, token)
        query = f"&access_token={token}" if token else ""
        return request.redirect(f"/my/complaints/{complaint.id}?sent=1{query}")


def as_text(value):
    """Return a value of a form as text that the database takes; a file gives an empty text."""
    return value.replace("\x00", "") if isinstance(value, str) else ""


def posted_files():
    """Return the files of a form as ``[(name, bytes), ...]``."""
    files = request.httprequest.files.getlist("files")
    return [(file.filename, file.read()) for file in files if file.filename]
