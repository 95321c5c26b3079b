"""An event's page: what it shows, and at what cost."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from events.models import Phase, Tier
from tests.factories.discussion import comment
from tests.factories.events import EventPageFactory, EventPartnerFactory, PartnerFactory
from tests.factories.live import live_session
from tests.factories.people import picture
from tests.factories.propositions import PropositionFacilitatorFactory, PropositionPageFactory

pytestmark = pytest.mark.django_db


def test_event_page_reads_as_a_contents_page(client):
    event = EventPageFactory(title="The Estuary Summit")
    second = PropositionPageFactory(parent=event, number=2, title="Ferries are roads")
    first = PropositionPageFactory(parent=event, number=1, title="Dredge less, listen more")
    PropositionFacilitatorFactory(proposition=first, person__name="Ottoline Crane")
    comment(first)
    comment(first)

    page = client.get(event.url).text

    assert "Two propositions" in page
    assert page.index("Dredge less, listen more") < page.index("Ferries are roads")
    assert "Ottoline Crane" in page
    assert page.count('<span class="contents__number">2</span> <span>responses</span>') == 1
    assert page.count('<span class="contents__number">0</span> <span>responses</span>') == 1
    assert second.url in page


def test_event_page_leaves_out_what_is_not_published(client):
    event = EventPageFactory()
    PropositionPageFactory(parent=event, title="Not ready for readers", live=False)

    page = client.get(event.url).text

    assert "Not ready for readers" not in page
    assert "The propositions are not published yet." in page


@pytest.mark.parametrize(
    ("starts_in", "words"),
    [
        (7, "Read the propositions and answer them; you need no account."),
        (-1, "Join a session with its code; you need no account."),
        (-30, "What was said becomes short briefings"),
    ],
)
def test_phase_strip_says_what_can_be_done_now(client, starts_in, words):
    event = EventPageFactory(starts_on=timezone.localdate() + datetime.timedelta(days=starts_in))

    page = client.get(event.url).text

    assert page.count('aria-current="step"') == 1
    assert words in page.split('aria-current="step"')[1].split("</li>")[0]


def test_archived_event_announces_nothing_that_it_never_had(client):
    event = EventPageFactory(phase_override=Phase.ARCHIVED)

    page = client.get(event.url).text

    assert 'id="programme"' not in page
    assert 'id="briefings"' not in page
    assert "#programme" not in page
    assert "#briefings" not in page
    assert "What was said stays readable." in page


def test_archived_event_leads_to_its_sessions(client):
    event = EventPageFactory(phase_override=Phase.ARCHIVED)
    live_session(PropositionPageFactory(parent=event), state="closed")

    page = client.get(event.url).text

    assert 'id="programme"' in page
    assert f'href="{event.url}#programme"' in page


def test_partners_stand_by_tier(client):
    event = EventPageFactory()
    for name, tier in (("Quay Print", Tier.IN_KIND), ("Lantern Fund", Tier.PRINCIPAL)):
        EventPartnerFactory(event=event, tier=tier, partner=PartnerFactory(name=name))

    page = client.get(event.url).text

    assert page.index("Lantern Fund") < page.index("Quay Print")
    assert "Supporting" not in page


def test_event_has_an_accent_of_its_own(client):
    event = EventPageFactory(accent_hue=250)

    assert "/events/accent-250.css" in client.get(event.url).text


def test_event_refuses_the_hue_of_a_warning():
    event = EventPageFactory.build(parent=None, accent_hue=40)

    with pytest.raises(ValidationError) as refused:
        event.clean()

    assert list(refused.value.error_dict) == ["accent_hue"]


def test_event_page_costs_the_same_with_thirty_propositions(queries_of, media):
    event = EventPageFactory()
    _fill(event, 1)
    few = queries_of(event.url)

    _fill(event, 29)

    assert queries_of(event.url) == few


def _fill(event, count):
    for _ in range(count):
        proposition = PropositionPageFactory(parent=event)
        PropositionFacilitatorFactory(proposition=proposition, person__portrait=picture())
        EventPartnerFactory(event=event, partner__logo=picture())


def test_event_page_sets_no_cookie_and_carries_nothing_inline(client):
    event = EventPageFactory(strapline="<p>with <i>the tide</i></p>", introduction="<p>Three days.</p>", accent_hue=340)
    PropositionPageFactory(parent=event)

    answer = client.get(event.url)

    assert answer.cookies == {}
    assert " style=" not in answer.text
    assert "<style" not in answer.text
