"""How far a desk has come, line by line."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gathering.actions import create_points, find_echoes, keep_echo, place_entry, set_aside_entry
from gathering.coverage import standing_of
from gathering.desk import Desk
from gathering.filters import Filters
from tests.factories.gathering import (
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    LiveSessionFactory,
    PropositionPageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventPageFactory(title="The Ladder Summit")


@pytest.fixture
def editor():
    return EditorFactory()


def lines_of(desk):
    return {
        heading: [(line.label, list(line.counts), line.total.entries, line.total.people) for line in lines]
        for heading, lines in standing_of(desk).groups
    }


def test_everything_is_counted_where_it_was_said(event, editor):
    proposition = PropositionPageFactory(parent=event, number=1, title="Lend the ladder")
    room = LiveSessionFactory(event=event)
    points = create_points(actor=editor, event=event, proposition=proposition)
    used = EntryFactory(event=event, proposition=proposition, channel="before", author_key="a")
    aside = EntryFactory(
        event=event, session=room, channel="table", table_name="Table 10", headcount=6, author_key="t10"
    )
    EntryFactory(event=event, session=room, channel="table", table_name="Table 9", headcount=5, author_key="t9")
    EntryFactory(event=event, proposition=proposition, channel="live", session=room, author_key="a")
    place_entry(actor=editor, entry=used, point=points[0])
    set_aside_entry(actor=editor, entry=aside, reason="Off the question")

    found = lines_of(Desk(event, None))

    # Undecided, used, merged, set aside; entries; people.
    assert found["Proposition"] == [
        ("1 Lend the ladder", [1, 1, 0, 0], 2, 1),
        ("No proposition yet", [1, 0, 0, 1], 2, 11),
    ]
    assert found["Channel"] == [
        ("Before, in comments", [0, 1, 0, 0], 1, 1),
        ("Live", [1, 0, 0, 0], 1, 1),
        ("At a table", [1, 0, 0, 1], 2, 11),
    ]
    assert found["Live session"] == [(room.page.title, [2, 0, 0, 1], 3, 12)]
    assert found["Table"] == [("Table 9", [1, 0, 0, 0], 1, 5), ("Table 10", [0, 0, 0, 1], 1, 6)]
    assert "Proposition" not in lines_of(Desk(event, proposition))
    [(heading, targets)] = standing_of(Desk(event, None)).points
    assert heading == "Points of proposition 1"
    assert [target.tally.entries for target in targets] == [1, 0, 0, 0, 0, 0, 0]
    assert targets[0].tally.is_one_voice


def test_each_line_leads_to_its_entries_on_the_desk(event):
    room = LiveSessionFactory(event=event)
    for table in ("Table 1", "Table 2"):
        EntryFactory(event=event, session=room, channel="table", table_name=table)
    desk = Desk(event, None)

    for _, lines in standing_of(desk).groups:
        for line in lines:
            values = dict(pair.split("=") for pair in line.query.replace("+", " ").split("&"))
            assert Filters.parse(values).apply(desk).count() == line.total.entries


def test_page_shows_points_and_campaigns_to_editors_only(client, event, editor):
    create_points(actor=editor, event=event)
    for number in range(5):
        EntryFactory(event=event, text="Keep the old bridge as it is.", author_key=f"b{number}")
    [echo] = find_echoes(actor=editor, event=event)
    keep_echo(actor=editor, echo=echo, label="The bridge card")
    address = reverse("desk:coverage", args=[event.pk, "all"])

    client.force_login(UserFactory())
    refused = client.get(address)
    client.force_login(editor)
    html = client.get(address).content.decode()

    assert refused.status_code in (302, 403)
    assert html.count("nothing yet") == 7
    assert "The bridge card" in html
    assert "5 people in the same words, 5 entries" in html


def test_counting_takes_the_same_queries_at_any_size(event, editor):
    desk = Desk(event, None)
    create_points(actor=editor, event=event)

    def grow(count):
        for number in range(count):
            EntryFactory(
                event=event,
                proposition=PropositionPageFactory(parent=event),
                session=LiveSessionFactory(event=event),
                channel="table",
                table_name=f"Table {number}",
                headcount=4,
            )

    def cost():
        with CaptureQueriesContext(connection) as captured:
            standing_of(desk)
        return len(captured)

    grow(2)
    few = cost()
    grow(8)

    assert cost() == few
