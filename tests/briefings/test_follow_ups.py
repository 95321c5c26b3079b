"""You said, we did: who keeps it, what readers see, who is reminded."""

import datetime
import json

import jsonschema
import pytest
from django.core import mail
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from briefings.actions import add_follow_up, change_follow_up, remind_owners
from briefings.exceptions import BriefingError, NotAllowed
from briefings.exports import schema
from briefings.models import FollowUp, PublishedPoint
from briefings.readiness import checks_of
from gathering.actions.points import remove_point
from gathering.exceptions import PointRefused
from gathering.models import Entry, Excerpt, Point
from people.models import User
from tests.factories.briefings import make_editor, make_event, make_point, point_block

pytestmark = pytest.mark.django_db


def days(number):
    return timezone.localdate() + datetime.timedelta(days=number)


@pytest.fixture
def promised(ready):
    ready.publish()
    ready.follow_up = add_follow_up(
        actor=ready.editor,
        briefing=ready.briefing,
        point=ready.points[1],
        promise="Cut a second key",
        owner="The clerk",
        owner_email="clerk@example.org",
        due_on=days(5),
    )
    return ready


def test_only_editors_keep_follow_ups(ready):
    other = User.objects.create_user("delegate@example.org")

    with pytest.raises(NotAllowed):
        add_follow_up(actor=other, briefing=ready.briefing, point=ready.points[0], promise="Run", owner="Me")


def test_point_of_another_event_is_refused(ready):
    point = make_point(make_event(), None, 1)

    with pytest.raises(BriefingError, match="another event"):
        add_follow_up(actor=ready.editor, briefing=ready.briefing, point=point, promise="Run", owner="Me")


def test_what_is_not_done_needs_a_reason(promised):
    with pytest.raises(BriefingError, match="Say why"):
        change_follow_up(actor=promised.editor, follow_up=promised.follow_up, state="dropped")

    promised.follow_up.refresh_from_db()
    assert promised.follow_up.state == "planned"


def test_how_it_stood_before_is_kept(promised):
    change_follow_up(actor=promised.editor, follow_up=promised.follow_up, state="done", note="It hangs by the door.")
    change_follow_up(actor=promised.editor, follow_up=promised.follow_up, owner="The new clerk")

    kept = FollowUp.objects.get()
    assert (kept.state, kept.note, kept.owner) == ("done", "It hangs by the door.", "The new clerk")
    assert [(change.state, change.note) for change in kept.changes.all()] == [
        ("done", "It hangs by the door."),
        ("planned", ""),
    ]


def test_readers_see_owner_day_state_and_note_and_nobodys_address(client, promised):
    change_follow_up(
        actor=promised.editor, follow_up=promised.follow_up, state="under_way", note="The locksmith is ill."
    )

    for address in ("/b/4/follow-ups/", "/follow-ups/"):
        html = client.get(address).content.decode()
        for words in ("Cut a second key", "The clerk", "Under way", "The locksmith is ill.", f"{days(5).day} "):
            assert words in html
        assert "clerk@example.org" not in html
    assert "Cut a second key" in client.get(promised.briefing.url).content.decode()


def test_pages_without_follow_ups_say_so(client, ready):
    ready.publish()

    assert "Nothing is promised yet." in client.get("/b/4/follow-ups/").content.decode()
    assert "You said, we did" not in client.get(ready.briefing.url).content.decode()


@pytest.mark.parametrize("address", ["/follow-ups/", "/b/4/follow-ups/", "/b/4/entries/", "/b/4.json"])
def test_crowd_of_readers_is_given_one_answer(client, promised, address):
    answer = client.get(address)

    assert answer.status_code == 200
    assert "ETag" in answer
    assert not answer.cookies


def test_follow_ups_of_a_draft_are_not_shown(client, promised):
    promised.briefing.unpublish()

    assert client.get("/b/4/follow-ups/").status_code == 404
    assert "Cut a second key" not in client.get("/follow-ups/").content.decode()
    assert "Cut a second key" not in client.get("/follow-ups/feed/").content.decode()


def test_follow_ups_stay_with_their_point_when_the_briefing_is_published_again(client, promised):
    promised.publish()

    assert "Cut a second key" in client.get("/b/4/follow-ups/").content.decode()


@pytest.mark.parametrize("address", ["/b/4/follow-ups/feed/", "/follow-ups/feed/"])
def test_feed_has_each_change(client, promised, address):
    change_follow_up(actor=promised.editor, follow_up=promised.follow_up, state="done", note="It hangs by the door.")

    response = client.get(address)

    assert response["Content-Type"].startswith("application/atom+xml")
    feed = response.content.decode()
    assert [feed.count(f"{state}: Cut a second key") for state in ("Done", "Planned")] == [1, 1]
    assert f"/b/4/follow-ups/#follow-up-{promised.follow_up.pk}" in feed


def test_what_was_promised_outlives_its_point_everywhere(client, promised):
    blocks = promised.briefing.points.get_prep_value()
    promised.briefing.points = json.dumps([blocks[0], blocks[2], point_block("And?", [promised.excerpts[1][0]])])
    draft = promised.briefing

    warned = [(check.kind, check.blocks) for check in checks_of(draft) if check.kind == "promised"]
    assert warned == [("promised", False)]
    promised.publish()

    for address in ("/b/4/follow-ups/", "/follow-ups/"):
        html = client.get(address).content.decode()
        for words in ("Promised about points that are no longer in the briefing", "Cut a second key", "1 planned"):
            assert words in html
        assert f'id="follow-up-{promised.follow_up.pk}"' in html
    assert "Planned: Cut a second key" in client.get("/follow-ups/feed/").content.decode()
    page = client.get(promised.briefing.url).content.decode()
    assert "You said, we did" in page
    assert "Cut a second key" not in page
    data = client.get("/b/4.json").json()
    assert [one["promise"] for one in data["other_follow_ups"]] == ["Cut a second key"]
    jsonschema.validate(data, schema())


def test_point_that_something_was_promised_about_stays_on_the_desk(promised):
    promised.briefing.points = json.dumps(promised.briefing.points.get_prep_value()[:1])
    promised.briefing.save_revision()
    Excerpt.with_removed.filter(point=promised.points[1]).delete()
    Entry.objects.filter(point=promised.points[1]).update(point=None, disposition="undecided")
    point = Point.objects.get(pk=promised.points[1].pk)

    with pytest.raises(PointRefused, match="“Cut a second key” was promised"):
        remove_point(actor=promised.editor, point=point)

    assert FollowUp.objects.get().point == point


# Reminders


@pytest.mark.parametrize(
    ("due", "state", "address", "is_reminded"),
    [
        (5, "planned", "clerk@example.org", True),
        (-3, "under_way", "clerk@example.org", True),
        (8, "planned", "clerk@example.org", False),
        (-3, "done", "clerk@example.org", False),
        (-3, "planned", "", False),
        (None, "planned", "clerk@example.org", False),
    ],
)
def test_owners_are_reminded_of_what_is_due_and_open(promised, due, state, address, is_reminded):
    due_on = None if due is None else days(due)
    FollowUp.objects.update(due_on=due_on, state=state, owner_email=address)

    assert bool(remind_owners()) is is_reminded
    assert [message.to for message in mail.outbox] == ([["clerk@example.org"]] if is_reminded else [])


def test_reminder_says_what_and_where_and_comes_once_a_fortnight(promised, capsys):
    now = timezone.now()
    # The desk's numbers move with every draft; what readers know does not.
    Point.objects.update(position=F("position") + 20)

    call_command("remind_follow_ups")
    remind_owners(moment=now + datetime.timedelta(days=13))
    assert len(mail.outbox) == 1
    assert capsys.readouterr().out == "1 reminder sent.\n"
    assert "Cut a second key" in mail.outbox[0].body
    assert "/b/4/follow-ups/" in mail.outbox[0].body
    point = PublishedPoint.objects.get(point__follow_ups__isnull=False)
    assert f"It answers point {point.number}, “{point.heading}”, of the briefing" in mail.outbox[0].body

    remind_owners(moment=now + datetime.timedelta(days=15))

    assert [message.subject for message in mail.outbox] == ["Due soon: Cut a second key", "Overdue: Cut a second key"]


# In the admin


def test_editor_adds_and_changes_a_follow_up_in_the_admin(client, ready):
    ready.publish()
    client.force_login(make_editor())
    point = ready.briefing.published_points.get(number=2)
    values = {"promise": "Mend the latch", "owner": "The clerk", "owner_email": "", "due_on": "", "note": ""}

    added = client.post("/admin/follow_ups/new/", {**values, "at": point.pk, "state": "planned"})
    follow_up = FollowUp.objects.get()
    refused = client.post(f"/admin/follow_ups/edit/{follow_up.pk}/", {**values, "state": "dropped"})
    changed = client.post(
        f"/admin/follow_ups/edit/{follow_up.pk}/", {**values, "state": "dropped", "note": "There is no latch."}
    )

    assert (added.status_code, refused.status_code, changed.status_code) == (302, 200, 302)
    assert "Say why it was not done" in refused.content.decode()
    follow_up.refresh_from_db()
    assert (follow_up.point_id, follow_up.state, follow_up.changes.count()) == (point.point_id, "dropped", 2)
