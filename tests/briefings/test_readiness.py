"""The checks before publishing: each found, each blocking or warning as the organiser set."""

import json
import uuid

import pytest

from briefings.exceptions import BriefingNotReady
from briefings.models import BriefingRules, Severity
from briefings.printing import print_briefing
from briefings.readiness import checks_of, refuse_unready
from gathering.models import Entry, Excerpt
from people.consent import Consent
from tests.factories.briefings import make_entry, make_excerpt, place, point_block

pytestmark = pytest.mark.django_db

NOW = "2026-10-20T10:00Z"


def kinds(briefing):
    return [(check.kind, check.point, check.blocks) for check in checks_of(briefing)]


def replace_points(ready, *blocks):
    ready.briefing.points = json.dumps([*blocks, *ready.briefing.points.get_prep_value()[len(blocks) :]])


def test_nothing_speaks_against_a_ready_briefing(ready):
    assert checks_of(ready.briefing) == []
    refuse_unready(ready.briefing)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"consent": Consent.NONE}, "consent"),
        ({"quote_label": ""}, "consent"),
        ({"source_withdrawn_at": NOW}, "gone"),
        ({"source_hidden_at": NOW}, "gone"),
        ({"erased_at": NOW, "text": "", "quote_label": ""}, "gone"),
        ({"text": "Other words altogether."}, "mismatch"),
    ],
)
def test_source_that_may_not_be_quoted_blocks(ready, change, kind):
    Entry.objects.filter(pk=ready.entries[1][0].pk).update(**change)

    assert kinds(ready.briefing) == [(kind, 2, True)]
    with pytest.raises(BriefingNotReady):
        refuse_unready(ready.briefing)


def test_source_edited_since_warns(ready):
    Entry.objects.filter(pk=ready.entries[1][0].pk).update(source_edited_at=NOW)

    assert kinds(ready.briefing) == [("edited", 2, False)]


@pytest.mark.parametrize("reference", [str(uuid.uuid4()), "broken"])
def test_citation_that_leads_nowhere_blocks(ready, reference):
    replace_points(ready, point_block(cites=[reference], block_id=ready.points[0].pk))

    assert kinds(ready.briefing) == [("missing", 1, True)]


def test_point_without_citation_blocks_and_without_heading_too(ready):
    replace_points(ready, point_block("  ", block_id=ready.points[0].pk))

    assert kinds(ready.briefing) == [("heading", 1, True), ("uncited", 1, True)]


def test_too_few_points_block(ready):
    ready.briefing.points = json.dumps(ready.briefing.points.get_prep_value()[:2])

    assert ("points", None, True) in kinds(ready.briefing)


def test_point_on_one_voice_warns(ready):
    ready.entries[2][1].delete()

    assert kinds(ready.briefing) == [("one_voice", 3, False)]


def test_dissent_that_is_not_cited_warns_until_it_is(ready):
    against = make_excerpt(ready.entries[0][1], ready.points[0], role=Excerpt.Role.OPPOSES)
    assert kinds(ready.briefing) == [("dissent", 1, False)]

    replace_points(ready, point_block(cites=[ready.excerpts[0][0], against], block_id=ready.points[0].pk))

    assert kinds(ready.briefing) == []


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("“These are the words of 1.1,” she said.", False),
        ("<b>“These are</b> the … of [all] 1.1.”", False),
        ('She said "These are the words" and left.', False),
        ("A “made up” phrase, and somebody’s ‘three short words’ retold.", False),
        ("“These are not the words of 1.1.”", True),
        ('"These were <i>the words</i> of 1.1."', True),
        ("“These are the words of 2.1.”", True),
    ],
)
def test_quotation_typed_otherwise_than_it_was_said_warns(ready, text, is_named):
    replace_points(ready, point_block(cites=[ready.excerpts[0][0]], block_id=ready.points[0].pk, text=text))

    assert kinds(ready.briefing) == ([("unquotable", 1, False)] if is_named else [])


def test_quotation_typed_otherwise_than_it_was_said_blocks_if_the_organiser_says_so(ready):
    BriefingRules.objects.create(unquotable=Severity.BLOCK)
    words = "“These are not the words of 1.1.”"
    replace_points(ready, point_block(cites=[ready.excerpts[0][0]], block_id=ready.points[0].pk, text=words))

    with pytest.raises(BriefingNotReady, match="Point 1 puts “These are not the words"):
        refuse_unready(ready.briefing)


def test_undecided_entries_and_left_over_points_warn(ready):
    make_entry(ready.event, proposition=ready.proposition)
    ready.briefing.save_revision()
    ready.briefing.points = json.dumps(
        [*ready.briefing.points.get_prep_value()[:2], point_block(cites=[ready.excerpts[2][0]])]
    )

    assert sorted(kinds(ready.briefing)) == [("left_over", None, False), ("undecided", None, False)]


def test_organiser_decides_what_blocks(ready):
    replace_points(ready, point_block(block_id=ready.points[0].pk))
    place(make_entry(ready.event, proposition=ready.proposition), ready.points[0])
    make_entry(ready.event, proposition=ready.proposition)

    BriefingRules.objects.create(uncited=Severity.WARN, undecided=Severity.BLOCK)

    assert kinds(ready.briefing) == [("undecided", None, True), ("uncited", 1, False)]


def test_length_on_paper_warns_once_it_is_known_and_blocks_if_the_organiser_says_so(ready):
    replace_points(
        ready, point_block(cites=[ready.excerpts[0][0]], block_id=ready.points[0].pk, text="Too long. " * 700)
    )
    assert kinds(ready.briefing) == []
    refuse_unready(ready.briefing)

    print_briefing(ready.briefing)
    assert kinds(ready.briefing) == [("length", None, False)]
    BriefingRules.objects.update(length=Severity.BLOCK)

    with pytest.raises(BriefingNotReady, match="pages instead of 2"):
        refuse_unready(ready.briefing)
