"""A session taken away as a file, and its sheets of paper."""

import csv
import io
import json

import pytest
from django.test import Client
from openpyxl import load_workbook

from live import actions, exports
from live.models import Contribution, LiveSession
from live.permissions import OPERATOR, can_export
from live.selectors import count
from people.roles import EDITORS, MODERATORS
from tests.factories.discussion import member, proposition_page
from tests.factories.live import contribution, facilitator_of, live_session, organiser, participant

pytestmark = pytest.mark.django_db

FORMULAS = [
    "=1+1",
    "+44 20 7946 0000",
    "-2+3",
    "@SUM(A1)",
    "  =HYPERLINK(A1)",
    "\u00a0=1+1",
    "＝1+1",
]


def room() -> LiveSession:
    """A session with something shown, held, hidden and withdrawn, and people who consented to different things."""
    session = live_session(proposition_page())
    named = participant(session, identity="name", name="Ola Brandt", role="Lock keeper", consent="anonymous")
    shy = participant(session, identity="name", name="Pia Lund", consent="none")
    contribution(named, "Shown words.")
    contribution(shy, "Words not to be quoted.")
    contribution(participant(session), "Held words, https://example.org")
    hidden = contribution(named, "Hidden words.")
    actions.hide_contribution(actor=OPERATOR, session=session, contribution_id=hidden.pk, reason="It names somebody.")
    gone = contribution(named, "Withdrawn words.")
    actions.withdraw_contribution(participant=named, contribution_id=gone.pk)
    return session


def fetch(session: LiveSession, kind: str, user=None) -> bytes:
    client = Client()
    client.force_login(user or facilitator_of(session))
    answer = client.get(f"/live/{session.code}/export/{kind}/")
    assert answer.status_code == 200, answer.status_code
    assert answer.headers["Content-Disposition"].endswith(f'-{session.code}.{kind}"')
    return answer.content


def words_in(content: bytes) -> list[str]:
    return [row["words"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]


def test_export_says_as_much_as_its_reader_may_see():
    session = room()
    everything = ["Shown words.", "Words not to be quoted.", "Held words, https://example.org", "Hidden words."]

    for user in (facilitator_of(session), member(MODERATORS), organiser()):
        assert words_in(fetch(session, "csv", user)) == everything
    editor = member(EDITORS)
    assert words_in(fetch(session, "csv", editor)) == everything[:2]
    for kind in exports.KINDS:
        content = fetch(session, kind, editor)
        assert b"Held words" not in content
        assert b"Hidden words" not in content


def test_export_is_refused_to_others():
    session = room()
    address = f"/live/{session.code}/export/csv/"

    assert Client().get(address).status_code == 302
    for stranger in (member(), facilitator_of(live_session())):
        client = Client()
        client.force_login(stranger)
        assert client.get(address).status_code == 403
        assert not can_export(stranger, session)
    client = Client()
    client.force_login(organiser())
    assert client.get(f"/live/{session.code}/export/pdf/").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_export_names_people_only_as_they_consented(kind):
    content = fetch(room(), kind).decode()

    assert "Ola Brandt" not in content
    assert "Pia Lund" not in content
    assert "Lock keeper" in content
    assert "A respondent" in content


def test_export_tells_people_apart_without_their_keys():
    session = room()
    rows = json.loads(fetch(session, "json"))["contributions"]

    assert [row["person"] for row in rows] == [1, 2, 3, 1]
    assert Contribution.objects.first().author_key not in fetch(session, "json").decode()


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_shown_and_not_calculated(text):
    session = live_session(proposition_page())
    said = contribution(participant(session), f"{text} and more")
    # As an import, or a database written by hand, might have it: with the blanks in front.
    Contribution.objects.filter(pk=said.pk).update(body=text)
    actions.tag_contribution(actor=OPERATOR, session=session, contribution_id=said.pk, tag="=tag")

    (in_csv,) = words_in(fetch(session, "csv"))
    sheet = load_workbook(io.BytesIO(fetch(session, "xlsx")))["Contributions"]
    place = exports.COLUMNS.index("words")
    cell = sheet[2][place]

    assert in_csv == f"'{text}"
    assert (cell.value, cell.data_type) == (f"'{text}", "s")
    assert sheet[2][exports.COLUMNS.index("tags")].value == "'=tag"
    assert json.loads(fetch(session, "json"))["contributions"][0]["words"] == text


@pytest.mark.parametrize("value", ["\t=1", "\r=1", "\n=1", " \t=1"])
def test_blanks_that_start_a_formula_are_defused(value):
    assert exports.defused(value) == f"'{value}"


def test_ordinary_words_stay_as_they_are():
    assert exports.defused("Two – no, three = many.") == "Two – no, three = many."
    assert exports.defused(-3) == -3
    assert exports.defused("") == ""


def test_spreadsheet_holds_results_and_a_rehearsal_says_so():
    session = live_session(proposition_page())
    actions.add_prompt(
        actor=OPERATOR, session=session, version=session.version, kind="poll", text="=Lamps?", options=["Yes", "No"]
    )
    session.refresh_from_db()
    session = actions.start_rehearsal(actor=OPERATOR, session=session, version=session.version)

    book = load_workbook(io.BytesIO(fetch(session, "xlsx")))

    assert [[cell.value for cell in row[:5]] for row in book["Results"].iter_rows(min_row=2)] == [
        [1, "'=Lamps?", "poll", "Yes", 0],
        [1, "'=Lamps?", "poll", "No", 0],
    ]
    assert exports.file_name(session, "csv").startswith("rehearsal-")
    assert json.loads(fetch(session, "json"))["session"]["is_rehearsal"] is True


def test_sheets_carry_the_codes_and_are_for_those_who_run_the_session():
    session = live_session(proposition_page())
    tables = actions.add_tables(actor=OPERATOR, session=session, version=session.version, names=["Window", "Stage"])
    client = Client()
    client.force_login(facilitator_of(session))

    page = client.get(f"/live/{session.code}/sheets/")

    assert page.status_code == 200
    for table in tables:
        assert table.spoken_code in page.text
        picture = client.get(f"/live/{session.code}/table/{table.key}/qr.svg")
        assert picture.headers["Content-Type"] == "image/svg+xml"
    assert client.get(f"/live/{session.code}/table/ZZZ/qr.svg").status_code == 404
    assert Client().get(f"/live/{session.code}/sheets/").status_code == 302
    stranger = Client()
    stranger.force_login(member())
    assert stranger.get(f"/live/{session.code}/sheets/").status_code == 403


def test_merged_contributions_count_distinct_people():
    session = live_session(proposition_page())
    (table,) = actions.add_tables(actor=OPERATOR, session=session, version=session.version, names=["Window"])
    scribe = actions.take_seat(session=session, token="scribe", key=table.key, headcount=6)
    one, other = participant(session), participant(session)
    head = contribution(one, "Light the towpath.")
    same = contribution(scribe, "Lamps on the towpath.")
    again = contribution(one, "Lamps, again.")
    actions.set_vote(participant=other, contribution_id=head.pk)
    actions.set_vote(participant=other, contribution_id=same.pk)
    for merged in (same, again):
        actions.merge_contribution(actor=OPERATOR, session=session, contribution_id=merged.pk, into_id=head.pk)

    counted = count(session.stream_id)["together"]

    # One who said it twice, six at the table, one who supports both.
    assert counted == {str(head.pk): 8}
    actions.unmerge_contribution(actor=OPERATOR, session=session, contribution_id=same.pk)
    assert count(session.stream_id)["together"] == {str(head.pk): 2}
