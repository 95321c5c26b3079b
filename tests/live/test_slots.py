"""What live sessions show on the pages of events and propositions."""

import datetime

import pytest
from django.test import RequestFactory
from django.utils import timezone

from content import slots
from events.models import Phase
from live import actions
from live.permissions import OPERATOR
from tests.factories import live as make
from tests.factories.discussion import event_page, proposition_page

pytestmark = pytest.mark.django_db


def shown(slot: str, subject) -> list[tuple[str, dict]]:
    request = RequestFactory().get("/")
    return [
        (content.template_name.rpartition("/")[2], content.context)
        for content in slots.contents(slot, request, subject)
        if content.template_name.startswith("live/")
    ]


@pytest.fixture
def event():
    return event_page(phase_override=Phase.DURING)


@pytest.fixture
def proposition(event):
    return proposition_page(event)


def test_margin_shows_what_runs_before_what_comes(proposition):
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    coming = make.live_session(proposition, state="waiting", starts_at=tomorrow)
    ((_, context),) = shown("proposition.margin", proposition)
    assert (context["session"], context["is_running"]) == (coming, False)

    running = make.live_session(proposition, state="paused")

    ((_, context),) = shown("proposition.margin", proposition)
    assert (context["session"], context["is_running"]) == (running, True)


def test_proposition_that_is_still_a_draft_is_named_nowhere_that_readers_reach(event, proposition, client):
    draft = proposition_page(event, title="Nobody may know yet", live=False)
    session = make.live_session(proposition, draft)
    feed = client.get(f"/events/{event.slug}/programme.ics")
    pages = [event.get_url(), session.page.get_url(), "/join/?code=" + session.code, f"/live/{session.code}/"]

    answers = [feed, *(client.get(address, follow=True) for address in [*pages, f"/live/{session.code}/wall/"])]

    assert [answer.status_code for answer in answers] == [200] * 6
    for answer in answers:
        assert draft.title not in b"".join(answer).decode()


def test_margin_keeps_closed_sessions_as_something_to_read(proposition):
    closed = make.live_session(proposition, state="closed")

    assert shown("proposition.margin", proposition) == [("proposition_archive.html", {"sessions": [closed]})]


def test_margin_is_empty_without_sessions_and_for_rehearsals_and_drafts(proposition):
    make.live_session(proposition, is_rehearsal=True)
    draft = make.live_session(proposition)
    draft.page.unpublish()

    assert shown("proposition.margin", proposition) == []
    assert shown("proposition.row_state", proposition) == []
    assert shown("event.programme", proposition.event) == []


def test_row_says_live_now_only_where_it_is(proposition):
    other = proposition_page(proposition.event)
    session = make.live_session(proposition)

    assert shown("proposition.row_state", proposition) == [("proposition_row_state.html", {})]
    assert shown("proposition.row_state", other) == []
    actions.close_session(actor=OPERATOR, session=session, version=session.version)
    assert shown("proposition.row_state", proposition) == []


def test_rows_of_one_page_ask_the_database_once(proposition, django_assert_num_queries):
    others = [proposition_page(proposition.event) for _ in range(4)]
    make.live_session(proposition)
    request = RequestFactory().get("/")

    with django_assert_num_queries(1):
        for one in [proposition, *others]:
            slots.contents("proposition.row_state", request, one)


def test_programme_lists_sessions_by_day_and_those_gone_by_last(event, proposition):
    now = timezone.now()
    yesterday = make.live_session(proposition, state="closed", starts_at=now - datetime.timedelta(days=1))
    today = make.live_session(proposition, starts_at=now)
    tomorrow = make.live_session(proposition, state="waiting", starts_at=now + datetime.timedelta(days=1))

    ((_, context),) = shown("event.programme", event)

    days = [[row["session"] for row in day["rows"]] for day in context["days"]]
    assert days == [[today], [tomorrow], [yesterday]]
    assert [day["is_past"] for day in context["days"]] == [False, False, True]


def test_programme_costs_the_same_with_one_session_and_with_many(event, proposition, django_assert_max_num_queries):
    for _ in range(5):
        make.live_session(proposition, state="waiting")

    with django_assert_max_num_queries(3):
        shown("event.programme", event)


def test_joining_is_offered_while_there_is_something_to_join(event, proposition):
    assert shown("event.phase_actions", event) == []
    session = make.live_session(proposition, state="waiting")
    assert shown("event.phase_actions", event) == [("event_phase_actions.html", {"is_today": True})]

    actions.close_session(actor=OPERATOR, session=session, version=session.version)

    assert shown("event.phase_actions", event) == []


def test_pages_show_the_way_in(client, proposition):
    session = make.live_session(proposition)

    for page in (proposition, proposition.event):
        text = client.get(page.url).text
        assert f"Join with {session.spoken_code}" in text
        assert "Live now" in text
