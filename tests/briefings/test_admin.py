"""Briefings in the admin: started from the desk, cited, kept from being published unready, approved by an organiser."""

import json
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory
from wagtail.models import GroupApprovalTask, Workflow

from briefings import slots
from briefings.models import BriefingPage
from briefings.wagtail_hooks import say_what_still_blocks
from gathering.desk import Desk
from gathering.models import Entry, Excerpt
from people.consent import Consent
from people.models import User
from tests.factories.briefings import (
    make_editor,
    make_entry,
    make_event,
    make_excerpt,
    make_organiser,
    make_point,
    make_proposition,
    make_ready_briefing,
    place,
    point_block,
)

pytestmark = pytest.mark.django_db


def messages_of(response):
    return [str(message).strip() for message in response.context["messages"]]


# Starting


def start_address(event, proposition=None):
    query = f"?proposition={proposition.pk}" if proposition else ""
    return f"/admin/briefings/start/{event.pk}/{query}"


def test_editor_starts_a_briefing_from_the_desk(client):
    event = make_event()
    proposition = make_proposition(event, number=2)
    point = make_point(event, proposition, 1, "Who opens?")
    make_excerpt(place(make_entry(event, "Anybody.", proposition=proposition), point), point)
    client.force_login(make_editor())

    asked = client.get(start_address(event, proposition))
    assert "Who opens? (1 excerpt)" in asked.content.decode()
    assert not BriefingPage.objects.exists()
    started = client.post(start_address(event), {"proposition": proposition.pk})

    briefing = BriefingPage.objects.get()
    assert started.url == f"/admin/pages/{briefing.pk}/edit/"
    assert client.get(started.url).status_code == 200
    assert client.get(start_address(event, proposition)).url == started.url


def test_start_is_refused_with_the_reason_when_the_desk_has_too_many_points(client):
    event = make_event()
    for position in range(1, 14):
        make_point(event, None, position)
    client.force_login(make_editor())

    response = client.post(start_address(event), {"proposition": ""})

    assert response.status_code == 409
    assert "the desk has 13" in response.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_others_start_nothing(client, method):
    event = make_event()
    assert getattr(client, method)(start_address(event)).status_code == 302
    client.force_login(User.objects.create_user("delegate@example.org"))

    assert getattr(client, method)(start_address(event)).status_code == 302

    assert not BriefingPage.objects.exists()


@pytest.mark.parametrize("wanted", ["999999", "1", "first", "12345678901234567890123"])
def test_proposition_of_elsewhere_is_not_found(client, wanted):
    client.force_login(make_editor())

    assert client.post(start_address(make_event()), {"proposition": wanted}).status_code == 404


def test_desk_leads_to_its_briefing_or_starts_it(ready):
    request = RequestFactory().get("/")
    request.user = ready.editor

    [here, elsewhere] = [
        slots.briefing_of_desk(request, Desk(ready.event, proposition)).context["briefing"]
        for proposition in (ready.proposition, None)
    ]
    request.user = User.objects.create_user("delegate@example.org")

    assert (here, elsewhere) == (ready.briefing, None)
    assert slots.briefing_of_desk(request, Desk(ready.event, ready.proposition)) is None


# Citing


def excerpts_of(client, event, **query):
    return client.get(f"/admin/briefings/{event.pk}/excerpts/", query).json()["excerpts"]


def test_chooser_offers_this_points_excerpts_first(client, ready):
    client.force_login(ready.editor)

    rows = excerpts_of(client, ready.event, point=ready.points[1].pk)

    assert [(row["id"], row["is_own"]) for row in rows] == [
        (str(ready.excerpts[1][0].pk), True),
        (str(ready.excerpts[0][0].pk), False),
        (str(ready.excerpts[2][0].pk), False),
    ]
    assert (rows[0]["text"], rows[0]["label"], rows[0]["place"], rows[0]["gone"]) == (
        "These are the words of 2.1.",
        "Hall steward",
        "live, 14 October, 10.42",
        "",
    )


def test_chooser_searches_words_and_authors_and_names_what_may_not_be_quoted(client, ready):
    client.force_login(ready.editor)
    Entry.objects.filter(pk=ready.entries[2][0].pk).update(consent=Consent.NONE)

    assert [row["text"] for row in excerpts_of(client, ready.event, q="words 2.1")] == ["These are the words of 2.1."]
    assert len(excerpts_of(client, ready.event, q="steward")) == 3
    assert excerpts_of(client, ready.event, q="nowhere") == []
    [row] = excerpts_of(client, ready.event, ids=f"{ready.excerpts[2][0].pk},not-an-id")
    assert row["gone"] == "Its author does not wish to be quoted."


def test_chooser_shows_no_other_events_excerpts_and_nothing_to_others(client, ready):
    other = make_ready_briefing()
    client.force_login(ready.editor)
    assert len(excerpts_of(client, ready.event)) == 3
    assert excerpts_of(client, ready.event, ids=other.excerpts[0][0].pk) == []

    client.force_login(make_moderator())

    assert client.get(f"/admin/briefings/{ready.event.pk}/excerpts/").status_code == 403


def make_moderator():
    moderator = make_editor("moderator@example.org")
    moderator.groups.set(Group.objects.filter(name="Moderators"))
    return moderator


def test_chooser_costs_the_same_queries_for_many_excerpts(client, ready, django_assert_max_num_queries):
    client.force_login(ready.editor)
    for entries, point in zip(ready.entries, ready.points, strict=True):
        for entry in entries * 8:
            make_excerpt(entry, point)

    with django_assert_max_num_queries(9):
        assert len(excerpts_of(client, ready.event)) == 51


# The editor


def test_editor_shows_the_checks(client, ready):
    Entry.objects.filter(pk=ready.entries[0][0].pk).update(consent=Consent.NONE)
    make_entry(ready.event, proposition=ready.proposition)
    ready.briefing.save_revision()
    client.force_login(ready.editor)

    html = client.get(f"/admin/pages/{ready.briefing.pk}/edit/").content.decode()

    assert "The author of 1a does not wish to be quoted." in html
    assert "1 entry is still undecided." in html
    assert f'data-briefing-excerpts="/admin/briefings/{ready.event.pk}/excerpts/"' in html


def test_editor_of_a_new_briefing_knows_its_event(client, ready):
    client.force_login(make_organiser())

    html = client.get(f"/admin/pages/add/briefings/briefingpage/{ready.event.pk}/").content.decode()

    assert f'data-briefing-excerpts="/admin/briefings/{ready.event.pk}/excerpts/"' in html
    assert "Before publishing" not in html


def test_menu_lists_briefings_and_series(client, ready):
    client.force_login(ready.editor)

    listing = client.get("/admin/briefing_pages/").content.decode()

    assert ready.briefing.title in listing
    assert client.get("/admin/briefing_series/").status_code == 200
    assert client.get("/admin/briefing_series/new/").status_code == 200


# Approval


@pytest.fixture
def in_moderation(ready):
    revision = ready.briefing.save_revision(user=ready.editor)
    workflow = Workflow.objects.get(name="Approval by an organiser")
    state = workflow.start(BriefingPage.objects.get(pk=ready.briefing.pk), ready.editor)
    assert isinstance(state.current_task_state.task.specific, GroupApprovalTask)
    return ready, revision, state.current_task_state


def approve(client, ready, task_state):
    return client.post(f"/admin/pages/workflow/action/{ready.briefing.pk}/approve/{task_state.pk}/", follow=True)


def test_organiser_approves_and_it_is_published(client, in_moderation):
    ready, _, task_state = in_moderation
    client.force_login(make_organiser())

    approve(client, ready, task_state)

    ready.briefing.refresh_from_db()
    assert ready.briefing.live
    assert ready.briefing.published_points.count() == 3


def test_editor_may_not_approve(client, in_moderation):
    ready, _, task_state = in_moderation
    client.force_login(make_editor())

    approve(client, ready, task_state)

    ready.briefing.refresh_from_db()
    assert not ready.briefing.live


def test_approval_of_what_may_no_longer_be_published_leads_back_to_the_editor(client, in_moderation):
    ready, _, task_state = in_moderation
    Entry.objects.filter(pk=ready.entries[0][0].pk).update(source_withdrawn_at="2026-10-20T10:00Z")
    client.force_login(make_organiser())

    response = approve(client, ready, task_state)

    assert response.redirect_chain == [(f"/admin/pages/{ready.briefing.pk}/edit/", 302)]
    assert messages_of(response) == ["Not published. The source of 1a cannot be shown. Withdrawn by its author."]
    task_state.refresh_from_db()
    ready.briefing.refresh_from_db()
    assert (task_state.status, ready.briefing.live) == ("in_progress", False)


def test_publishing_in_bulk_is_refused_as_well(client, ready):
    Excerpt.objects.filter(pk=ready.excerpts[0][0].pk).delete()
    ready.briefing.save_revision()
    client.force_login(make_organiser())

    response = client.post(
        f"/admin/bulk/wagtailcore/page/publish/?id={ready.briefing.pk}", {"include_descendants": ""}, follow=True
    )

    assert "Citation 1a leads to nothing" in messages_of(response)[0]
    ready.briefing.refresh_from_db()
    assert not ready.briefing.live


def test_checks_are_read_again_for_editors_only_and_know_the_length_if_asked(client, ready):
    ready.briefing.save_revision()
    address = f"/admin/briefings/{ready.briefing.pk}/checks/"
    client.force_login(make_editor())

    assert "It fits" not in client.get(address).content.decode()
    assert "It fits: 2 pages." in client.get(f"{address}?print=1").content.decode()
    assert "It fits: 2 pages." in client.get(address).content.decode()
    client.force_login(User.objects.create_user("delegate@example.org"))
    assert client.get(address).status_code == 302


def test_who_hands_in_a_draft_hears_what_blocks_it(client, ready, rf):
    ready.briefing.points = json.dumps([point_block(block_id=point.pk) for point in ready.points])
    ready.briefing.save_revision()
    request = rf.post("/", {"action-submit": "yes"})
    said = []
    request._messages = SimpleNamespace(add=lambda level, message, extra: said.append(str(message)))

    say_what_still_blocks(request, ready.briefing)
    say_what_still_blocks(rf.post("/"), ready.briefing)

    assert len(said) == 1
    assert "Point 1 cites nothing." in said[0]
