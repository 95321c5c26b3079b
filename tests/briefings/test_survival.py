"""Citations through everything Wagtail does to a page: revert, copy, move, compare, moderation, schedule."""

import datetime
import json
import re

import pytest
from django.utils import timezone
from django.utils.html import strip_tags
from wagtail.actions.move_page import MovePageAction, MovePagePermissionError
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowTask

from briefings import citations
from briefings.blocks import PointBlock
from briefings.comparing import PointComparison
from briefings.exceptions import BriefingNotReady
from briefings.models import BriefingPage
from briefings.readiness import checks_of
from briefings.selectors import cited_in, evidence_of
from gathering.models import Entry, Point
from tests.factories.briefings import make_briefing, make_event, make_excerpt, make_organiser, point_block

pytestmark = pytest.mark.django_db


def cites(briefing):
    return list(cited_in(briefing).values())


def on_desk(event):
    return list(Point.objects.filter(event=event).order_by("position").values_list("working_title", "position"))


@pytest.fixture
def quoted(ready):
    """A published briefing, and what each of its points cites."""
    ready.publish()
    ready.cited = [[found[0].pk] for found in ready.excerpts]
    assert cites(ready.briefing) == ready.cited
    ready.on_desk = on_desk(ready.event)
    assert ready.on_desk == [("Question 1?", 1), ("Question 2?", 2), ("Question 3?", 3)]
    return ready


def test_reverting_to_an_older_revision_brings_its_citations_back(client, quoted):
    older = quoted.briefing.latest_revision
    quoted.briefing.points = json.dumps(
        [point_block(cites=[quoted.excerpts[2][0]], block_id=point.pk) for point in quoted.points]
    )
    quoted.briefing.save_revision()
    client.force_login(make_organiser())

    page = client.get(f"/admin/pages/{quoted.briefing.pk}/revisions/{older.pk}/revert/")
    older.as_object().save_revision(previous_revision=older)

    assert page.status_code == 200
    assert str(quoted.excerpts[0][0].pk) in page.content.decode()
    assert cites(BriefingPage.objects.get().get_latest_revision_as_object()) == quoted.cited
    assert [str(point.pk) for point in quoted.points] == list(
        cited_in(BriefingPage.objects.get().get_latest_revision_as_object())
    )


def test_copy_cites_the_same_words(client, quoted):
    organiser = make_organiser()
    copy = quoted.briefing.copy(update_attrs={"slug": "copy", "title": "Copy"}, user=organiser, keep_live=False)

    assert cites(copy.get_latest_revision_as_object()) == quoted.cited
    assert copy.short_address != quoted.briefing.short_address
    # The points on the desk are still the first one's, by id and place.
    assert on_desk(quoted.event) == quoted.on_desk


def test_saving_a_copy_changes_nothing_on_the_desk_but_what_it_adds(quoted):
    copy = quoted.briefing.copy(update_attrs={"slug": "copy", "title": "Copy"}, user=make_organiser(), keep_live=False)
    blocks = copy.points.get_prep_value()
    blocks[0]["value"]["heading"] = "Said otherwise?"
    copy.points = json.dumps([blocks[2], blocks[0], point_block("And this?", cites=[quoted.excerpts[0][0]])])

    copy.save_revision().publish()

    added = ("And this?", 4)
    assert on_desk(quoted.event) == [*quoted.on_desk, added]
    # Both are read, each by its own headings; both rest on the same ledger.
    assert [point.heading for point in copy.published_points.all()] == ["Question 3?", "Said otherwise?", "And this?"]
    assert [point.heading for point in quoted.briefing.published_points.all()] == [
        "Question 1?",
        "Question 2?",
        "Question 3?",
    ]
    assert [point.rest.people for point in evidence_of(copy).points] == [2, 2, 0]

    quoted.briefing.points = json.dumps(quoted.briefing.points.get_prep_value()[1:])
    quoted.briefing.save_revision()

    # What the first one gives up in its draft stays its own while readers see it there.
    assert on_desk(quoted.event)[:2] == [("Question 2?", 1), ("Question 3?", 2)]
    assert sorted(title for title, _ in on_desk(quoted.event)) == [
        "And this?",
        "Question 1?",
        "Question 2?",
        "Question 3?",
    ]


def test_copy_that_outlives_the_first_one_keeps_the_desk(quoted):
    copy = quoted.briefing.copy(update_attrs={"slug": "copy", "title": "Copy"}, user=make_organiser(), keep_live=False)
    BriefingPage.objects.get(pk=quoted.briefing.pk).delete()
    copy = BriefingPage.objects.get(pk=copy.pk)
    copy.points = json.dumps(list(reversed(copy.points.get_prep_value())))

    copy.save_revision()

    assert on_desk(quoted.event) == [("Question 3?", 1), ("Question 2?", 2), ("Question 1?", 3)]


def test_moving_the_page_within_its_event_or_the_event_itself_changes_no_citation(client, quoted):
    other = make_event("The Spring Summit")
    Page.objects.get(pk=quoted.event.pk).move(Page.objects.get(pk=other.pk), pos="right")

    briefing = BriefingPage.objects.get(pk=quoted.briefing.pk)
    assert cites(briefing) == quoted.cited
    assert [one.code for one in evidence_of(briefing).citations] == ["1a", "2a", "3a"]
    assert client.get("/b/4/")["Location"] == briefing.url


def test_page_stays_with_the_event_whose_ledger_it_rests_on(client, quoted):
    other = make_event("The Spring Summit")
    organiser = make_organiser()
    client.force_login(organiser)
    briefing = BriefingPage.objects.get(pk=quoted.briefing.pk)

    with pytest.raises(MovePagePermissionError):
        MovePageAction(briefing, other, pos="last-child", user=organiser).execute()
    client.post(f"/admin/pages/{briefing.pk}/move/{other.pk}/confirm/")

    assert BriefingPage.objects.child_of(quoted.event).get() == briefing
    assert make_briefing(other, slug="fresh").can_move_to(quoted.event)


def test_copy_to_another_event_is_refused_in_a_sentence(client, quoted):
    other = make_event("The Spring Summit")
    client.force_login(make_organiser())
    values = {"new_title": "Copy", "new_slug": "copy", "publish_copies": "on"}
    address = f"/admin/pages/{quoted.briefing.pk}/copy/"

    refused = client.post(address, {**values, "new_parent_page": other.pk})
    allowed = client.post(address, {**values, "new_parent_page": quoted.event.pk})

    assert "A briefing stays with its event" in refused.content.decode()
    assert not BriefingPage.objects.child_of(other).exists()
    assert allowed.status_code == 302
    assert BriefingPage.objects.child_of(quoted.event).count() == 2


def test_briefing_of_a_copied_event_is_a_draft_that_says_why(quoted):
    copy = Page.objects.get(pk=quoted.event.pk).copy(
        recursive=True, update_attrs={"slug": "next-year", "title": "Next year"}, keep_live=True
    )

    briefing = BriefingPage.objects.child_of(copy).get()
    assert not briefing.live
    assert not briefing.published_points.exists()
    assert quoted.briefing.published_points.count() == 3
    draft = briefing.get_latest_revision_as_object()
    assert {(check.kind, check.point, check.blocks) for check in checks_of(draft) if check.kind == "foreign"} == {
        ("foreign", None, True),
        *(("foreign", number, True) for number in (1, 2, 3)),
    }
    with pytest.raises(BriefingNotReady, match="Point 1 is another event’s"):
        draft.save_revision().publish()


def test_comparing_shows_the_words_that_changed_and_no_codes_as_words(client, quoted):
    before = quoted.briefing.latest_revision
    blocks = quoted.briefing.points.get_prep_value()
    blocks[0]["value"]["discussion"] = f"<p>Somebody opened.{citations.markup(quoted.excerpts[0][0].pk)}</p>"
    quoted.briefing.points = json.dumps(blocks)
    after = quoted.briefing.save_revision()
    client.force_login(make_organiser())

    html = client.get(f"/admin/pages/{quoted.briefing.pk}/revisions/compare/{before.pk}...{after.pk}/").content.decode()

    assert "Somebody" in html
    assert "opened" in html
    assert str(quoted.excerpts[0][0].pk) not in html


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        (
            [0],
            [1],
            ["cites “These are the words of 1.1.” Hall steward"],
            ["cites “These are the words of 2.1.” Hall steward"],
        ),
        ([0], [0, 1], [], ["cites “These are the words of 2.1.” Hall steward"]),
        ([0, 1], [1], ["cites “These are the words of 1.1.” Hall steward"], []),
    ],
)
def test_comparing_shows_which_citation_was_exchanged_added_or_removed(client, quoted, before, after, gone, come):
    excerpts = [found[0] for found in quoted.excerpts]
    revisions = []
    for cited in (before, after):
        blocks = quoted.briefing.points.get_prep_value()
        blocks[0] = point_block("Question 1?", [excerpts[index] for index in cited], quoted.points[0].pk)
        quoted.briefing.points = json.dumps(blocks)
        revisions.append(quoted.briefing.save_revision())
    client.force_login(make_organiser())

    first, second = (revision.pk for revision in revisions)
    html = client.get(f"/admin/pages/{quoted.briefing.pk}/revisions/compare/{first}...{second}/").content.decode()

    point = next(part for part in html.split("comparison__child-object") if "Somebody has to open" in part)
    for words in (*gone, *come):
        number = words.split(".1.”")[0][-1]
        kinds = {
            kind
            for kind, text in re.findall(r'<span class="(deletion|addition)">(.*?)</span>', point)
            if number in text
        }
        assert kinds == ({"deletion"} if words in gone else {"addition"})


def test_comparing_tells_excerpts_apart_that_read_the_same_and_keeps_withdrawn_words_back(quoted):
    twins = [make_excerpt(entry, quoted.points[0], "stands ahead") for entry in quoted.entries[0]]
    left, right = (PointBlock().to_python(point_block(cites=[twin])["value"]) for twin in twins)

    diff = PointComparison(PointBlock(), True, True, left, right).htmldiff()
    Entry.objects.filter(pk=twins[0].entry_id).update(source_withdrawn_at=timezone.now())
    withdrawn = PointComparison(PointBlock(), True, True, left, right).htmldiff()

    assert all(twin.pk.hex[:8] in diff for twin in twins)
    assert withdrawn.count("stands ahead") == 1
    assert "no longer shown" in strip_tags(withdrawn)


def test_approval_publishes_the_citations_that_were_submitted(quoted):
    organiser = make_organiser()
    workflow = Workflow.objects.create(name="Sign-off")
    task = GroupApprovalTask.objects.create(name="Organisers")
    task.groups.set(organiser.groups.all())
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    moved = list(reversed(quoted.briefing.points.get_prep_value()))
    quoted.briefing.points = json.dumps(moved)
    quoted.briefing.save_revision()

    state = workflow.start(quoted.briefing, organiser)
    state.current_task_state.approve(user=organiser)

    published = BriefingPage.objects.get()
    assert cites(published) == list(reversed(quoted.cited))
    assert [point.heading for point in published.published_points.all()] == [
        block["value"]["heading"] for block in moved
    ]
    assert [one.code for point in published.published_points.all() for one in point.citations.all()] == [
        "1a",
        "2a",
        "3a",
    ]


def test_scheduled_revision_keeps_its_citations(quoted):
    quoted.briefing.go_live_at = timezone.now() - datetime.timedelta(minutes=1)
    revision = quoted.briefing.save_revision()

    revision.publish()

    assert cites(BriefingPage.objects.get()) == quoted.cited
