"""What all pages have in common: headers, weight, languages, errors, and nothing of somebody else's brand."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from flask import Flask

from cases.db import Database
from cases.lately import Lately
from config.errors import ConfigError
from config.languages import LANGUAGES, translations
from config.services import load_services
from tests.web.conftest import make_site
from tests.web.site import APPLY, TYPED, Site, Visitor, words_of
from web import static_files
from web.access import public
from web.app import create_app
from web.languages import DOMAIN
from web.public.catalogue import in_order

PAGES = [
    "/",
    "/services/birth-registration",
    f"{APPLY}/questions/child-name",
    "/track",
    "/verify",
    "/staff/sign-in",
]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_allows_nothing_but_its_own_style_sheet_and_script(family: Visitor, address: str) -> None:
    response = family.get(address)
    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    linked = re.findall(r'<script|<link rel="stylesheet"', response.text)
    assert response.text.count(f'nonce="{nonce[1]}"') == len(linked) >= 2
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", response.text)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_nonce_is_used_once(family: Visitor) -> None:
    first, second = (family.get("/").headers["Content-Security-Policy"] for _ in range(2))
    assert first != second


def test_cookies_are_out_of_a_script_s_and_another_site_s_reach(family: Visitor) -> None:
    cookie = family.get("/track").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def weight(visitor: Visitor, address: str) -> int:
    """Return how many bytes a page takes over the network, compressed as browsers ask for it."""
    response = visitor.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert response.headers["Content-Encoding"] == "gzip"
    headers = sum(len(name) + len(value) + 4 for name, value in response.headers)
    return len(response.data) + headers


def test_a_first_visit_weighs_at_most_30_kilobytes(family: Visitor) -> None:
    page = family.get("/services/birth-registration").text
    linked = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    assert len(linked) == 3
    total = sum(weight(family, address) for address in ["/services/birth-registration", *linked])
    assert total <= 30_000


def test_a_later_page_weighs_at_most_5_kilobytes(family: Visitor) -> None:
    family.fill_in()
    addresses = [f"{APPLY}/questions/{page}" for page in TYPED] + [f"{APPLY}/office", f"{APPLY}/check"]
    weights = {address: weight(family, address) for address in [*addresses, "/track", "/verify"]}
    assert max(weights.values()) <= 5_000, weights


def test_built_files_are_kept_for_ever_under_a_name_of_their_content(family: Visitor) -> None:
    response = family.get(static_files.asset("s2f.css"), headers={"Accept-Encoding": "gzip"})
    assert "immutable" in response.headers["Cache-Control"]
    assert gzip.decompress(response.data) == family.get(static_files.asset("s2f.css")).data


@pytest.mark.parametrize("name", ["manifest.json", "..%2fbuild.mjs", "s2f.css", "x"])
def test_no_other_file_is_served(family: Visitor, name: str) -> None:
    assert family.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_no_page_or_file_carries_the_brand_it_was_made_from(family: Visitor, address: str) -> None:
    page = family.get(address).text
    files = [family.get(link).text for link in re.findall(r'"(/static/[^"]+)"', page)]
    for text in [page, *files]:
        assert not re.search(r"gds transport|crest|crown|GOV\.UK|gov\.uk", text, re.IGNORECASE)


# -- languages -------------------------------------------------------------------------------------


def test_a_chosen_language_stays(family: Visitor) -> None:
    response = family.get("/language/hif?next=/services/birth-registration")
    assert response.headers["Location"] == "/services/birth-registration"
    page = family.get("/services/birth-registration").text
    assert '<html lang="hif"' in page
    assert "जनम रजिस्टर करो" in page
    assert "draft" in page


def test_what_is_not_translated_is_marked_as_english(family: Visitor) -> None:
    family.get("/language/fj")
    page = family.get(f"{APPLY}/questions/child-birth").text
    assert '<span lang="en">One of triplets</span>' in page
    assert "Duadua" in page
    assert '<span lang="en">Duadua' not in page


def test_an_unknown_language_and_another_site_are_ignored(family: Visitor) -> None:
    response = family.get("/language/xx?next=https://evil.example")
    assert response.headers["Location"] == "/"
    assert '<html lang="en"' in family.get("/").text


def test_staff_pages_stay_english(site: Site, mere: Visitor) -> None:
    mere.get("/language/fj")
    assert '<html lang="en"' in mere.get("/staff/inbox").text


@pytest.mark.parametrize("language", [key for key in LANGUAGES if key != "en"])
def test_a_catalogue_has_the_placeholders_of_its_english(language: str) -> None:
    catalogue = translations(language, DOMAIN)._catalog
    assert len(catalogue) > 100
    for english, said in catalogue.items():
        if english:
            assert sorted(re.findall(r"%\(\w+\)s", said)) == sorted(re.findall(r"%\(\w+\)s", str(english)))


# -- errors ----------------------------------------------------------------------------------------


def test_an_unknown_page_says_what_to_do(family: Visitor) -> None:
    response = family.get("/nothing/here")
    assert response.status_code == 404
    assert "Check the address" in words_of(response)


def test_an_unforeseen_error_shows_a_number_and_never_a_trace(site: Site) -> None:
    @public
    def broken() -> str:
        raise RuntimeError("secret inside")

    app = create_app(site.settings, site.db)
    app.add_url_rule("/broken", view_func=broken)
    response = app.test_client().get("/broken")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "give this number" in words_of(response)


def test_a_database_that_is_away_is_told_as_such_and_hides_its_address(app: Flask, tmp_path: Path) -> None:
    away = Database.connect("postgresql+psycopg://somebody:secret@127.0.0.1:1/none")
    visitor = make_site(app, away, tmp_path).visitor()
    response = visitor.send("/track", {"reference": "BR-222-222-222", "pin": "123456"})
    assert response.status_code == 503
    assert "send the page again" in words_of(response)
    assert "somebody" not in response.text
    assert visitor.get("/health").status_code == 503


def test_far_too_much_text_is_refused_with_words(family: Visitor) -> None:
    response = family.client.post(
        "/track", data={"csrf_token": family.token("/track"), "reference": "x" * 600_000}
    )
    assert response.status_code == 413
    assert "too much at once" in words_of(response)


def test_health_says_that_the_database_answers(either_site: Site) -> None:
    response = either_site.visitor().get("/health")
    assert (response.status_code, json.loads(response.data)) == (200, {"database": "ok"})


def test_files_that_were_never_built_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="npm run build"):
        static_files.manifest(tmp_path)


def test_the_catalogue_lists_what_follows_upon_a_service_after_it(site: Site) -> None:
    services = load_services()
    few = {"birth-registration": Lately(20, 3, 8), "birth-correction": Lately(90, 3, 8)}
    keys = [service.key for service in in_order(services, few)]
    assert keys[:2] == ["birth-registration", "birth-correction"]
    assert [service.key for service in in_order(services, {})][:2] == keys[:2]
    page = site.visitor().get("/").text
    assert page.index("/services/birth-registration") < page.index("/services/birth-correction")
