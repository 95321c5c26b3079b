import datetime
from collections import Counter
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.models import Page

from briefings.models import BriefingPage
from briefings.readiness import checks_of
from discussion.choices import CommentState
from discussion.models import Comment
from events.models import EventPage, Phase
from gathering.actions import reconcile_ledger
from gathering.models import Echo, Entry, Excerpt, Theme
from home.demo import event
from live.models import Contribution, LiveSession, Prompt, SessionState
from people.models import User
from propositions.models import PropositionPage
from wordpress.choices import BatchState
from wordpress.models import Batch
from wordpress.reports import report_of

pytestmark = pytest.mark.django_db


def _counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }


def test_load_demo_twice_adds_nothing(demo):
    before = _counts()

    out = StringIO()
    call_command("load_demo", stdout=out)

    assert _counts() == before
    assert out.getvalue().startswith("The demo summit is here already.")


def test_load_demo_introduces_people_who_can_sign_in(demo):
    introduced = [user.email for user in User.objects.all() if user.email in demo]

    assert len(introduced) >= 10
    assert set(User.objects.exclude(groups=None).values_list("email", flat=True)) <= set(introduced)
    assert "/accounts/login/" in demo
    assert "/mail/" in demo


def test_load_demo_lands_on_the_second_day_of_three(demo):
    page = _event()

    today = timezone.localdate()
    assert (page.starts_on, page.ends_on) == (today - datetime.timedelta(1), today + datetime.timedelta(1))
    assert page.phase == Phase.DURING


def test_load_demo_puts_five_propositions_with_facilitators(demo):
    page = _event()

    propositions = PropositionPage.objects.child_of(page).live().order_by("number")

    assert [proposition.number for proposition in propositions] == [1, 2, 3, 4, 5]
    assert all(proposition.facilitators for proposition in propositions)
    assert all(proposition.resources.count() == 2 for proposition in propositions)


def test_load_demo_gives_accounts_to_people_with_confirmed_addresses(demo):
    for user in User.objects.all():
        assert user.emailaddress_set.get().verified
        assert user.person.name == user.get_full_name()


@pytest.mark.parametrize(
    "address", ["/about/", "/privacy/", "/accessibility/", "/people/", "/people/ifeoma-ashworth/", "/search/?q=queue"]
)
def test_load_demo_pages_open(demo, address):
    assert Client().get(address).status_code == 200


def test_load_demo_fills_threads_below_every_proposition(demo):
    for number, least in {1: 20, 2: 25, 3: 15, 4: 12, 5: 12}.items():
        page = PropositionPage.objects.get(number=number, path__startswith=_event().path)
        found = Comment.objects.filter(page=page)
        assert found.count() >= least
        assert found.filter(is_facilitator=True).exists()
        assert max(found.values_list("level", flat=True)) >= 2
    assert Comment.objects.filter(state=CommentState.PUBLISHED).count() >= 80
    assert max(Comment.objects.values_list("level", flat=True)) >= 3


def test_load_demo_shows_what_moderators_and_authors_do(demo):
    states = {state: Comment.objects.filter(state=state).get() for state in ("held", "hidden", "withdrawn")}

    assert states["held"].hold_reason
    assert states["hidden"].hide_reason
    assert set(Comment.objects.values_list("consent", flat=True)) == {"named", "role", "anonymous", "none"}
    assert Comment.objects.filter(comment__contains="\n5. ").exists()


def test_load_demo_says_nothing_in_the_future(demo):
    now = timezone.now()

    assert not Comment.objects.filter(submit_date__gt=now).exists()
    assert not Entry.objects.filter(said_at__gt=now).exists()


def test_load_demo_dates_its_pages_before_the_summit(demo):
    for page in PropositionPage.objects.all():
        assert timezone.localdate(page.first_published_at) < page.event.starts_on


def test_load_demo_archives_last_year(demo):
    page = EventPage.objects.get(slug=event.PAST_SLUG)

    assert page.phase == Phase.ARCHIVED
    assert Comment.objects.filter(page__path__startswith=page.path).count() >= 9


def test_load_demo_keeps_both_versions_of_the_statement_that_changed(demo):
    page = PropositionPage.objects.child_of(_event()).get(number=2)

    first, second = page.statement_versions.all()
    assert first.published_at < second.published_at < timezone.now()
    versions = set(page.comments.values_list("statement_version", flat=True))
    assert versions == {1, 2}


def test_load_demo_has_two_sessions_behind_it_one_open_and_one_to_come(demo):
    sessions = {session.page.title: session for session in LiveSession.objects.select_related("page")}

    closed = [session for session in sessions.values() if session.state == SessionState.CLOSED]
    assert len(closed) == 2
    assert Contribution.objects.filter(session__in=closed).count() >= 150
    assert {prompt.kind for session in closed for prompt in session.prompts.all()} == set(Prompt.Kind.values)
    for session in closed:
        moments = session.contributions.values_list("said_at", flat=True)
        assert session.page.starts_at <= min(moments) <= max(moments) <= session.page.ends_at
        assert session.contributions.filter(channel="table", headcount__gt=1).exists()
        assert session.contributions.filter(channel="live", headcount=1).exists()

    (now,) = (session for session in sessions.values() if session.state == SessionState.OPEN)
    assert now.current_prompt.state == Prompt.State.CURRENT
    assert now.spotlight.state == Contribution.State.SHOWN
    assert now.timer_ends_at > timezone.now()
    assert now.contributions.filter(state=Contribution.State.HELD).count() == 2
    assert 30 <= now.contributions.filter(state=Contribution.State.SHOWN).count() <= 40
    assert User.objects.get(email__startswith="yusra@") in now.facilitators.all()

    (later,) = (session for session in sessions.values() if session.state == SessionState.WAITING)
    assert later.page.starts_at > timezone.now()
    assert later.page.propositions.count() == 3


def test_load_demo_leaves_nothing_out_of_the_ledger(demo):
    report = reconcile_ledger(record=False)

    assert report.is_complete


def test_load_demo_sorts_what_was_said_about_the_second_proposition(demo):
    page = PropositionPage.objects.child_of(_event()).get(number=2)
    entries = Entry.objects.filter(proposition=page)

    counts = Counter(entries.values_list("disposition", flat=True))
    assert 0.55 <= counts["used"] / entries.count() <= 0.7
    assert min(counts["merged"], counts["set_aside"], counts["undecided"]) >= 5
    assert set(entries.filter(disposition="used").values_list("point__position", flat=True)) == set(range(1, 8))
    assert all(entries.filter(disposition="set_aside").values_list("set_aside_reason", flat=True))
    assert set(Excerpt.objects.filter(entry__in=entries).values_list("role", flat=True)) == set(Excerpt.Role.values)


def test_load_demo_lays_out_themes_and_a_campaign(demo):
    campaign = Echo.objects.get(is_campaign=True)

    assert campaign.state == Echo.State.KEPT
    assert campaign.entries.values("author_key").distinct().count() == 6
    assert set(campaign.entries.values_list("disposition", flat=True)) == {"undecided"}
    grouped = Entry.objects.filter(theme__isnull=False)
    assert set(grouped.values_list("proposition__number", flat=True)) >= {1, 3}
    assert not Theme.objects.filter(entries=None).exists()


def test_load_demo_publishes_a_briefing_and_drafts_another(demo):
    published = BriefingPage.objects.live().descendant_of(_event()).get()
    draft = BriefingPage.objects.not_live().get()

    assert len(published.points) == 7
    assert [check.kind for check in checks_of(published)] == ["one_voice", "undecided"]
    assert [point.citations.count() for point in published.published_points.all()] == [3, 3, 3, 4, 3, 3, 1]
    assert not any(check.kind in ("missing", "mismatch", "consent", "gone") for check in checks_of(draft))
    assert BriefingPage.objects.live().descendant_of(EventPage.objects.get(slug=event.PAST_SLUG)).get().points


def test_load_demo_brings_in_the_blog_of_an_earlier_summit(demo, client):
    batch = Batch.objects.get()
    report = report_of(batch)

    assert batch.state == BatchState.DONE
    assert batch.event.phase == Phase.ARCHIVED
    assert not batch.event.is_current
    for counts in report["counts"].values():
        found, *outcomes = counts.values()
        assert found == sum(outcomes)
    assert {one["reason"] for one in report["skipped"]} >= {"It was marked as spam"}
    assert [one["state"] for one in report["suspicious"]] == ["open"]
    answer = client.get("/2014/09/a-meeting-should-end/", follow=True)
    assert answer.redirect_chain[0][1] == 301
    assert "four hundred and six meetings" in answer.content.decode()
    assert not Comment.objects.filter(page__path__startswith=batch.event.path).exclude(consent="none").exists()


def test_load_demo_pages_of_the_summit_open(demo, client):
    session = LiveSession.objects.get(state=SessionState.OPEN)
    pages = Page.objects.live().filter(depth__gt=1)
    addresses = [page.url for page in pages]
    addresses += [f"/live/{session.code}/", f"/live/{session.code}/wall/", "/join/"]

    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


def test_load_demo_news_leads_to_the_propositions(demo, client):
    html = client.get("/news/how-the-five-were-chosen/").content.decode()

    for proposition in PropositionPage.objects.child_of(_event()):
        assert f'href="{proposition.url}"' in html
        for mention in proposition.mentions.published():
            assert proposition.first_published_at < mention.received_at < timezone.now()
        assert proposition.mentions.published().exists()


def _event() -> EventPage:
    return EventPage.objects.get(slug=event.EVENT_SLUG)
