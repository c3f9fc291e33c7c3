"""Nobody gets in where a route doesn't say so, and every route says who."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import update

from cases.models import Case
from cases.permissions import Action, permitted
from cases.vocabulary import Role
from config.roles import load_roles
from config.services import load_services
from tests.births import submit_birth
from tests.web.conftest import employ
from tests.web.site import SERVICE, Site, Visitor
from web.access import Access, access_of
from web.app import create_app

PUBLIC = {
    "/",
    "/health",
    "/static/<name>",
    "/language/<code>",
    "/services/<service>",
    "/come-back",
    "/track",
    "/track/sign-out",
    "/track/lost-pin",
    "/track/lost-pin/sent",
    "/verify",
    "/verify/<code>",
    "/verify/certificate",
    "/verify/file",
    "/staff/sign-in",
}


def test_every_route_declares_who_may_call_it(app: Flask) -> None:
    silent = [name for name, view in app.view_functions.items() if access_of(view) == Access()]
    assert silent == []


def test_only_these_routes_and_those_of_applying_are_public(app: Flask) -> None:
    public = {
        rule.rule for rule in app.url_map.iter_rules() if access_of(app.view_functions[rule.endpoint]).public
    }
    assert {rule for rule in public if not rule.startswith("/apply/")} == PUBLIC


def test_every_route_of_staff_is_closed_to_visitors_and_applicants(
    app: Flask, site: Site, family: Visitor
) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/staff") and "GET" in (rule.methods or ()) and rule.rule != "/staff/sign-in":
            address = re.sub("<int:[a-z_]+>", "1", rule.rule)
            response = family.get(address)
            assert response.status_code == 302, rule.rule
            assert response.headers["Location"].startswith("/staff/sign-in")


def test_a_view_that_declares_nothing_is_closed_to_all(site: Site) -> None:
    app = create_app(site.settings, site.db)
    app.add_url_rule("/silent", view_func=lambda: "anybody?")
    assert app.test_client().get("/silent").status_code == 403


def test_roles_may_open_what_the_table_of_permissions_allows(site: Site) -> None:
    reference = submit_birth(site.db).reference
    pages = {
        "/staff/inbox": Action.READ_INBOX,
        "/staff/mine": Action.CLAIM,
        f"/staff/cases/{reference}": Action.READ_CASE,
        f"/staff/cases/{reference}/withdraw": Action.WITHDRAW,
        f"/staff/cases/{reference}/rewind": Action.REWIND,
        f"/staff/cases/{reference}/reopen": Action.REOPEN,
        f"/staff/cases/{reference}/pin": Action.REPLACE_PIN,
        "/staff/counter": Action.ENTER_APPLICATION,
        "/staff/letters": Action.HAND_OVER,
        "/staff/letters/ready": Action.HAND_OVER,
        "/staff/letters/posted": Action.HAND_OVER,
        "/staff/incidents": Action.READ_INCIDENTS,
        "/staff/letter-templates": Action.SEE_LETTER_TEMPLATES,
        "/staff/people": Action.MANAGE_STAFF,
        "/staff/people/add": Action.MANAGE_STAFF,
        "/staff/mailbox": Action.READ_MAILBOX,
    }
    for role in load_roles():
        browser = employ(site, f"one-{role}", role, office=None)
        for address, action in pages.items():
            may = action in permitted(role) and (reference not in address or reads_births(role))
            status = browser.get(address).status_code
            assert status == (200 if may else 403), (role, address)


def reads_births(role: str) -> bool:
    """Whether a role has something to do with births: as one of the platform's own, or in a step."""
    steps = load_services()["birth-registration"].steps.values()
    return role in [*Role, *(step.role for step in steps)]


def test_everybody_with_an_account_has_these_pages(site: Site) -> None:
    for role in load_roles():
        browser = employ(site, f"one-{role}", role, office=None)
        for address in ("/staff/account", "/staff/keyboard"):
            assert browser.get(address).status_code == 200, (role, address)
        home = browser.get(browser.get("/staff").headers["Location"])
        assert home.status_code == 200, role


def test_an_administrator_reads_no_family_s_papers(site: Site, adi: Visitor) -> None:
    assert adi.get("/staff/cases/BR-222-222-222").status_code == 403


def test_a_role_reads_cases_of_services_in_which_it_has_a_step(site: Site) -> None:
    vani = employ(site, "vani", "registrar-general", office=None)
    reference = submit_birth(site.db).reference
    assert vani.get(f"/staff/cases/{reference}").status_code == 200
    with site.db.write() as connection:
        connection.execute(update(Case).values(service="birth-correction"))  # where she has none
    assert vani.get(f"/staff/cases/{reference}").status_code == 403
    assert vani.get(f"/staff/cases/{reference}/documents/1").status_code == 403


def test_a_forged_form_is_refused(site: Site, mere: Visitor) -> None:
    response = mere.client.post("/staff/tasks/1/claim", data={})
    assert response.status_code == 400
    assert "could not check where this page came from" in response.text


def test_every_form_that_changes_something_is_checked_for_forgery(
    app: Flask, site: Site, adi: Visitor
) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            values = dict.fromkeys(rule.arguments, "1") | {"service": SERVICE}
            address = app.url_map.bind("localhost").build(rule.endpoint, values)
            assert adi.client.post(address).status_code in (400, 403), address
