"""Contributions from a table made elsewhere."""

import datetime
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from gathering.models import Entry
from live.actions.importing import import_contributions
from live.exceptions import NotAllowed
from live.models import Contribution, LiveSession
from live.tabular import UnreadableFile, parse_shown, parse_time, read_rows
from people.actions import erase_person
from people.models import User
from people.personal import subject_of_user
from realtime.models import Event
from tests.factories import live as make
from tests.factories.discussion import proposition_page

pytestmark = pytest.mark.django_db

COLUMNS = ["--column", "body=Words", "--column", "author=Who", "--column", "time=When", "--column", "shown=Ok"]
TABLE = """Ok,When,Who,Other,Words
1,2025-12-13T09:42:00Z,17,x,Mend the weighbridge before the harvest.
-1,2025-12-13T09:41:00Z,18,x,Somebody should lose their job over the lock gates.
1,1760348520,17,x,"Two lines:
the second one."
0,1760348460000,19,x,Nobody has read this one yet.
"""


def run(path: Path, session: LiveSession, *arguments: str) -> str:
    out = io.StringIO()
    call_command(
        "import_contributions",
        str(path),
        "--session",
        session.code,
        *(arguments or COLUMNS),
        stdout=out,
        stderr=io.StringIO(),
    )
    return out.getvalue()


@pytest.fixture
def session() -> LiveSession:
    return make.live_session(proposition_page(), state="waiting")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "said.csv"
    path.write_text(TABLE)
    return path


def test_import_keeps_authors_times_and_moderation(session, table):
    report = run(table, session)

    stored = list(Contribution.objects.order_by("seq"))
    assert [(one.state, one.said_at.isoformat()) for one in stored] == [
        ("held", "2025-10-13T09:41:00+00:00"),
        ("shown", "2025-10-13T09:42:00+00:00"),
        ("hidden", "2025-12-13T09:41:00+00:00"),
        ("shown", "2025-12-13T09:42:00+00:00"),
    ]
    assert stored[1].body == "Two lines:\nthe second one."
    assert stored[1].author_key == stored[3].author_key
    assert len({one.author_key for one in stored}) == 3
    assert {one.proposition_id for one in stored} == {session.page.propositions.get().pk}
    assert "Rows read: 4\nImported: 4 (1 held, 1 hidden, 2 shown)\nPeople: 3\n" in report


def test_whoever_was_erased_here_is_not_brought_back(session, tmp_path):
    gone = User.objects.create_user("gone@example.org", first_name="Ada", last_name="Gone")
    erase_person(actor=gone, subject=subject_of_user(gone))
    path = tmp_path / "said.csv"
    path.write_text(
        "Who,Name,Words\nGone@Example.org,,By address.\n17,ada  gone,By name.\n"
        "Ada Gone,,By author.\n18,Ada Going,Mine.\n"
    )

    report = run(path, session, "--column", "body=Words", "--column", "author=Who", "--column", "name=Name")

    assert [one.body for one in Contribution.objects.all()] == ["Mine."]
    assert report.count("whoever said it was erased here") == 3


def test_import_reaches_the_log_and_the_ledger(session, table):
    run(table, session)

    seqs = list(Event.objects.filter(stream=session.stream).order_by("seq").values_list("seq", flat=True))
    assert seqs == [1, 2, 3, 4]
    assert set(Entry.objects.values_list("text", flat=True)) == {
        "Mend the weighbridge before the harvest.",
        "Two lines:\nthe second one.",
    }


def test_import_again_adds_only_what_is_new(session, table):
    run(table, session)
    table.write_text(TABLE + "1,2025-12-13T10:00:00Z,20,x,Open the towpath again.\n")

    report = run(table, session)

    assert Contribution.objects.count() == 5
    assert "Imported: 1 (1 shown)" in report
    assert "Imported before: 4" in report


def test_import_tells_rows_apart_that_say_the_same(session, tmp_path):
    path = tmp_path / "twice.csv"
    path.write_text("Words\nSame again.\nSame again.\n")

    run(path, session, "--column", "body=Words")
    run(path, session, "--column", "body=Words")

    assert Contribution.objects.count() == 2


def test_import_names_each_row_it_skips(session, tmp_path):
    path = tmp_path / "rough.csv"
    path.write_bytes(
        b"Ok,When,Who,Other,Words\n"
        b"1,2025-12-13T09:42:00Z,1,x,   \n"
        b"1,2025-12-13T09:42:00Z,2,x,Caf\xe9 tables on the quay\n"
        b"1,yesterday,3,x,Late trains.\n"
        b"perhaps,2025-12-13T09:42:00Z,4,x,Early trains.\n"
        b"1,2025-12-13T09:42:00Z,5\n"
        b"\n"
        b"1,2025-12-13T09:42:00Z,6,x," + b"w" * 2001 + b"\n"
        b"1,2025-12-13T09:42:00Z,7,x,Slow trains.\n"
        b"1,2025-12-13T09:42:00Z,8,x,Slow trains, and late ones.\n"
        b"1,2025-12-13T09:42:00Z,9,x,Wet platforms.,,\n"
    )

    report = run(path, session)

    assert {one.body for one in Contribution.objects.all()} == {"Slow trains.", "Wet platforms."}
    assert report.split("Skipped: ")[1].split("Time")[0] == (
        "8\n"
        "  row 2: there are no words in it\n"
        "  row 3: the column “Words” is not text in the file's encoding\n"
        "  row 4: “yesterday” is no time in ISO 8601 or since 1970\n"
        "  row 5: “perhaps” says neither shown nor hidden (1/0/-1, yes/no, true/false)\n"
        "  row 6: the row ends before the column “Words”\n"
        "  row 7: the row is empty\n"
        "  row 8: that is 2,001 characters; at most 2,000 fit\n"
        "  row 10: the row has more cells than the file has columns: put words in quotation marks\n"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"Ok,When,Who\n1,2,3\n", "no column “Words”"),
        (b'Ok,When,Who,Words\n1,2025-12-13T09:42:00Z,1,"never closed\n', "Row 2 cannot be read"),
        (b"PK\x03\x04\x00\x00", "zero bytes"),
        (b"Ok,When,Words,Who,Words\n1,2025-12-13,a,b,c\n", "has 2 columns “Words”: rename"),
    ],
)
def test_import_of_an_unreadable_file_stores_nothing(session, tmp_path, content, reason):
    path = tmp_path / "broken.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=reason):
        run(path, session)

    assert not Contribution.objects.exists()


def test_import_reports_a_very_long_cell_by_its_row(session, tmp_path):
    path = tmp_path / "long.csv"
    path.write_text(f"Words,Other\n{'w' * 200_000},x\nShort and to the point.,{'o' * 200_000}\n")

    report = run(path, session, "--column", "body=Words")

    assert "Skipped: 1\n  row 2: that is 200,000 characters; at most 2,000 fit\n" in report
    assert Contribution.objects.get().body == "Short and to the point."


def test_import_skips_what_is_still_to_come(session, tmp_path):
    soon, later = (timezone.now() + datetime.timedelta(hours=hours) for hours in (6, 48))
    path = tmp_path / "ahead.csv"
    path.write_text(f"Words,When\nA wrong clock.,{soon.isoformat()}\nA wrong year.,{later.isoformat()}\n")

    report = run(path, session, "--column", "body=Words", "--column", "time=When")

    assert f"Skipped: 1\n  row 3: “{later.isoformat()}” is still to come\n" in report
    assert Contribution.objects.get().body == "A wrong clock."


def test_import_ignores_doubled_columns_that_it_does_not_read(session, tmp_path):
    path = tmp_path / "spare.csv"
    path.write_text("Words,Note,Note\nShort and to the point.,,\n")

    run(path, session, "--column", "body=Words")

    assert Contribution.objects.count() == 1


def test_import_that_breaks_off_midway_stores_nothing(session, table):
    def break_off(done: int, total: int) -> None:
        raise KeyboardInterrupt

    rows = read_rows(table.read_bytes(), {"body": "Words"})
    with pytest.raises(KeyboardInterrupt):
        import_contributions(actor=make.organiser(), session=session, rows=rows, progress=break_off)

    assert not Contribution.objects.exists()
    assert not Event.objects.exists()


def test_import_is_for_organisers(session):
    with pytest.raises(NotAllowed):
        import_contributions(actor=make.facilitator_of(session), session=session, rows=[])


def test_import_of_a_missing_file_or_session_says_so(session, tmp_path):
    with pytest.raises(CommandError, match=r"cannot be read: No such file"):
        run(tmp_path / "nowhere.csv", session)
    with pytest.raises(CommandError, match="no session with the code “ZZZZZZ”"):
        call_command("import_contributions", "x.csv", "--session", "ZZZZZZ")
    (tmp_path / "x.csv").write_text("a\nb\n")
    with pytest.raises(CommandError, match="no field “bodies”"):
        run(tmp_path / "x.csv", session, "--column", "bodies=a")
    with pytest.raises(CommandError, match="there is a column for “body” already"):
        run(tmp_path / "x.csv", session, "--column", "body=a", "--column", "body=b")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1518501496471", datetime.datetime(2018, 2, 13, 5, 58, 16, 471000, datetime.UTC)),
        ("1518501496", datetime.datetime(2018, 2, 13, 5, 58, 16, 0, datetime.UTC)),
        ("1518501496.5", datetime.datetime(2018, 2, 13, 5, 58, 16, 500000, datetime.UTC)),
        ("2018-02-13T05:58:16+01:00", datetime.datetime(2018, 2, 13, 4, 58, 16, 0, datetime.UTC)),
        ("2018-07-13 05:58", datetime.datetime(2018, 7, 13, 4, 58, 0, 0, datetime.UTC)),
        ("2018-02-13", datetime.datetime(2018, 2, 13, 0, 0, 0, 0, datetime.UTC)),
    ],
)
def test_parse_time_takes_iso_and_epoch(written, meant):
    assert parse_time(written) == meant


@pytest.mark.parametrize(
    "written",
    ["", "soon", "nan", "inf", "1e300", "2018-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
)
def test_parse_time_refuses_what_is_none(written):
    with pytest.raises(ValueError, match="time"):
        parse_time(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1", "shown"),
        ("YES", "shown"),
        ("true", "shown"),
        ("1.0", "shown"),
        ("-1", "hidden"),
        ("No", "hidden"),
        ("FALSE", "hidden"),
        ("0", "held"),
    ],
)
def test_parse_shown_takes_the_usual_words(written, meant):
    assert parse_shown(written) == meant


def test_read_rows_finds_semicolons_and_byte_order_marks():
    rows = list(read_rows("Wort;Wer\nEins, zwei;A\n".encode("utf-8-sig"), {"body": "Wort", "author": "Wer"}))
    wide = list(read_rows("Wort\tWer\nEins\tB\n".encode("utf-16"), {"body": "Wort", "author": "Wer"}))

    assert [(row.body, row.author) for row in rows + wide] == [("Eins, zwei", "A"), ("Eins", "B")]


def test_read_rows_needs_a_body():
    with pytest.raises(UnreadableFile, match="--column body=NAME"):
        read_rows(b"a\nb\n", {"author": "a"})
