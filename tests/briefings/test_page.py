"""A published briefing as readers see it: codes, evidence, what is withheld, and what it costs."""

import datetime
import json

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from briefings import citations, selectors, slots
from briefings.citations import point_anchor
from briefings.models import BriefingPage
from discussion.models import CommentState
from events.models import EventPartner, Partner, Phase
from gathering.actions import show_ledger
from gathering.models import Entry, Excerpt
from live.selectors import Viewer, snapshot
from people.consent import Consent
from people.keys import author_key_of_user
from people.models import User
from propositions.models import PropositionPage
from tests.factories.briefings import (
    make_briefing,
    make_comment,
    make_contribution,
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


def page_of(client, briefing):
    response = client.get(briefing.url)
    assert response.status_code == 200
    return response.content.decode()


def squeezed(html):
    return " ".join(html.split())


def test_page_shows_series_number_title_event_and_points(client, ready):
    html = squeezed(page_of(client, ready.publish()))

    assert "asking <i>better questions</i> sooner" in html
    assert '<span class="numeral numeral--page">4</span>' in html
    assert "The Harvest Summit</a>, 13–15 October 2026" in html
    assert f'in answer to <a href="{ready.proposition.url}">proposition 4</a>' in html
    assert [f'id="point-{number}"' in html for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert [f'id="{point_anchor(point.pk)}"' in html for point in ready.points] == [True] * 3
    assert "The three, by people" in html


def test_citation_codes_are_computed_from_where_they_stand(client, ready):
    both = [make_excerpt(ready.entries[1][1], ready.points[1]), ready.excerpts[1][0]]
    ready.briefing.points = json.dumps(
        [
            point_block(cites=[ready.excerpts[0][0]], block_id=ready.points[0].pk),
            point_block(cites=[*both, both[0]], block_id=ready.points[1].pk),
            point_block(cites=[both[1]], block_id=ready.points[2].pk),
        ]
    )

    points = selectors.evidence_of(ready.briefing).points

    assert [[(c.code, c.excerpt_id) for c in point.citations] for point in points] == [
        [("1a", ready.excerpts[0][0].pk)],
        [("2a", both[0].pk), ("2b", both[1].pk)],
        [("3a", both[1].pk)],
    ]
    first = citations.anchor(ready.points[1].pk, both[0].pk)
    assert points[1].discussion.count(f'href="#{first}"') == 2
    assert points[1].discussion.count(f'id="cite-{first}"') == 1
    html = page_of(client, ready.publish())
    assert [html.count(f'id="{code}"') for code in ("1a", "2a", "2b", "3a")] == [1, 1, 1, 1]


def test_quote_stands_in_its_context_as_its_author_consented(client, ready):
    Entry.objects.filter(pk=ready.entries[0][0].pk).update(author_label="Secret Name", quote_label="Bell ringer")

    html = squeezed(page_of(client, ready.publish()))

    assert ('Sentence 1.1 stands ahead. <mark class="excerpt-mark">These are the words of 1.1.</mark> It ends.') in html
    assert "Bell ringer · " in html
    assert f'<a href="{ready.session.page.url}#' not in html
    assert "live, 14 October, 10.42" in html
    assert "Secret Name" not in html


def test_source_leads_back_to_where_it_was_said(ready):
    comment = make_comment(ready.proposition)
    contribution = make_contribution(ready.session)
    said = [
        make_entry(ready.event, comment=comment, channel=Entry.Channel.BEFORE),
        make_entry(ready.event, contribution=contribution, session=ready.session),
        make_entry(ready.event),
    ]

    assert [selectors.source_address(entry) for entry in said] == [
        f"/comments/{comment.pk}/",
        f"{ready.session.page.url}#said-{contribution.pk}",
        "",
    ]
    assert [selectors.said_where(entry, year=2026) for entry in said] == [
        "comment, 14 October",
        "live, 14 October, 10.42",
        "live, 14 October, 10.42",
    ]
    assert selectors.said_where(said[0], year=2027) == "comment, 14 October 2026"


# What a point rests on


def test_people_are_counted_once_and_tables_by_their_heads(ready):
    point = ready.points[0]
    Entry.objects.filter(point=point).delete()
    add = lambda **fields: place(make_entry(ready.event, proposition=ready.proposition, **fields), point)  # noqa: E731
    add(author_key="one", channel=Entry.Channel.BEFORE)
    add(author_key="one", channel=Entry.Channel.LIVE)
    kept = add(author_key="two", channel=Entry.Channel.LIVE)
    add(author_key="table", channel=Entry.Channel.TABLE, headcount=5)
    add(author_key="table", channel=Entry.Channel.TABLE, headcount=6)
    make_entry(ready.event, author_key="three", disposition=Entry.Disposition.MERGED, merged_into=kept)
    make_entry(ready.event, author_key="aside", disposition=Entry.Disposition.SET_ASIDE)
    make_excerpt(kept, point, role=Excerpt.Role.OPPOSES)

    rest = selectors.rests_of([point.pk])[point.pk]

    assert (rest.people, rest.entries, rest.opposing) == (3 + 6, 6, 1)
    assert (rest.before, rest.live, rest.tables) == (1, 3, 1)
    assert rest.sources == "1 comment before, 3 contributions live and 1 table"
    assert not rest.is_one_voice
    assert selectors.people_who_said([kept.pk])[kept.pk] == 2


def test_one_voice_and_dissent_are_said_beside_the_count(client, ready):
    Entry.objects.filter(pk=ready.entries[0][1].pk).delete()
    make_excerpt(ready.entries[1][1], ready.points[1], role=Excerpt.Role.OPPOSES)

    html = squeezed(page_of(client, ready.publish()))

    assert '<span>1 person, 1 entry</span> <span class="evidence__one-voice">one voice</span>' in html
    assert '<span>2 people, 2 entries</span> <span class="evidence__oppose">1 opposes</span>' in html
    assert html.count("evidence__one-voice") == 1


def test_bars_are_as_long_as_the_people_with_open_ends_for_those_against():
    rests = [
        selectors.Rest(people=31),
        selectors.Rest(people=17, opposing=6),
        selectors.Rest(),
        selectors.Rest(people=1),
    ]
    points = [selectors.PointEvidence(None, number, "", "", (), rest, 0) for number, rest in enumerate(rests, start=1)]

    bars = selectors.bars(points)

    assert [(bar.solid_length, bar.open_length) for bar in bars] == [(100, 0), (35.49, 19.35), (0, 0), (3.23, 0)]


def test_bars_of_an_empty_ledger_have_no_length(client):
    event = make_event()
    briefing = make_briefing(event, make_proposition(event))

    evidence = selectors.evidence_of(briefing)

    assert {bar.length for bar in evidence.bars} == {0}


# What is withheld


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"erased_at": "now", "text": ""}, "Erased at the author’s wish."),
        ({"source_withdrawn_at": "now"}, "Withdrawn by its author."),
        ({"source_hidden_at": "now"}, "No longer shown by the moderators."),
        ({"consent": Consent.NONE, "quote_label": ""}, "Its author does not wish to be quoted."),
    ],
)
def test_words_that_may_no_longer_be_shown_are_not(client, ready, change, reason):
    briefing = ready.publish()
    now = datetime.datetime.now(tz=datetime.UTC)
    Entry.objects.filter(pk=ready.entries[0][0].pk).update(
        **{name: now if value == "now" else value for name, value in change.items()}
    )

    sinks = [
        page_of(client, briefing),
        client.get(f"/b/{briefing.short_address}.json").content.decode(),
        client.get(f"/b/{briefing.short_address}/entries/").content.decode(),
    ]

    assert ["words of 1.1" in sink for sink in sinks] == [False, False, False]
    assert ["Sentence 1.1" in sink for sink in sinks] == [False, False, False]
    assert reason in sinks[0]
    assert "words of 2.1" in sinks[0]


@pytest.mark.parametrize("state", [CommentState.HIDDEN, CommentState.WITHDRAWN, CommentState.HELD])
def test_state_of_the_source_itself_decides_even_if_the_ledger_has_not_heard(client, ready, state):
    comment = make_comment(ready.proposition, "Whispered words.")
    entry = place(make_entry(ready.event, comment=comment, channel=Entry.Channel.BEFORE), ready.points[0])
    excerpt = make_excerpt(entry, ready.points[0])
    ready.briefing.points = json.dumps(
        [point_block(cites=[excerpt], block_id=ready.points[0].pk), *ready.briefing.points.get_prep_value()[1:]]
    )
    briefing = ready.publish()
    assert "Whispered words." in page_of(client, briefing)

    type(comment).objects.filter(pk=comment.pk).update(state=state)

    assert "Whispered words." not in page_of(client, briefing)


def test_citation_that_leads_nowhere_is_shown_and_no_error(client, ready):
    briefing = ready.publish()
    Excerpt.objects.all().delete()

    html = page_of(client, briefing)

    assert html.count("This citation leads to nothing.") == 3


def test_long_source_is_cut_at_words_around_the_quotation():
    text = "before " * 200 + "the words" + " after" * 200

    pieces = selectors.segments(text, [[1400, 1409]], around=30)

    assert [piece.is_quoted for piece in pieces] == [False, True, False]
    assert [piece.text for piece in pieces] == [
        "… before before before before ",
        "the words",
        " after after after after …",
    ]


@pytest.mark.parametrize("spans", [[], [[5, 3]], [[0, 999]], [[-2, 4]]])
def test_spans_outside_the_source_show_nothing(spans):
    assert selectors.segments("A short text.", spans) == ()


# Addresses


def test_short_address_leads_to_the_briefing(client, ready):
    briefing = ready.publish()

    assert client.get("/b/4/").url == briefing.url


@pytest.mark.parametrize("path", ["/b/4/", "/b/4.json", "/b/4/entries/", "/b/4.pdf", "/b/none/"])
def test_addresses_of_a_draft_are_not_found(client, ready, path):
    assert client.get(path).status_code == 404


def test_entries_tell_what_became_of_each(client, ready):
    reasons = {"disposition": Entry.Disposition.SET_ASIDE, "set_aside_reason": "Answers another proposition"}
    make_entry(ready.event, "Off the point.", proposition=ready.proposition, **reasons)
    make_entry(ready.event, "Not read.", proposition=ready.proposition)
    make_entry(ready.event, "Elsewhere.", proposition=make_proposition(ready.event, number=5))
    briefing = ready.publish()

    html = client.get(f"/b/{briefing.short_address}/entries/").content.decode()

    assert [html.count(f"Used in point {number}") for number in (1, 2, 3)] == [2, 2, 2]
    assert "Set aside: Answers another proposition" in html
    assert html.count("Read, not yet decided") == 1
    assert "Elsewhere." not in html
    assert "8 entries from 8 people" in squeezed(html)


def test_entries_of_one_point(client, ready):
    briefing = ready.publish()

    html = client.get(f"/b/{briefing.short_address}/entries/?point=2").content.decode()

    assert ["words of 2.1" in html, "words of 2.2" in html, "words of 1.1" in html] == [True, True, False]


@pytest.mark.parametrize("point", ["4", "0", "x", "-1", "99999999999999999999", "²"])
def test_entries_of_a_point_that_is_not_there_are_not_found(client, ready, point):
    briefing = ready.publish()

    assert client.get(f"/b/{briefing.short_address}/entries/", {"point": point}).status_code == 404


def test_page_costs_the_same_queries_however_much_it_rests_on(client):
    counts = []
    for entries, cites in ((2, 1), (12, 9)):
        ready = make_ready_briefing(points=4, entries=entries)
        blocks = ready.briefing.points.get_prep_value()
        for index, block in enumerate(blocks):
            more = [make_excerpt(entry, ready.points[index]) for entry in ready.entries[index][:cites]]
            block["value"]["discussion"] += point_block(cites=more)["value"]["discussion"]
        ready.briefing.points = json.dumps(blocks)
        EventPartner.objects.bulk_create(
            EventPartner(event=ready.event, partner=Partner.objects.create(name=f"P{ready.event.pk}{n}"))
            for n in range(cites)
        )
        briefing = ready.publish()
        client.get(briefing.url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page_of(client, briefing)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_discussion_is_open_until_the_event_is_archived(ready):
    briefing = ready.publish()
    assert briefing.discussion_is_open()
    ready.event.phase_override = Phase.ARCHIVED
    ready.event.save()

    assert not BriefingPage.objects.get(pk=briefing.pk).discussion_is_open()


def test_draft_takes_no_comments(ready):
    assert not ready.briefing.discussion_is_open()


# Elsewhere on the site


def slot_of(provider, subject):
    content = provider(RequestFactory().get("/"), subject)
    return content.context if content else None


def test_comment_says_where_it_was_used_once_the_briefing_is_published(ready):
    comment = make_comment(ready.proposition)
    place(make_entry(ready.event, comment=comment, channel=Entry.Channel.BEFORE), ready.points[1])
    unused = make_comment(ready.proposition)
    make_entry(ready.event, comment=unused, channel=Entry.Channel.BEFORE)
    assert slot_of(slots.used_in, comment) is None

    briefing = ready.publish()

    points = slot_of(slots.used_in, comment)["points"]
    assert [(point.number, point.briefing) for point in points] == [(2, briefing)]
    assert slot_of(slots.used_in, unused) is None
    briefing.unpublish()
    assert slot_of(slots.used_in, comment) is None


def test_phone_says_where_its_words_were_used_once_the_briefing_is_published(ready):
    contribution = make_contribution(ready.session)
    place(make_entry(ready.event, contribution=contribution), ready.points[2])
    unused = make_contribution(ready.session, participant=contribution.participant)
    make_entry(ready.event, contribution=unused)
    viewer = Viewer(ready.session, "participant", contribution.participant)
    assert snapshot(viewer)["you"]["used"] == {}

    briefing = ready.publish()

    words = f"Used in point 3 of briefing {briefing.number}"
    used = {str(contribution.pk): {"words": words, "url": f"{briefing.url}#{point_anchor(ready.points[2].pk)}"}}
    assert snapshot(viewer)["you"]["used"] == used
    assert snapshot(Viewer(ready.session, "wall"))["you"] == {"role": "wall"}
    briefing.unpublish()
    assert snapshot(viewer)["you"]["used"] == {}


def test_merged_comment_says_where_the_other_was_used(ready):
    comment = make_comment(ready.proposition)
    make_entry(
        ready.event,
        comment=comment,
        channel=Entry.Channel.BEFORE,
        disposition=Entry.Disposition.MERGED,
        merged_into=ready.entries[2][0],
    )
    ready.publish()

    assert [point.number for point in slot_of(slots.used_in, comment)["points"]] == [3]


def test_comment_quoted_in_another_point_than_its_own_says_both(ready):
    comment = make_comment(ready.proposition)
    entry = place(make_entry(ready.event, comment=comment, channel=Entry.Channel.BEFORE), ready.points[0])
    same = make_comment(ready.proposition)
    make_entry(
        ready.event,
        comment=same,
        channel=Entry.Channel.BEFORE,
        disposition=Entry.Disposition.MERGED,
        merged_into=entry,
    )
    blocks = ready.briefing.points.get_prep_value()
    blocks[2]["value"]["discussion"] += f"<p>{citations.markup(make_excerpt(entry, ready.points[2]).pk)}</p>"
    ready.briefing.points = json.dumps(blocks)
    ready.publish()

    assert [point.number for point in slot_of(slots.used_in, comment)["points"]] == [1, 3]
    assert [point.number for point in slot_of(slots.used_in, same)["points"]] == [1, 3]


def test_comments_of_a_page_are_looked_up_together(ready, django_assert_num_queries):
    comments = [make_comment(ready.proposition) for _ in range(30)]
    for comment in comments:
        place(make_entry(ready.event, comment=comment, channel=Entry.Channel.BEFORE), ready.points[0])
    ready.publish()
    for comment in comments:
        comment.shown_with = tuple(shown.pk for shown in comments)
    request = RequestFactory().get("/")

    with django_assert_num_queries(3):
        found = [slots.used_in(request, comment) for comment in comments]

    assert all(found)


def test_words_and_ledger_name_the_points_that_readers_know(client, ready):
    author = User.objects.create_user("author@example.org")
    said, merged, left = ready.entries[2][0], ready.entries[2][1], ready.entries[1][1]
    for entry in (said, merged, left):
        Entry.objects.filter(pk=entry.pk).update(author_key=author_key_of_user(author))
    Entry.objects.filter(pk=merged.pk).update(
        disposition=Entry.Disposition.MERGED, merged_into=said, point=None, proposition=None
    )
    place(left, make_point(ready.event, ready.proposition, 9, "Left for another year"))
    Entry.objects.filter(pk=left.pk).update(author_key=author_key_of_user(author))
    show_ledger(actor=make_organiser(), event=ready.event, shows=True)
    client.force_login(author)

    def pages():
        for address in ("/words/", reverse("gathering:ledger", args=[ready.event.slug])):
            yield squeezed(strip_tags(client.get(address).content.decode().replace("<li", " <li")))

    words, ledger = pages()
    assert "Used in point 3 of the draft" in words
    assert "Used in point 3 of the draft" in ledger

    ready.publish()
    # The next draft has another order: what readers know stays as it is.
    blocks = ready.briefing.points.get_prep_value()
    ready.briefing.points = json.dumps([blocks[2], blocks[0], blocks[1]])
    ready.briefing.save_revision()

    words, ledger = pages()
    assert words.count("Used in point 3 Sentence 3.1") == 1
    assert "together they support point 3 of briefing 4." in words
    assert "Used in point 9 of the draft" not in words
    assert "of the draft Sentence 2.2" in words
    assert "3 Question 3?" in words
    assert (
        f'href="{ready.briefing.url}#{point_anchor(ready.points[2].pk)}">Question 3?</a>'
        in client.get("/words/").content.decode()
    )
    assert "Used in point 3 Sentence 3.1" in ledger
    assert "Merged, in point 3 of briefing 4 Sentence 3.2" in ledger


def test_proposition_shows_its_briefing_or_when_it_is_expected(ready):
    assert slot_of(slots.briefing_of_proposition, ready.proposition) is None
    ready.event.briefings_from = datetime.date.today() + datetime.timedelta(days=9)  # noqa: DTZ011 as the page reckons
    ready.event.save()
    # A proposition keeps the event it has once read.
    proposition = PropositionPage.objects.get(pk=ready.proposition.pk)
    assert slot_of(slots.briefing_of_proposition, proposition)["expected"] == ready.event.briefings_from

    briefing = ready.publish()

    assert slot_of(slots.briefing_of_proposition, ready.proposition)["briefings"] == [briefing]


def test_event_shows_covers_with_their_lines(ready):
    assert slot_of(slots.briefings_of_event, ready.event) is None
    place(make_entry(ready.event, proposition=ready.proposition), ready.points[2])
    place(make_entry(ready.event, proposition=ready.proposition), ready.points[2])

    briefing = ready.publish()

    [cover] = slot_of(slots.briefings_of_event, ready.event)["covers"]
    assert (cover.briefing, cover.lines) == (briefing, (50, 50, 100))


def test_event_without_briefings_shows_the_last_events(ready):
    briefing = ready.publish()
    later = make_event(starts_on=datetime.date(2027, 10, 12), ends_on=datetime.date(2027, 10, 13))

    context = slot_of(slots.briefings_of_event, later)

    assert [cover.briefing for cover in context["covers"]] == [briefing]
    assert context["former"]


def test_data_has_everything_with_its_provenance(client, ready):
    briefing = ready.publish()

    data = client.get("/b/4.json").json()

    assert (data["format"], data["number"], data["title"]) == ("summit-briefing", 4, briefing.title)
    assert [point["id"] for point in data["points"]] == [str(point.pk) for point in ready.points]
    assert data["points"][1]["discussion"] == "<p>Somebody has to open the door.[2a]</p>"
    assert data["points"][1]["citations"] == [
        {
            "code": "2a",
            "excerpt": str(ready.excerpts[1][0].pk),
            "entry": ready.entries[1][0].pk,
            "role": "supports",
            "text": "These are the words of 2.1.",
            "spans": ready.excerpts[1][0].spans,
            "source_hash": ready.entries[1][0].text_hash,
            "context": [
                {"text": "Sentence 2.1 stands ahead. ", "quoted": False},
                {"text": "These are the words of 2.1.", "quoted": True},
                {"text": " It ends.", "quoted": False},
            ],
            "attribution": "Hall steward",
            "consent": "role",
            "said": "live, 14 October, 10.42",
            "said_at": ready.entries[1][0].said_at.isoformat(),
            "channel": "live",
            "address": None,
            "people": 1,
            "picked_at": ready.excerpts[1][0].created_at.isoformat(),
            "gone": None,
        }
    ]
    assert data["coverage"] == {
        "entries": 6,
        "people": 6,
        "used": 6,
        "merged": 0,
        "set_aside": 0,
        "undecided": 0,
        "before": 0,
        "live": 6,
        "table": 0,
    }


def test_editors_who_preview_a_draft_see_its_evidence(ready, rf):
    request = rf.get("/")
    request.user = make_editor()

    response = ready.briefing.make_preview_request(original_request=request, preview_mode="")

    assert response.status_code == 200
    assert "What this rests on" in response.rendered_content
    assert "A draft" in response.rendered_content


def test_shared_link_shows_its_numeral_title_and_lines(client, ready):
    briefing = ready.publish()

    html = page_of(client, briefing)

    assert f'<meta property="og:image" content="{briefing.card_url}">' in html
    assert html.count('property="og:title"') == 1
    assert '"@type": "Report"' in html
    words = briefing.card_words()
    assert (words.numeral, words.title, words.signature) == ("4", briefing.title, ((2, 0), (2, 0), (2, 0)))
    assert client.get(f"/card/{briefing.pk}.png").content.startswith(b"\x89PNG")
