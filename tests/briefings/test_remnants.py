"""Words that an editor had typed are withdrawn or hidden: editors are told, checks block, authors hear the truth."""

import json

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from wagtail.models import PageLogEntry

from briefings.actions import add_follow_up
from briefings.exceptions import BriefingNotReady
from briefings.quotations import Said, typed_in
from briefings.readiness import checks_of, refuse_unready
from briefings.remnants import remains_of
from discussion.actions import hide_comment, withdraw_comment
from gathering.actions import make_link
from gathering.models import Entry, Excerpt
from people.consent import Consent
from people.keys import author_key_of_user
from people.models import User
from tests.factories.briefings import make_comment, make_entry, make_excerpt, make_organiser, place, point_block

pytestmark = pytest.mark.django_db

SAID = "The key hangs by the door, and nobody has ever asked for it. I would give it away tomorrow."


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("<p>“nobody has ever asked” said one.</p>", ["nobody has ever asked"]),
        ("<p>‘nobody has ever <i>asked</i>’ said one.</p>", ["nobody has ever asked"]),
        ("<p>“[N]obody … asked for it”</p>", ["[N]obody … asked for it"]),
        ("<p>One said: I would give it away tomorrow.</p>", ["I would give it away tomorrow"]),
        ("<p>It hangs by the door.</p>", []),
        ("<p>“by door” and “the hall is cold”</p>", []),
    ],
)
def test_quotations_and_whole_sentences_are_found(typed, found):
    assert typed_in(typed).words_of(Said(SAID)) == found


def test_excerpt_typed_without_marks_is_found_as_whole_words():
    said = Said(SAID, ["hangs by the door"])

    assert typed_in("<p>It hangs by the door.</p>").words_of(said) == ["hangs by the door"]
    assert typed_in("<p>It hangs by the doormat.</p>").words_of(said) == []


@pytest.fixture
def typed(ready):
    """A published briefing whose point 2 has words of a comment that it does not cite any more."""
    ready.author = User.objects.create_user("ada@example.org")
    ready.key = author_key_of_user(ready.author)
    ready.comment = make_comment(ready.proposition, SAID, user=ready.author, author_key=ready.key)
    entry = make_entry(ready.event, SAID, comment=ready.comment, proposition=ready.proposition, author_key=ready.key)
    ready.entry = place(entry, ready.points[1])
    text = "As one put it: “nobody has ever asked for it.”"
    blocks = ready.briefing.points.get_prep_value()
    blocks[1] = point_block("Question 2?", [ready.excerpts[1][0]], ready.points[1].pk, text)
    ready.briefing.points = json.dumps(blocks)
    ready.publish()
    return ready


def remnants(briefing):
    return [(check.point, check.blocks, check.message) for check in checks_of(briefing) if check.kind == "remnant"]


def words_page(client):
    token = make_link(author_keys=[author_key_of_user(User.objects.get(email="ada@example.org"))])
    page = client.get(reverse("gathering:words_by_link", args=[token])).content.decode()
    return " ".join(strip_tags(page).split())


def test_editors_are_told_once_and_the_author_hears_the_truth(client, typed, django_capture_on_commit_callbacks):
    organiser = make_organiser()
    assert remnants(typed.briefing) == []

    with django_capture_on_commit_callbacks(execute=True):
        hide_comment(actor=organiser, comment=typed.comment, reason="Beside the matter")
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_comment(actor=typed.author, comment=typed.comment)

    told = [message for message in mail.outbox if message.subject.startswith("Words to take out of briefing 4")]
    assert sorted(message.to[0] for message in told) == sorted([organiser.email, typed.editor.email])
    assert "  – point 2, as published\n  – point 2, in the draft\n" in told[0].body
    assert "nobody has ever asked" not in told[0].body
    assert f"/pages/{typed.briefing.pk}/edit/" in told[0].body
    assert PageLogEntry.objects.filter(action="briefings.tell_of_remnants", page=typed.briefing.pk).count() == 1
    assert remnants(typed.briefing) == [
        (
            2,
            True,
            "Point 2 still has words whose source cannot be shown: “nobody has ever asked for it”. "
            "Withdrawn by its author. Take them out.",
        )
    ]
    with pytest.raises(BriefingNotReady, match="Point 2 still has words"):
        refuse_unready(typed.briefing)
    page = words_page(client)
    assert "You withdrew it. Words of it still stand in point 2 of briefing 4; the editors have been told." in page
    assert "it is not quoted" not in page


def test_once_they_are_out_the_author_hears_that_too(client, typed):
    Entry.objects.filter(pk=typed.entry.pk).update(source_withdrawn_at=timezone.now())
    blocks = typed.briefing.points.get_prep_value()
    blocks[1] = point_block("Question 2?", [typed.excerpts[1][0]], typed.points[1].pk)
    typed.briefing.points = json.dumps(blocks)

    typed.briefing.save_revision()
    assert "still stand in point 2 of briefing 4;" in words_page(client)
    typed.publish()

    assert "You withdrew it: it is not quoted." in words_page(client)


def test_words_in_a_draft_alone_are_said_to_be_there(client, typed):
    typed.briefing.unpublish()
    typed.briefing.opening = "<p>I would give it away tomorrow.</p>"
    typed.briefing.save_revision()
    Entry.objects.filter(pk=typed.entry.pk).update(source_hidden_at=timezone.now())

    assert (
        "A moderator hid it. Words of it still stand in the opening of the draft of briefing 4 and "
        "point 2 of the draft of briefing 4; the editors have been told."
    ) in words_page(client)


def test_words_that_others_said_too_may_stay(typed):
    make_entry(typed.event, "I think that nobody has ever asked for it either.", proposition=typed.proposition)
    Entry.objects.filter(pk=typed.entry.pk).update(source_withdrawn_at=timezone.now())

    assert remnants(typed.briefing) == []
    assert remains_of([typed.entry.pk]) == {}


def test_words_that_are_not_to_be_quoted_block_too(client, typed):
    Entry.objects.filter(pk=typed.entry.pk).update(consent=Consent.NONE)

    assert [(point, blocks) for point, blocks, _ in remnants(typed.briefing)] == [(2, True)]
    assert "Words of it still stand in point 2 of briefing 4" in words_page(client)


def test_excerpt_taken_back_is_still_known(typed):
    excerpt = make_excerpt(typed.entry, typed.points[1], "give it away")
    Excerpt.with_removed.filter(pk=excerpt.pk).update(removed_at=timezone.now())
    typed.briefing.closing = "<p>Better to give it away.</p>"
    Entry.objects.filter(pk=typed.entry.pk).update(source_withdrawn_at=timezone.now())

    assert [(one.place, one.words) for one in remains_of([typed.entry.pk])[typed.entry.pk][0].published] == [
        ("point 2", "nobody has ever asked for it.")
    ]
    assert [message for _, _, message in remnants(typed.briefing)][-1].startswith(
        "The closing still has words whose source cannot be shown: “give it away”."
    )


def test_words_in_what_stands_around_the_text_are_found(typed):
    add_follow_up(
        actor=make_organiser(),
        briefing=typed.briefing,
        point=typed.points[1],
        promise="Move the key",
        owner="The caretaker",
        note="“The key hangs by the door”: no longer.",
    )
    typed.briefing.search_description = "One would give it away: “I would give it away tomorrow.”"
    typed.publish()
    Entry.objects.filter(pk=typed.entry.pk).update(source_withdrawn_at=timezone.now())

    places = [one.place for one in remains_of([typed.entry.pk])[typed.entry.pk][0].published]

    assert places == ["point 2", "the meta description", "a follow-up"]
