"""Everything said gets one entry, frozen, and the entry knows what becomes of its source."""

import datetime
import hashlib
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from discussion.models import CommentState
from discussion.signals import comment_edited, comment_hidden, comment_published, comment_withdrawn
from gathering.actions import (
    adopt_source,
    erase_entries,
    pick_excerpt,
    place_entry,
    reconcile_ledger,
    record_contributions,
    remove_excerpt,
    undo_decision,
)
from gathering.exceptions import CannotUndo, NotAnEditor, NotQuotable
from gathering.models import Decision, Entry, Excerpt, FormerWords
from live.models import Contribution
from live.signals import (
    contribution_edited,
    contribution_hidden,
    contribution_shown,
    contribution_starred,
    contribution_withdrawn,
)
from news.models import NewsIndexPage
from people.consent import Consent
from tests.factories.gathering import (
    MORNING,
    CommentFactory,
    ContributionFactory,
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    LiveSessionFactory,
    PointFactory,
    PostPageFactory,
    PromptFactory,
    PropositionPageFactory,
    UserFactory,
    home_page,
)

pytestmark = pytest.mark.django_db


def publish(comment):
    comment_published.send(sender=type(comment), comment=comment, actor=None)


def show(*contributions):
    contribution_shown.send(sender=Contribution, contributions=list(contributions), actor=None)


def test_entries_are_found_by_what_was_said_and_when_and_by_their_star():
    event = EventPageFactory()
    minute = datetime.timedelta(minutes=1)
    moments = [MORNING, MORNING, MORNING + minute, MORNING - minute]
    first, same, later, earlier = (
        EntryFactory(event=event, text=text, said_at=said_at)
        for text, said_at in zip(["Light the towpath", "Mend the ford", "Light the ford", "Wait"], moments, strict=True)
    )
    entries = Entry.objects.filter(event=event)

    assert list(entries.in_order()) == [earlier, first, same, later]
    assert list(entries.after(first)) == [same, later]
    assert list(entries.after(same)) == [later]
    assert list(entries.before(same)) == [first, earlier]
    assert list(entries.before(earlier)) == []
    assert set(entries.saying("ford light")) == {later}
    entries.filter(pk=first.pk).update(is_starred=True)
    entries.filter(pk=same.pk).update(is_starred_in_room=True)
    assert set(entries.starred()) == {first, same}
    assert set(Entry.objects.on_desk(event)) == {first, same, later, earlier}
    assert not Entry.objects.on_desk(EventPageFactory()).exists()
    entries.filter(pk=later.pk).update(disposition="used", consent=Consent.NONE)
    assert set(entries.undecided()) == {first, same, earlier}
    assert set(entries.quotable()) == {first, same, earlier}
    for name in ("source_hidden_at", "source_withdrawn_at", "erased_at"):
        entries.filter(pk=same.pk).update(**{name: MORNING})
        assert set(entries.quotable()) == {first, earlier}
        assert set(entries.standing()) == {first, later, earlier}
        entries.filter(pk=same.pk).update(**{name: None})


def test_published_comment_is_frozen_in_the_ledger():
    proposition = PropositionPageFactory()
    comment = CommentFactory(page=proposition, comment="Lend us the depot on Sundays.", consent=Consent.ROLE)

    publish(comment)

    entry = Entry.objects.get()
    assert entry.comment == comment
    assert entry.event_id == proposition.get_parent().pk
    assert entry.proposition == proposition
    assert entry.channel == Entry.Channel.BEFORE
    assert entry.text == "Lend us the depot on Sundays."
    assert entry.text_hash == hashlib.sha256(b"Lend us the depot on Sundays.").hexdigest()
    assert entry.consent == Consent.ROLE
    assert entry.author_label == comment.author_label
    assert entry.quote_label == "Yard supervisor"
    assert entry.author_key == comment.author_key
    assert entry.said_at == MORNING
    assert entry.disposition == Entry.Disposition.UNDECIDED


def test_comment_on_a_facilitators_post_belongs_to_the_proposition():
    proposition = PropositionPageFactory()
    post = PostPageFactory(parent=proposition)

    publish(CommentFactory(page=post))

    assert Entry.objects.get().proposition == proposition


def test_comment_on_an_events_other_page_belongs_to_the_event_alone():
    event = EventPageFactory()

    publish(CommentFactory(page=event))

    entry = Entry.objects.get()
    assert entry.event == event
    assert entry.proposition is None


def test_comment_on_news_has_no_ledger():
    index = home_page().add_child(instance=NewsIndexPage(title="News", slug="news-index"))
    post = PostPageFactory(parent=index)

    publish(CommentFactory(page=post))

    assert not Entry.objects.exists()


@pytest.mark.parametrize("state", [CommentState.HELD, CommentState.HIDDEN, CommentState.WITHDRAWN])
def test_comment_that_is_not_published_has_no_entry(state):
    publish(CommentFactory(state=state))

    assert not Entry.objects.exists()


def test_shown_contributions_are_recorded_in_one_insert():
    session = LiveSessionFactory()
    prompt = PromptFactory(session=session)
    contributions = [ContributionFactory(session=session, prompt=prompt) for _ in range(30)]
    show(contributions[0])

    with CaptureQueriesContext(
        connection,
    ) as few:
        show(contributions[1])
    with CaptureQueriesContext(connection) as many:
        show(*contributions[2:])

    with CaptureQueriesContext(connection) as just_written:
        contribution_shown.send(
            sender=Contribution, contributions=[ContributionFactory(session=session)], actor=None, is_new=True
        )

    assert Entry.objects.count() == 31
    assert len(many) == len(few)
    recording = [query["sql"] for query in just_written if "gathering_entry" in query["sql"]]
    assert len(recording) == 1
    assert recording[0].startswith("INSERT")
    entry = Entry.objects.get(contribution=contributions[3])
    assert entry.session == session
    assert entry.prompt == prompt
    assert entry.channel == Entry.Channel.LIVE
    assert entry.text == contributions[3].body
    assert entry.event_id == session.page.get_parent().pk


def test_contribution_of_a_session_on_one_proposition_belongs_to_it():
    proposition = PropositionPageFactory()
    session = LiveSessionFactory(event=proposition.get_parent().specific)
    session.page.propositions.set([proposition])
    session.page.save()

    show(ContributionFactory(session=session))

    assert Entry.objects.get().proposition == proposition


def test_contribution_of_a_session_on_several_says_itself_what_it_is_about():
    first = PropositionPageFactory()
    event = first.get_parent().specific
    second = PropositionPageFactory(parent=event)
    session = LiveSessionFactory(event=event)
    session.page.propositions.set([first, second])
    session.page.save()

    show(ContributionFactory(session=session), ContributionFactory(session=session, proposition=second))

    assert [entry.proposition for entry in Entry.objects.order_by("contribution__seq")] == [None, second.specific]


def test_table_speaks_for_everybody_at_it():
    show(ContributionFactory(channel=Contribution.Channel.TABLE, table_name="Table 6", headcount=5))

    entry = Entry.objects.get()
    assert (entry.channel, entry.table_name, entry.headcount) == (Entry.Channel.TABLE, "Table 6", 5)


def test_rehearsal_leaves_no_trace():
    show(ContributionFactory(session=LiveSessionFactory(is_rehearsal=True)))

    assert not Entry.objects.exists()


@pytest.mark.parametrize("state", [Contribution.State.HELD, Contribution.State.HIDDEN, Contribution.State.WITHDRAWN])
def test_contribution_that_is_not_shown_has_no_entry(state):
    show(ContributionFactory(state=state))

    assert not Entry.objects.exists()


def test_recording_twice_makes_one_entry():
    comment, contribution = CommentFactory(), ContributionFactory()

    for _ in range(3):
        publish(comment)
        show(contribution, contribution)

    assert Entry.objects.filter(comment=comment).count() == 1
    assert Entry.objects.filter(contribution=contribution).count() == 1


def test_edited_comment_flags_the_entry_and_leaves_its_words():
    comment = CommentFactory(comment="as it was said")
    publish(comment)

    comment.comment = "as it was edited"
    comment.save()
    comment_edited.send(sender=type(comment), comment=comment, actor=None)

    entry = Entry.objects.get()
    assert entry.text == "as it was said"
    assert entry.source_edited_at is not None

    comment.comment = "as it was said"
    comment_edited.send(sender=type(comment), comment=comment, actor=None)

    entry.refresh_from_db()
    assert entry.source_edited_at is None


def test_hidden_comment_is_flagged_until_it_is_released():
    comment = CommentFactory()
    publish(comment)

    comment_hidden.send(sender=type(comment), comment=comment, actor=None)
    entry = Entry.objects.get()
    assert entry.source_note == "Hidden by a moderator"
    assert not entry.is_quotable

    publish(comment)
    entry.refresh_from_db()
    assert entry.source_note == ""
    assert entry.is_quotable


def test_withdrawn_comment_keeps_its_entry_and_cannot_be_quoted():
    comment = CommentFactory()
    publish(comment)

    comment_withdrawn.send(sender=type(comment), comment=comment, actor=None)

    entry = Entry.objects.get()
    assert entry.source_note == "Withdrawn by its author"
    assert not entry.is_quotable


def test_contributions_carry_their_flags_and_stars():
    contribution = ContributionFactory()
    show(contribution)

    contribution.is_starred = True
    contribution_starred.send(sender=Contribution, contribution=contribution, actor=None)
    contribution.body = "changed"
    contribution_edited.send(sender=Contribution, contribution=contribution, actor=None)
    contribution_hidden.send(sender=Contribution, contribution=contribution, actor=None)
    contribution_withdrawn.send(sender=Contribution, contribution=contribution, actor=None)

    entry = Entry.objects.get()
    assert entry.is_starred_in_room
    assert not entry.is_starred
    assert None not in (entry.source_edited_at, entry.source_hidden_at, entry.source_withdrawn_at)

    entry.contribution.refresh_from_db()
    record_contributions(contributions=[entry.contribution], actor=None)
    entry.refresh_from_db()
    assert entry.source_hidden_at is None


def test_signal_for_something_without_entry_does_nothing():
    comment = CommentFactory(state=CommentState.HELD)

    comment_hidden.send(sender=type(comment), comment=comment, actor=None)

    assert not Entry.objects.exists()


def test_new_words_of_the_source_are_taken_over_by_an_editor_only():
    comment = CommentFactory(comment="as it was said")
    publish(comment)
    comment.comment = "as it was edited"
    comment.save()
    comment_edited.send(sender=type(comment), comment=comment, actor=None)
    entry = Entry.objects.get()

    with pytest.raises(NotAnEditor):
        adopt_source(actor=UserFactory(), entry=entry)
    adopt_source(actor=EditorFactory(), entry=entry)

    entry.refresh_from_db()
    decision = entry.decisions.get()
    assert decision.kind == Decision.Kind.ADOPTED
    assert entry.text == "as it was edited"
    assert entry.text_hash == hashlib.sha256(b"as it was edited").hexdigest()
    assert entry.source_edited_at is None
    assert entry.version == 1


def edited_entry():
    """An entry whose source says something else by now."""
    comment = CommentFactory(comment="as it was said")
    publish(comment)
    comment.comment = "as it was edited"
    comment.save()
    comment_edited.send(sender=type(comment), comment=comment, actor=None)
    return Entry.objects.get()


def test_words_taken_over_are_given_back_by_an_undo_and_can_be_taken_over_again():
    entry, editor = edited_entry(), EditorFactory()
    edited_at, text_hash = entry.source_edited_at, entry.text_hash
    place_entry(actor=editor, entry=entry, point=PointFactory(event=entry.event))
    adopt_source(actor=editor, entry=entry)

    undo_decision(actor=editor, event=entry.event)

    entry.refresh_from_db()
    assert (entry.text, entry.text_hash, entry.source_edited_at) == ("as it was said", text_hash, edited_at)
    assert entry.disposition == Entry.Disposition.USED
    assert not FormerWords.objects.exists()
    adopt_source(actor=editor, entry=entry)
    assert FormerWords.objects.get().text == "as it was said"


def test_words_taken_over_are_not_given_back_while_they_are_quoted():
    entry, editor = edited_entry(), EditorFactory()
    adopt_source(actor=editor, entry=entry)
    entry.refresh_from_db()
    pick_excerpt(actor=EditorFactory(), entry=entry, point=PointFactory(event=entry.event), text="was edited")

    with pytest.raises(CannotUndo, match="Excerpts quote the new words"):
        undo_decision(actor=editor, event=entry.event)

    entry.refresh_from_db()
    assert entry.text == "as it was edited"


def test_excerpt_is_not_brought_back_by_an_undo_once_the_words_are_others():
    entry, editor = edited_entry(), EditorFactory()
    excerpt = pick_excerpt(actor=editor, entry=entry, point=PointFactory(event=entry.event), text="was said")
    remove_excerpt(actor=editor, excerpt=excerpt)
    adopted = adopt_source(actor=EditorFactory(), entry=entry).decisions.latest("pk")

    with pytest.raises(CannotUndo, match="other words"):
        undo_decision(actor=editor, event=entry.event)
    undo_decision(actor=adopted.actor, event=entry.event)
    undo_decision(actor=editor, event=entry.event)

    assert entry.excerpts.get().text == "was said"


def test_undo_of_words_kept_no_more_undoes_nothing_else():
    entry, editor = edited_entry(), EditorFactory()
    place_entry(actor=editor, entry=entry, point=PointFactory(event=entry.event))
    adopt_source(actor=editor, entry=entry)
    FormerWords.objects.all().delete()

    with pytest.raises(CannotUndo, match="The last thing you did cannot be undone") as refusal:
        undo_decision(actor=editor, event=entry.event)

    entry.refresh_from_db()
    assert entry.disposition == Entry.Disposition.USED
    undo_decision(actor=editor, event=entry.event, passing_over=[refusal.value.batch])
    entry.refresh_from_db()
    assert entry.disposition == Entry.Disposition.UNDECIDED


def test_erasure_takes_the_words_of_before_others_were_taken_over():
    entry = edited_entry()
    adopt_source(actor=EditorFactory(), entry=entry)

    erase_entries(author_keys=[entry.author_key], actor=None)

    assert not FormerWords.objects.exists()
    logged = json.dumps(list(Decision.objects.values("before", "after")))
    assert "said" not in logged
    assert entry.text_hash not in logged


def test_new_words_are_not_taken_over_while_the_old_ones_are_quoted():
    comment = CommentFactory(comment="as it was said")
    publish(comment)
    entry, editor = Entry.objects.get(), EditorFactory()
    pick_excerpt(actor=editor, entry=entry, point=PointFactory(event=entry.event), text="was said")
    comment.comment = "as it was edited"
    comment.save()
    comment_edited.send(sender=type(comment), comment=comment, actor=None)

    with pytest.raises(NotQuotable, match="Take them back first"):
        adopt_source(actor=editor, entry=Entry.objects.get())


def test_erasing_blanks_entries_and_excerpts_and_keeps_counting_the_person():
    editor = EditorFactory()
    mine = [EntryFactory(author_key="me", text="my secret words") for _ in range(2)]
    other = EntryFactory(event=mine[0].event, author_key="you")
    point = PointFactory(event=mine[0].event)
    pick_excerpt(actor=editor, entry=mine[0], point=point, text="secret words")

    erased = erase_entries(author_keys=["me"], actor=None)

    assert erased == 2
    entries = list(Entry.objects.filter(pk__in=[entry.pk for entry in mine]))
    assert {(entry.text, entry.text_hash, entry.author_label, entry.quote_label) for entry in entries} == {
        ("", "", "", "")
    }
    assert len({entry.author_key for entry in entries}) == 1
    assert all(entry.source_note == "Erased" for entry in entries)
    assert Excerpt.objects.get().text == ""
    other.refresh_from_db()
    assert other.text


def test_reconciling_records_what_no_signal_told():
    comment, contribution = CommentFactory(), ContributionFactory()
    ContributionFactory(session=LiveSessionFactory(is_rehearsal=True))
    ContributionFactory(state=Contribution.State.HELD)

    report = reconcile_ledger(record=True)

    assert report.comments == [comment.pk]
    assert report.contributions == [contribution.pk]
    assert Entry.objects.count() == 2
    assert reconcile_ledger(record=True).is_complete


def test_reconciling_puts_flags_right():
    comment = CommentFactory()
    publish(comment)
    comment.state = CommentState.WITHDRAWN
    comment.save()

    report = reconcile_ledger(record=True)

    entry = Entry.objects.get()
    assert report.flags == [entry.pk]
    assert entry.source_withdrawn_at is not None

    comment.state = CommentState.PUBLISHED
    comment.save()
    reconcile_ledger(record=True)
    entry.refresh_from_db()
    assert entry.source_withdrawn_at is None
    assert reconcile_ledger(record=False).is_complete


def test_reconciling_notices_words_changed_behind_the_ledgers_back():
    comment, contribution = CommentFactory(), ContributionFactory()
    publish(comment)
    reconcile_ledger(record=True)
    type(comment).objects.filter(pk=comment.pk).update(comment="Other words.")
    Contribution.objects.filter(pk=contribution.pk).update(body="Other words.")

    report = reconcile_ledger(record=True)

    assert len(report.flags) == 2
    assert not Entry.objects.filter(source_edited_at=None).exists()
    assert not Entry.objects.filter(text="Other words.").exists()
    assert reconcile_ledger(record=False).is_complete


def test_reconcile_command_fails_a_check_and_then_repairs():
    comment = CommentFactory()
    said = StringIO()

    with pytest.raises(CommandError, match="not complete"):
        call_command("reconcile_ledger", "--check", stdout=said)
    assert f"1 comments without an entry: {comment.pk}" in said.getvalue()
    assert not Entry.objects.exists()

    call_command("reconcile_ledger", stdout=said)
    assert Entry.objects.count() == 1
    call_command("reconcile_ledger", "--check", stdout=said)
    assert said.getvalue().endswith("The ledger is complete: nothing is missing, every flag is right.\n")
