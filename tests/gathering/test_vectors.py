"""What texts are about: without a network, the same each time, learnt from the editor, forgotten when erased."""

import socket

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gathering import encoder as sentences
from gathering import theming, vectors
from gathering.actions import (
    adopt_source,
    encode_texts,
    erase_entries,
    find_echoes,
    flag_source,
    place_entry,
    suggest_themes,
)
from gathering.desk import Desk, desk_points
from gathering.likeness import Learner, drawn_together, unit
from gathering.minority import minority_view
from gathering.models import Echo, Entry, TextVector, Theme
from gathering.suggestions import Suggester, forget_desks
from gathering.tasks import encode_event
from live.models import Contribution
from tests.factories.gathering import (
    ContributionFactory,
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    PointFactory,
)
from tests.gathering.test_themes import BUSES, TREES

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventPageFactory()


@pytest.fixture
def editor():
    return EditorFactory()


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("Something asked the network.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def encoder(monkeypatch):
    """A stand-in for the optional encoder: a direction for buses, one for trees, and what each text adds."""
    read = []

    def encode(texts):
        read.extend(texts)
        rows = np.zeros((len(texts), sentences.DIMENSIONS), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0 if "bus" in text.lower() else 1] = 1
            row[2 + len(text) % 300] = 0.1
        return unit(rows)

    monkeypatch.setattr(sentences, "is_installed", lambda: True)
    monkeypatch.setattr(sentences, "encode", encode)
    monkeypatch.setattr(vectors, "_kept", type(vectors._kept)())
    forget_desks()
    yield read
    forget_desks()


def groups(count=60):
    lots = np.random.default_rng(3)
    middles = unit(lots.standard_normal((3, 32)).astype(np.float32))
    which = np.arange(count) % 3
    return unit(middles[which] + 0.12 * lots.standard_normal((count, 32)).astype(np.float32)), which


def test_rows_are_parted_as_they_lie_and_the_same_for_the_same_seed():
    rows, which = groups()

    labels, near = theming.parted(rows, 3, seed=5)

    assert len({(a, b) for a, b in zip(labels, which, strict=True)}) == 3
    assert near.shape == (60, 3)
    assert (theming.parted(rows, 3, seed=5)[0] == labels).all()


def test_learner_finds_the_group_and_asks_titles_where_examples_say_nothing():
    rows, which = groups()
    learner = Learner(rows[:12], which[:12].tolist())
    assert (learner.scores(rows[12:]).argmax(axis=1) == which[12:]).mean() > 0.95

    alike = np.zeros((2, 4), np.float32)
    alike[:, 0] = 1
    titles = {"a": np.eye(4, dtype=np.float32)[1], "b": np.eye(4, dtype=np.float32)[2]}
    undecided = Learner(alike, ["a", "b"], titles).scores(np.eye(4, dtype=np.float32)[[2]])
    assert undecided[0].argmax() == 1


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_rows_are_drawn_together_too(count):
    rows, _ = groups(6)
    assert drawn_together(rows[:count], list(range(count))).shape == (count, 32)


def test_suggestions_learn_from_each_decision_without_a_network(event, editor, no_network):
    bus_point, tree_point = (PointFactory(event=event, position=n, working_title="") for n in (1, 2))
    entries = [EntryFactory(event=event, text=text) for text in (*BUSES, *TREES)]
    desk = Desk(event, None)

    assert Suggester(desk, desk_points(desk)).suggest(entries[3]) == {}
    for entry, point in ((entries[0], bus_point), (entries[1], bus_point), (entries[7], tree_point)):
        place_entry(actor=editor, entry=entry, point=point)
    suggester = Suggester(desk, desk_points(desk))
    assert suggester.suggest(Entry.objects.get(pk=entries[3].pk)) == {
        str(bus_point.pk): "first",
        str(tree_point.pk): "second",
    }
    assert suggester.suggest(Entry.objects.get(pk=entries[8].pk))[str(tree_point.pk)] == "first"
    # Corrected: what was placed under one point now stands under the other.
    for entry in Entry.objects.filter(point=bus_point):
        place_entry(actor=editor, entry=entry, point=tree_point)
    place_entry(actor=editor, entry=Entry.objects.get(pk=entries[7].pk), point=bus_point)
    suggester = Suggester(desk, desk_points(desk))
    assert suggester.suggest(Entry.objects.get(pk=entries[3].pk))[str(tree_point.pk)] == "first"
    EntryFactory.create_batch(6, event=event)
    suggest_themes(actor=editor, event=event)
    assert Theme.objects.exists()


def test_desk_is_read_once_and_then_only_what_was_decided_since(event, editor, monkeypatch):
    monkeypatch.setattr(sentences, "is_installed", lambda: False)
    points = [PointFactory(event=event, position=n) for n in (1, 2)]
    entries = [EntryFactory(event=event, text=text) for text in (*BUSES, *TREES)]
    desk = Desk(event, None)
    Suggester(desk, points)
    place_entry(actor=editor, entry=entries[0], point=points[0])
    with CaptureQueriesContext(connection) as captured:
        suggester = Suggester(desk, points)
    assert len(captured) <= 5
    assert suggester.how_many_like([entries[0]]) == suggester.how_many_like([entries[0]])
    # Something new is said: it is known at once.
    late = EntryFactory(event=event, text=BUSES[2])
    assert Suggester(desk, points).how_many_like([late])[0] >= 1


def test_desk_notices_words_that_were_taken_over(event, editor):
    points = [PointFactory(event=event, position=n, working_title="") for n in (1, 2)]
    entries = [EntryFactory(event=event, text=text) for text in (*BUSES, *TREES)]
    edited = EntryFactory(event=event, contribution=ContributionFactory(body=BUSES[1]), text=BUSES[1])
    for entry, point in ((entries[0], points[0]), (entries[2], points[0]), (entries[7], points[1])):
        place_entry(actor=editor, entry=entry, point=point)
    desk = Desk(event, None)
    assert Suggester(desk, points).suggest(edited)[str(points[0].pk)] == "first"

    Contribution.objects.filter(pk=edited.contribution_id).update(body=TREES[2])
    flag_source(change="edited", contribution=Contribution.objects.get(pk=edited.contribution_id), actor=None)
    adopt_source(actor=editor, entry=edited)

    edited.refresh_from_db()
    assert edited.text == TREES[2]
    assert Suggester(desk, points).suggest(edited)[str(points[1].pk)] == "first"


def test_encoder_reads_in_the_background_and_words_do_until_then(event, editor, encoder):
    entries = [EntryFactory(event=event, text=text) for text in (*BUSES, *TREES)]
    hashes = [entry.text_hash for entry in entries]
    assert vectors.vectors_of(hashes).shape[1] == 256
    assert encoder == []

    assert encode_texts(text_hashes=hashes) == len(entries)
    assert encode_texts(text_hashes=hashes) == 0
    assert vectors.vectors_of(hashes).shape[1] == sentences.DIMENSIONS
    assert len(encoder) == len(entries)
    suggest_themes(actor=editor, event=event)
    labels = set(Theme.objects.values_list("label", flat=True))
    assert any("bus" in label for label in labels)


def test_what_has_just_been_said_waits_for_the_background_alone(event, editor, encoder):
    entries = [EntryFactory(event=event, text=text) for text in (*BUSES, *TREES)]
    points = [PointFactory(event=event, position=n, working_title=title) for n, title in ((1, "Buses"), (2, "Trees"))]
    encode_event.enqueue(event.pk)
    rows = vectors.vectors_of([entry.text_hash for entry in entries])
    titles = vectors.titles_like(["Buses", "Trees"], rows)
    assert titles is not None
    assert (titles @ rows[0]).argmax() == 0
    assert vectors.titles_like(["Buses", "Nobody has read this one"], rows) is None
    for entry, point in ((entries[0], points[0]), (entries[1], points[0]), (entries[7], points[1])):
        place_entry(actor=editor, entry=entry, point=point)
    desk = Desk(event, None)
    late = EntryFactory(event=event, text="One more bus to the hospital in the evening, please.")
    read = list(encoder)

    suggester = Suggester(desk, points)
    assert suggester.suggest(late) == {}
    assert suggester.how_many_like([late]) == [0]
    assert late not in minority_view(desk).unanswered
    assert suggester.suggest(entries[3])[str(points[0].pk)] == "first"
    # Nobody who waits for a page waits for the encoder.
    assert encoder == read

    encode_event.enqueue(event.pk)
    assert Suggester(desk, points).suggest(late)[str(points[0].pk)] == "first"


def test_desk_read_by_words_is_read_anew_once_the_encoder_is_through(event, editor, encoder, monkeypatch):
    monkeypatch.setattr("gathering.tasks.MOST_TEXTS", 4)
    entries = [EntryFactory(event=event, text=text) for text in (*BUSES, *TREES)]
    points = [PointFactory(event=event, position=n, working_title="") for n in (1, 2)]
    place_entry(actor=editor, entry=entries[0], point=points[0])
    place_entry(actor=editor, entry=entries[7], point=points[1])
    desk = Desk(event, None)
    Suggester(desk, points)
    assert encoder == []

    encode_event.enqueue(event.pk)

    assert sorted(encoder) == sorted([*BUSES, *TREES])
    # To the stand-in all buses are alike, whatever else is said of them; to words they are not.
    assert Suggester(desk, points).how_many_like([entries[3]]) == [len(BUSES) - 2]


def test_command_reads_the_ledger_or_says_what_is_missing(event, encoder, capsys, monkeypatch):
    EntryFactory(event=event)
    call_command("encode_ledger")
    assert capsys.readouterr().out == "Read 1 texts.\n"

    monkeypatch.setattr(sentences, "is_installed", lambda: False)
    assert encode_texts(text_hashes=["x"]) == 0
    with pytest.raises(CommandError, match="not installed"):
        call_command("encode_ledger")


def test_erased_words_leave_no_vector_and_no_name(event, editor, encoder):
    mine = EntryFactory(event=event, text="My own words about buses and nobody else's.", author_key="me")
    shared = EntryFactory(event=event, text="Shared words of many about trees.", author_key="me")
    EntryFactory(event=event, text="Shared words of many about trees.")
    hashes = [mine.text_hash, shared.text_hash]
    encode_texts(text_hashes=hashes)
    [echo] = find_echoes(actor=editor, event=event)

    erase_entries(author_keys=["me"], actor=None)

    assert list(TextVector.objects.values_list("pk", flat=True)) == [hashes[1]]
    assert not Echo.objects.filter(pk=echo.pk).exists()


def test_encoder_gives_rows_of_length_one_that_say_what_is_alike():
    if not sentences.is_installed():
        pytest.skip("needs the encoder's weights")
    cat, kitten, guitar, nothing = sentences.encode(
        ["The cat sits outside.", "A cat is sitting outdoors.", "A man plays the guitar.", ""]
    )

    assert np.allclose(np.linalg.norm([cat, kitten, guitar, nothing], axis=1), 1, atol=1e-5)
    assert cat @ kitten > 0.8 > 0.3 > cat @ guitar
    # Whom a text is read with makes no difference.
    assert np.allclose(cat, sentences.encode(["The cat sits outside."])[0], atol=1e-5)
