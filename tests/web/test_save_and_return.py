"""An application is left half-way, and taken up again: by its code, on another device, on a newer form."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cases.messages import claim_messages
from cases.models import Case, Draft, Message
from flows.platform.messages import compose
from tests.web.site import APPLY, TYPED, Site, Visitor, words_of

NAME = f"{APPLY}/questions/child-name"
BIRTH = f"{APPLY}/questions/child-birth"
SAVED = f"{APPLY}/saved"


def leave(family: Visitor) -> str:
    """Let a family type the child's name and save; return the code."""
    response = family.send(NAME, TYPED["child-name"] | {"then": "save"})
    assert response.headers["Location"] == SAVED
    return code_on(family)


def code_on(family: Visitor) -> str:
    """Return the code that the page shows."""
    found = re.search(r'<dd class="s2f-code">([0-9 ]+)</dd>', family.get(SAVED).text)
    assert found
    return found[1]


def come_back(visitor: Visitor, code: str) -> str:
    """Enter a code; return where it leads."""
    response = visitor.send("/come-back", {"code": code})
    assert response.headers["Location"] == f"{APPLY}/go-on", words_of(response)
    return visitor.get(f"{APPLY}/go-on").headers["Location"]


def test_an_application_goes_on_with_its_code_on_another_device(either_site: Site) -> None:
    family, other = either_site.visitor(), either_site.visitor()
    code = leave(family)
    assert come_back(other, code) == BIRTH
    assert 'value="Losalini Tikoisuva"' in other.get(NAME).text
    other.send(BIRTH, TYPED["child-birth"])
    assert re.search(r'value="female"\s+checked', family.get(BIRTH).text), "both devices have the same draft"


def test_the_page_says_until_when_it_is_kept(family: Visitor) -> None:
    leave(family)
    assert "It is kept until 4 June 2026." in words_of(family.get(SAVED))


def test_the_code_is_read_aloud_in_three_groups_of_digits_and_understood_however_it_is_typed(
    family: Visitor, site: Site
) -> None:
    code = leave(family)
    assert re.fullmatch(r"[0-9]{4} [0-9]{4} [0-9]{4}", code)
    devanagari = code.translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    for typed in (code.replace(" ", ""), code.replace(" ", "-"), f" {devanagari} "):
        assert come_back(site.visitor(), typed) == BIRTH


def test_saving_again_gives_the_same_code(family: Visitor) -> None:
    code = leave(family)
    family.send(BIRTH, TYPED["child-birth"] | {"then": "save"})
    assert code_on(family) == code


def test_the_database_holds_no_code(family: Visitor, site: Site) -> None:
    code = leave(family)
    with site.db.read() as connection:
        row = connection.execute(select(Draft.__table__)).one()
    assert row.code_digest
    assert code not in str(row) and code.replace(" ", "") not in str(row)


def test_what_is_half_typed_or_wrong_is_kept_as_it_was_typed(family: Visitor, site: Site) -> None:
    typed = TYPED["child-birth"] | {"child_birth_date-month": "Apirl", "birth_type": "", "then": "save"}
    family.send(NAME, TYPED["child-name"])
    assert family.send(BIRTH, typed).headers["Location"] == SAVED
    other = site.visitor()
    assert come_back(other, code_on(family)) == BIRTH
    page = other.get(BIRTH).text
    assert 'value="Apirl"' in page
    assert "There is a problem" not in page
    assert other.send(BIRTH, TYPED["child-birth"]).status_code == 302
    assert 'value="Apirl"' not in other.get(BIRTH).text


@pytest.mark.parametrize("page", ["office", "check"])
def test_also_the_last_pages_can_be_left_for_later(family: Visitor, page: str) -> None:
    family.fill_in()
    assert f'action="{APPLY}/save"' in family.get(f"{APPLY}/{page}").text
    assert family.send(f"{APPLY}/save", page=f"{APPLY}/{page}").headers["Location"] == SAVED


def test_a_wrong_code_says_what_to_do_and_is_slowed_down(either_site: Site) -> None:
    code = leave(either_site.visitor())
    visitor = either_site.visitor()
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    for _ in range(5):
        response = visitor.send("/come-back", {"code": wrong})
        assert response.status_code == 422
        assert "Check the code" in words_of(response)
    assert visitor.send("/come-back", {"code": code}).status_code == 429
    either_site.clock.at += timedelta(minutes=1)
    assert come_back(visitor, code) == BIRTH


def test_a_code_of_an_application_that_was_sent_shows_nothing_of_it(family: Visitor, site: Site) -> None:
    family.fill_in()
    family.send(f"{APPLY}/save", page=f"{APPLY}/check")
    code = code_on(family)
    family.send(f"{APPLY}/check")
    response = site.visitor().send("/come-back", {"code": code})
    assert response.status_code == 422
    assert "was sent already" in words_of(response)
    assert not re.search(r"BR-\w{3}-", words_of(response))


def test_who_came_back_by_code_sends_once_and_sees_reference_and_pin(family: Visitor, site: Site) -> None:
    family.fill_in()
    family.send(f"{APPLY}/save", page=f"{APPLY}/check")
    other = site.visitor()
    assert come_back(other, code_on(family)) == f"{APPLY}/check"
    other.send(f"{APPLY}/check")
    assert "Keep these two" in words_of(other.get(f"{APPLY}/sent"))
    assert family.get(f"{APPLY}/check").headers["Location"] == f"{APPLY}/sent"
    with site.db.read() as connection:
        assert connection.execute(select(func.count(Case.id))).scalar_one() == 1


# -- the code by message ---------------------------------------------------------------------------


def test_the_code_is_sent_only_when_asked_and_only_to_an_address_given(family: Visitor, site: Site) -> None:
    leave(family)
    assert "Shall we send you the code?" not in words_of(family.get(SAVED))
    family.fill_in()
    family.send(f"{APPLY}/save", page=f"{APPLY}/check")
    assert "Send it to +679 901 2345" in words_of(family.get(SAVED))
    family.send(SAVED, {"to": "+6799999999"})
    with site.db.read() as connection:
        assert connection.execute(select(func.count(Message.id))).scalar_one() == 0
    assert family.send(SAVED, {"to": "+6799012345"}).headers["Location"].endswith("told=sent")


def test_the_message_says_the_code_and_its_row_does_not(family: Visitor, site: Site) -> None:
    family.fill_in()
    family.send(f"{APPLY}/save", page=f"{APPLY}/check")
    code = code_on(family)
    for _ in range(2):  # a double click
        family.send(SAVED, {"to": "+6799012345"})
    with site.db.write() as connection:
        (work,) = claim_messages(connection, now=site.clock.at, limit=5)
    assert (work.recipient, work.case_id) == ("+6799012345", None)
    assert code not in str(work.facts)
    secret = str(site.app.secret_key)
    assert code in compose(work.template, work.facts, "en", "https://x.example/track", secret).body


# -- a newer form ----------------------------------------------------------------------------------


def age_the_draft(site: Site, **answers: object) -> None:
    """Make the draft one of an older form, with these answers changed."""
    with site.db.write() as connection:
        kept = connection.execute(select(Draft.answers)).scalar_one()
        kept["answers"] |= answers
        connection.execute(update(Draft).values(form_version=0, answers=kept))


def test_a_draft_of_an_older_form_says_what_to_fill_in_again_and_keeps_the_rest(
    family: Visitor, site: Site
) -> None:
    family.fill_in()
    age_the_draft(site, child_sex="neither of the options of today", a_question_of_old="x")
    assert family.get(f"{APPLY}/check").headers["Location"] == f"{APPLY}/changed"
    assert family.get(NAME).headers["Location"] == f"{APPLY}/changed"
    words = words_of(family.get(f"{APPLY}/changed"))
    assert "The questions have changed" in words
    assert "Please fill in these parts" in words
    assert "Sex: neither of the options of today" in words
    assert family.send(f"{APPLY}/changed").headers["Location"] == BIRTH
    assert re.search(r'value="single"\s+checked', family.get(BIRTH).text)
    assert family.send(BIRTH, TYPED["child-birth"]).status_code == 302
    assert "Losalini" in words_of(family.get(f"{APPLY}/check"))


def test_a_draft_that_still_fits_needs_nothing_again(family: Visitor, site: Site) -> None:
    family.fill_in()
    age_the_draft(site)
    assert "nothing to fill in again" in words_of(family.get(f"{APPLY}/changed"))
    assert family.send(f"{APPLY}/changed").headers["Location"] == f"{APPLY}/check"


def test_a_page_sent_while_the_form_changed_is_kept_and_the_change_is_told(
    family: Visitor, site: Site
) -> None:
    family.fill_in()
    token = family.token(NAME)
    age_the_draft(site)
    typed = {"csrf_token": token, "child_name": "Losalini Vuki"}
    assert family.client.post(NAME, data=typed).headers["Location"] == f"{APPLY}/changed"
    family.send(f"{APPLY}/changed")
    assert "Losalini Vuki" in words_of(family.get(f"{APPLY}/check"))


# -- sessions, tabs, clicks, odd text --------------------------------------------------------------


def test_a_page_sent_after_the_session_was_lost_is_shown_again_as_it_was_typed(
    family: Visitor, site: Site
) -> None:
    token = family.token(NAME)
    other = site.visitor()  # the same person after the phone has thrown the cookies away
    response = other.client.post(NAME, data={"csrf_token": token, "child_name": "Losalini Tikoisuva"})
    assert response.status_code == 400
    assert 'value="Losalini Tikoisuva"' in response.text
    assert "Nothing you typed on this page is lost" in words_of(response)
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', response.text)
    assert fresh
    again = other.client.post(NAME, data={"csrf_token": fresh[1], "child_name": "Losalini Tikoisuva"})
    assert again.headers["Location"] == BIRTH


def test_two_tabs_keep_both_their_pages(family: Visitor) -> None:
    family.fill_in()
    one, other = family.token(NAME), family.token(BIRTH)
    family.client.post(
        f"{BIRTH}?change=1", data={"csrf_token": other, **TYPED["child-birth"], "child_sex": "male"}
    )
    family.client.post(f"{NAME}?change=1", data={"csrf_token": one, "child_name": "Losalini Vuki"})
    assert "Losalini Vuki" in words_of(family.get(f"{APPLY}/check"))
    assert re.search(r'value="male"\s+checked', family.get(BIRTH).text)


def test_the_back_button_to_a_page_of_an_application_that_was_sent_leads_to_its_reference(
    family: Visitor,
) -> None:
    token = family.token(NAME)
    family.apply()
    response = family.client.post(NAME, data={"csrf_token": token, "child_name": "Another Child"})
    assert response.headers["Location"] == f"{APPLY}/sent"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Ana\x07Vuki", "Delete this and type it again"),
        ("Ana \N{GRINNING FACE}", "letters"),
        ("A" * 200, "to 120 characters or fewer"),
    ],
)
def test_a_name_that_can_not_be_kept_says_what_to_do_and_shows_what_was_typed(
    family: Visitor, typed: str, said: str
) -> None:
    response = family.send(NAME, {"child_name": typed})
    assert response.status_code == 422
    assert said in words_of(response), words_of(response)


@pytest.mark.parametrize("typed", ["\u202eAna\u202c Vuki", "Ana\u200b Vuki\ufeff", " Ana \t Vuki "])
def test_invisible_marks_of_pasted_text_are_left_out(family: Visitor, typed: str) -> None:
    assert family.send(NAME, {"child_name": typed}).status_code == 302
    assert 'value="Ana Vuki"' in family.get(NAME).text
