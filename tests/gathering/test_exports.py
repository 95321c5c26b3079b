"""The ledger as files: everything that became of it, and no more of anybody's words than they allowed."""

import csv
import io
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from gathering.actions import collapse_echo, find_echoes, pick_excerpt, place_entry, set_aside_entry, undo_decision
from gathering.actions.wording import hash_of
from gathering.exports import defused
from gathering.models import Entry
from people.consent import Consent
from tests.factories.gathering import EditorFactory, EntryFactory, EventPageFactory, PointFactory, UserFactory

pytestmark = pytest.mark.django_db

SECRET = "Not for any file, this secret-token."


@pytest.fixture
def event():
    return EventPageFactory(slug="harvest")


def fetch(client, event, form, **query):
    answer = client.get(reverse(f"desk:ledger_{form}", args=[event.pk, "all"]), query)
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content).decode()


@pytest.fixture
def editor(client):
    editor = EditorFactory()
    client.force_login(editor)
    return editor


def test_files_say_what_became_of_everything(client, event, editor):
    point = PointFactory(event=event, position=3, working_title="Who counts the ladders?")
    used = EntryFactory(event=event, text="Nobody counts the ladders.", author_key="one", quote_label="A roofer")
    aside = EntryFactory(event=event, text="The soup was cold.", author_key="one")
    pick_excerpt(actor=editor, entry=used, point=point, role="opposes", text="Nobody counts")
    set_aside_entry(actor=editor, entry=aside, reason="About the venue")

    answer, text = fetch(client, event, "csv")
    first, second = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))

    assert answer["Content-Disposition"] == 'attachment; filename="ledger-harvest.csv"'
    assert (first["text"], first["said_by"], first["point"], first["what_became_of_it"]) == (
        "Nobody counts the ladders.",
        "A roofer",
        "3",
        "used",
    )
    assert first["excerpts"] == "opposes: “Nobody counts”"
    assert (second["what_became_of_it"], second["reason"]) == ("set_aside", "About the venue")
    assert first["speaker"] == second["speaker"] == "1"
    assert (first["text_hash"], second["text_hash"]) == (used.text_hash, aside.text_hash)
    assert first["decided_by"] == second["decided_by"] == editor.display_name
    made = timezone.localtime(aside.decisions.get().made_at)
    assert second["decided_at"] == made.isoformat(timespec="seconds")
    _, text = fetch(client, event, "json")
    whole = json.loads(text)
    assert [point["title"] for point in whole["points"]] == ["Who counts the ladders?"]
    assert [entry["text"] for entry in whole["entries"]] == [used.text, aside.text]
    # A filter narrows the file as it narrows the desk.
    assert len(json.loads(fetch(client, event, "json", show="set_aside")[1])["entries"]) == 1


def test_files_name_whose_decision_stands(client, event, editor):
    first, last = EditorFactory(first_name="Tom", last_name="Rowe"), EditorFactory(first_name="Ida", last_name="Lane")
    entry, undone = EntryFactory.create_batch(2, event=event)
    point = PointFactory(event=event)
    for one in (entry, undone):
        place_entry(actor=first, entry=one, point=point)
    set_aside_entry(actor=last, entry=Entry.objects.get(pk=entry.pk), reason="About the venue")
    undo_decision(actor=last, event=event)
    undo_decision(actor=first, event=event)

    rows = json.loads(fetch(client, event, "json", show="everything")[1])["entries"]

    assert [row["decided_by"] for row in rows] == ["Tom Rowe", ""]
    assert rows[1]["decided_at"] == ""


def test_words_without_consent_or_source_stay_out_of_every_file(client, event, editor):
    EntryFactory(event=event, text=SECRET, consent=Consent.NONE, author_label="secret-token", quote_label="")
    EntryFactory(event=event, text=SECRET, source_withdrawn_at=timezone.now(), quote_label="secret-token")
    EntryFactory(event=event, text=SECRET, source_hidden_at=timezone.now(), quote_label="secret-token")
    EntryFactory(
        event=event, text="Said by nobody in particular.", consent=Consent.ANONYMOUS, quote_label="secret-token"
    )

    for form in ("csv", "json"):
        _, text = fetch(client, event, form)
        assert "secret-token" not in text
        assert "Withdrawn by its author" in text
        assert hash_of(SECRET) not in text
        assert "Said by nobody in particular." in text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "\n=1", "＝1"])
def test_formulas_are_defused(client, event, editor, text):
    EntryFactory(event=event, text=text, quote_label=text)

    _, body = fetch(client, event, "csv")

    [row] = csv.DictReader(io.StringIO(body.removeprefix("\ufeff"), newline=""))
    assert row["text"] == row["said_by"] == f"'{text}"
    assert defused("plain = text") == "plain = text"
    assert defused(7) == 7


def test_campaigns_are_named_in_files(client, event, editor):
    for _ in range(5):
        EntryFactory(event=event, text="Keep the library open on Saturdays for working families.")
    [echo] = find_echoes(actor=editor, event=event)
    collapse_echo(actor=editor, echo=echo)

    rows = json.loads(fetch(client, event, "json")[1])["entries"]

    assert {row["campaign"] for row in rows} == {echo.label}
    assert sum(row["stands_with"] is not None for row in rows) == 4


def test_files_are_for_editors(client, event):
    client.force_login(UserFactory())
    assert client.get(reverse("desk:ledger_csv", args=[event.pk, "all"])).status_code != 200
