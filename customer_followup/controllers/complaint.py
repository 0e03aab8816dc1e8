from odoo import http
from odoo.http import request
from odoo.tools.misc import hash_sign, verify_hash_signed

from ..tools import identity
from .leave import HEADERS
from .portal import as_text, posted_files

# Most letters of each field of the form; other fields are not read.
_FIELDS = {
    "name": 100,
    "email": 200,
    "phone": 50,
    "title": 200,
    "description": 10000,
    "reference": 100,
    "wish": 20,
}


_THANKS = "customer_followup-complaint-thanks"
# Long enough to reload the page.
_THANKS_HOURS = 24
# As many as fit into an address; the receipt and the complaint name all.
_MAX_REFUSED, _REFUSED_LETTERS = 5, 150


class ComplaintForm(http.Controller):
    """The complaint form, for customers, or for all visitors if the company allows it."""

    @http.route(
        ["/complaint", "/complaint/<int(max=2147483647):company_id>"],
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def complaint(self, company_id=None, **given):
        """Show the form on GET; on POST record the complaint and show its number."""
        company = request.env["res.company"]._with_complaint_form(company_id)
        if not company:
            raise request.not_found()
        values = {name: as_text(given.get(name))[:most].strip() for name, most in _FIELDS.items()}
        # A customer who is logged in is known.
        visitor = request.env["customer.complaint"]._visitor(company)
        if request.httprequest.method == "GET":
            known = {name: visitor[name] for name in ("name", "email", "phone")}
            given = {name: value or known.get(name) or "" for name, value in values.items()}
            return self._form(company, given)
        if given.get("website"):
            # Only programs fill in a hidden field: the answer tells them nothing.
            return self._thanks(company)
        problem = self._problem(company, visitor, values, given)
        if problem:
            return self._form(company, values, problem=problem)
        known = identity.emails(values["email"]) or identity.numbers(values["phone"])
        sender = " ".join(known) or values["phone"] or visitor.id
        counter = request.env["customer.intake.counter"].sudo()
        # Counted for strangers, who may write nothing themselves.
        if counter._is_too_often(company, request.httprequest.remote_addr, sender):
            problem = request.env._("Too many complaints came in. Try again later, or call us.")
            return self._form(company, values, problem=problem, status=429)
        complaint, refused = request.env["customer.complaint"]._take_form(
            company, values, posted_files()
        )
        return self._thanks(company, complaint.name, refused)

    def _problem(self, company, visitor, values, given):
        """Return why a form is not accepted, as a sentence, or ``None``."""
        if not values["title"] and not values["description"]:
            return request.env._("Please describe what went wrong.")
        if not values["email"] and not values["phone"] and not visitor:
            return request.env._(
                "Please enter an e-mail address or a phone number, so that we can answer."
            )
        if values["email"] and not identity.emails(values["email"]):
            return request.env._("The e-mail address is not complete.")
        if company.customer_consent_text and not given.get("consent"):
            return request.env._("Please agree to the use of your data.")
        return None

    def _form(self, company, values, problem=None, status=200):
        complaints = request.env["customer.complaint"]
        page = {
            "given": values,
            "problem": problem,
            "company": company.name,
            "company_id": company.id,
            "consent_text": company.customer_consent_text,
            "wishes": complaints._fields["remedy_asked"]._description_selection(request.env),
            "no_breadcrumbs": True,
        }
        return request.render(
            "customer_followup.complaint_form", page, headers=HEADERS, status=status
        )

    def _thanks(self, company, number=None, refused=()):
        """Redirect the visitor to a page that can be reloaded; only this visitor has its link."""
        shown = [why[:_REFUSED_LETTERS] for why in refused[:_MAX_REFUSED]]
        if len(refused) > len(shown):
            shown.append(request.env._("And %s more", len(refused) - len(shown)))
        said = [company.id, number, shown]
        # Signed with the key of the system.
        key = hash_sign(request.env(su=True), _THANKS, said, expiration_hours=_THANKS_HOURS)
        return request.redirect(f"/complaint/thanks/{key}", code=303)

    @http.route(
        "/complaint/thanks/<string:key>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def complaint_thanks(self, key, **_ignored):
        """Confirm that a complaint was received, with its number."""
        try:
            # Signed with the key of the system.
            said = verify_hash_signed(request.env(su=True), _THANKS, key)
        except ValueError:
            said = None
        if not said:
            raise request.not_found()
        company_id, number, refused = said
        # What strangers are shown of a company is its name.
        company = request.env["res.company"].sudo().browse(company_id).exists()
        page = {
            "number": number,
            "refused": refused,
            "company": company.name,
            "is_known": bool(request.env["customer.complaint"]._visitor(company)),
            "no_breadcrumbs": True,
        }
        return request.render("customer_followup.complaint_thanks", page, headers=HEADERS)
