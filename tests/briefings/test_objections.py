"""Objecting to being quoted: who may, until when, what the editor sees."""

import datetime

import pytest
from django.utils import timezone

from briefings.actions import close_objections, object_to_quoting, open_objections, take_objection_back
from briefings.exceptions import BriefingError, BriefingNotReady, NotAllowed
from briefings.models import BriefingRules, Objection, ObjectionWindow
from briefings.readiness import checks_of
from gathering.actions import make_link
from live.actions.joining import hash_of_token
from live.models import Participant
from people.keys import author_key_of_user
from people.models import User
from tests.factories.briefings import make_contribution, make_editor, make_organiser

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(ready):
    """A draft that quotes what somebody with an account said, and a window for a week."""
    ready.author = User.objects.create_user("author@example.org")
    ready.entry = ready.entries[0][0]
    ready.entry.author_key = author_key_of_user(ready.author)
    ready.entry.save()
    ready.key = ready.entry.author_key
    ready.briefing.save_revision()
    open_objections(
        actor=make_organiser(),
        briefing=ready.briefing,
        closes_on=timezone.localdate() + datetime.timedelta(days=7),
    )
    return ready


def kinds(briefing):
    return [(check.kind, check.blocks) for check in checks_of(briefing)]


def test_objection_blocks_publishing_until_it_is_taken_back(asked):
    object_to_quoting(author_keys=[asked.key], briefing=asked.briefing, entry=asked.entry)

    assert ("objected", True) in kinds(asked.briefing)
    with pytest.raises(BriefingNotReady, match="The author of 1a objects"):
        asked.briefing.save_revision().publish()

    take_objection_back(author_keys=[asked.key], briefing=asked.briefing, entry=asked.entry)
    take_objection_back(author_keys=[asked.key], briefing=asked.briefing, entry=asked.entry)

    assert kinds(asked.briefing) == []
    asked.publish()
    assert asked.briefing.live


def test_organiser_may_let_objections_only_warn(asked):
    rules = BriefingRules.load()
    rules.objected = "warn"
    rules.save()
    object_to_quoting(author_keys=[asked.key], briefing=asked.briefing, entry=asked.entry)

    assert kinds(asked.briefing) == [("objected", False)]


def test_objecting_again_after_taking_back_counts_again(asked):
    for _ in range(2):
        object_to_quoting(author_keys=[asked.key], briefing=asked.briefing, entry=asked.entry)
    take_objection_back(author_keys=[asked.key], briefing=asked.briefing, entry=asked.entry)
    object_to_quoting(author_keys=[asked.key], briefing=asked.briefing, entry=asked.entry)

    assert list(Objection.objects.values_list("taken_back_at", flat=True)) == [None]


def test_nobody_objects_for_others(asked):
    with pytest.raises(NotAllowed):
        object_to_quoting(author_keys=["another"], briefing=asked.briefing, entry=asked.entry)
    object_to_quoting(author_keys=[asked.key], briefing=asked.briefing, entry=asked.entry)
    with pytest.raises(NotAllowed):
        take_objection_back(author_keys=["another"], briefing=asked.briefing, entry=asked.entry)


def test_objections_are_taken_until_the_day_and_only_to_what_is_quoted(asked):
    other = asked.entries[0][1]
    with pytest.raises(BriefingError, match="does not quote"):
        object_to_quoting(author_keys=[other.author_key], briefing=asked.briefing, entry=other)

    ObjectionWindow.objects.update(closes_on=timezone.localdate() - datetime.timedelta(days=1))
    with pytest.raises(BriefingError, match="no longer taken"):
        object_to_quoting(author_keys=[asked.key], briefing=asked.briefing, entry=asked.entry)


def test_only_organisers_open_and_close_the_window(asked):
    editor = make_editor()
    with pytest.raises(NotAllowed):
        open_objections(actor=editor, briefing=asked.briefing, closes_on=timezone.localdate())
    with pytest.raises(NotAllowed):
        close_objections(actor=editor, briefing=asked.briefing)
    with pytest.raises(BriefingError, match="past"):
        open_objections(
            actor=make_organiser(),
            briefing=asked.briefing,
            closes_on=timezone.localdate() - datetime.timedelta(days=1),
        )


# On the person's page


@pytest.mark.parametrize("way", ["account", "device", "link"])
def test_author_objects_and_takes_it_back_by_a_button(client, asked, way):
    token = make_link(author_keys=[asked.key]) if way == "link" else ""
    if way == "account":
        client.force_login(asked.author)
    if way == "device":
        contribution = make_contribution(asked.session, author_key=asked.key)
        Participant.objects.filter(pk=contribution.participant_id).update(
            token_hash=hash_of_token("a-token-of-this-device"), author_key=asked.key
        )
        client.cookies["device"] = "a-token-of-this-device"
    page = f"/words/{token}/" if token else "/words/"
    values = {"briefing": asked.briefing.pk, "entry": asked.entry.pk, "link": token}

    assert "Don’t quote me here" in client.get(page).content.decode()
    answer = client.post("/words/objections/", {**values, "do": "object"})
    assert answer["Location"] == f"{page}#objection-{asked.entry.pk}"
    html = client.get(page).content.decode()
    assert "Let it be quoted after all" in html
    assert "You objected on" in html
    assert ("objected", True) in kinds(asked.briefing)

    client.post("/words/objections/", {**values, "do": "take_back"})

    assert "Don’t quote me here" in client.get(page).content.decode()
    assert kinds(asked.briefing) == []


def test_stranger_finds_no_button_and_is_refused(client, asked):
    client.force_login(User.objects.create_user("stranger@example.org"))

    assert "Don’t quote me here" not in client.get("/words/").content.decode()
    for values in ({}, {"link": "nonsense"}, {"briefing": "9" * 30}):
        answer = client.post(
            "/words/objections/",
            {"briefing": asked.briefing.pk, "entry": asked.entry.pk, "do": "object", **values},
        )
        assert answer.status_code == 404
    assert not Objection.objects.exists()


def test_without_a_window_there_is_no_button_and_a_late_objection_gets_a_sentence(client, asked):
    ObjectionWindow.objects.all().delete()
    client.force_login(asked.author)

    assert "Don’t quote me here" not in client.get("/words/").content.decode()
    answer = client.post("/words/objections/", {"briefing": asked.briefing.pk, "entry": asked.entry.pk, "do": "object"})

    assert answer.status_code == 409
    assert "no longer taken" in answer.content.decode()


# In the admin


def test_organiser_opens_the_window_and_reads_who_objects(client, ready):
    ready.briefing.save_revision()
    client.force_login(make_organiser())
    address = f"/admin/briefings/{ready.briefing.pk}/objections/"
    day = timezone.localdate() + datetime.timedelta(days=7)

    assert client.post(address, {"closes_on": "2020-01-01"}).status_code == 422
    assert client.post(address, {"closes_on": day.isoformat()}).status_code == 302
    entry = ready.entries[0][0]
    object_to_quoting(author_keys=[entry.author_key], briefing=ready.briefing, entry=entry)
    html = client.get(address).content.decode()

    assert entry.text[:20] in html
    assert client.post(address, {"do": "close"}).status_code == 302
    assert not ObjectionWindow.objects.exists()
    assert Objection.objects.count() == 1


def test_editor_reads_objections_and_opens_nothing(client, asked):
    client.force_login(make_editor())
    address = f"/admin/briefings/{asked.briefing.pk}/objections/"

    assert client.get(address).status_code == 200
    assert client.post(address, {"do": "close"}).status_code in (302, 403)
    assert ObjectionWindow.objects.exists()
