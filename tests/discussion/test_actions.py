"""Every write of a discussion: what it does, and what it refuses."""

import datetime

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import ModelLogEntry

from discussion import actions
from discussion.choices import CommentState
from discussion.exceptions import (
    DiscussionClosed,
    EditTimeOver,
    InvalidText,
    LinkExpired,
    LinkUnknown,
    NotAllowed,
    ReplyRefused,
    StateConflict,
    TooManyComments,
    TooManyMails,
)
from discussion.models import Comment, CommentVersion, ConfirmationMail, Contact, PendingComment, Support
from discussion.rules import BEING_CHECKED, current_settings
from discussion.signals import comment_edited, comment_hidden, comment_published, comment_withdrawn
from gathering.models import Entry
from people.backends import PasswordBackend
from people.consent import Consent
from people.keys import author_key_of_email, author_key_of_user
from people.models import Person
from people.roles import ORGANISERS
from propositions.models import PropositionFacilitator
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return make.proposition_page()


@pytest.fixture
def heard():
    """The signals sent during a test, in order, as (name, comment's number)."""
    log: list[tuple[str, int]] = []
    signals = {
        "published": comment_published,
        "edited": comment_edited,
        "hidden": comment_hidden,
        "withdrawn": comment_withdrawn,
    }
    receivers = []
    for name, signal in signals.items():

        def receive(name=name, **kwargs):
            log.append((name, kwargs["comment"].pk))

        signal.connect(receive, weak=False)
        receivers.append((signal, receive))
    yield log
    for signal, receive in receivers:
        signal.disconnect(receive)


@pytest.fixture
def rules():
    """Rules for holding, as a moderator would set them."""

    def change(**values):
        found = current_settings()
        for name, value in values.items():
            setattr(found, name, value)
        found.save()

    return change


# Writing


def test_comment_from_an_account_is_published_at_once(page, heard):
    author = make.member()

    comment = actions.submit_comment(
        actor=author, page=page, body="Lend the boat.\r\n\r\n\r\nAsk first.", consent="role"
    )

    comment = Comment.objects.get(pk=comment.pk)
    assert comment.state == CommentState.PUBLISHED
    assert comment.is_public is True
    assert comment.is_listed is True
    assert comment.body == "Lend the boat.\n\nAsk first."
    assert comment.author_key == author_key_of_user(author)
    assert comment.author_label == author.display_name
    assert comment.published_at == comment.created_at
    assert (comment.thread_id, comment.parent_id, comment.order, comment.level) == (
        comment.pk,
        comment.pk,
        comment.pk,
        0,
    )
    assert heard == [("published", comment.pk)]


def test_comment_holds_no_contact_details(page, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make.pending(page)

    comment = actions.confirm_comment(actor=None, token=make.token_in_mail())

    stored = Comment.objects.values().get(pk=comment.pk)
    assert (stored["user_email"], stored["user_url"], stored["ip_address"]) == ("", "", None)
    assert "r.winnow@example.org" not in str(stored)
    assert Contact.objects.get(author_key=comment.author_key).email == "r.winnow@example.org"


def test_reply_takes_its_place_after_what_it_answers(page):
    root = make.comment(page)
    reply = make.comment(page, parent=root)
    deeper = make.comment(page, parent=reply)

    deeper.refresh_from_db()
    root.refresh_from_db()
    assert (deeper.root_id, deeper.thread_id, deeper.parent_id, deeper.level) == (root.pk, root.pk, reply.pk, 2)
    assert deeper.order == deeper.pk
    assert deeper.is_root is False
    assert root.nested_count == 2


def test_reply_is_refused_if_the_parent_is_on_another_page(page):
    elsewhere = make.comment(make.proposition_page(event=page.event))

    with pytest.raises(ReplyRefused):
        make.comment(page, parent=elsewhere)


@pytest.mark.parametrize("state", ["held", "hidden", "withdrawn"])
def test_reply_is_refused_if_the_parent_is_not_in_sight(page, state):
    parent = make.comment(page)
    Comment.objects.filter(pk=parent.pk).update(state=state)

    with pytest.raises(ReplyRefused):
        make.comment(page, parent=parent)


def test_reply_is_refused_below_the_deepest_level(page):
    parent = make.comment(page)
    Comment.objects.filter(pk=parent.pk).update(level=actions.DEEPEST_LEVEL)

    with pytest.raises(ReplyRefused):
        make.comment(page, parent=parent)


def test_comments_that_came_to_nothing_use_up_nobody_s_allowance(page):
    author = make.member()
    key = author_key_of_user(author)
    for limit in (actions.PER_ACCOUNT_AND_MINUTE, actions.PER_ACCOUNT_AND_HOUR):
        for _ in range(limit.most - 1):
            limit.take(key)
    with pytest.raises(ReplyRefused):
        make.comment(page, actor=author, parent=make.comment(make.proposition_page()), moment=None)

    assert actions.PER_ACCOUNT_AND_MINUTE.take(key)
    assert actions.PER_ACCOUNT_AND_HOUR.take(key)


def test_comment_is_refused_when_the_discussion_is_closed():
    page = make.proposition_page(discussion_override="closed")

    with pytest.raises(DiscussionClosed):
        make.comment(page)
    with pytest.raises(DiscussionClosed):
        make.pending(page)


def test_comment_is_refused_on_a_draft():
    page = make.proposition_page(live=False)

    with pytest.raises(DiscussionClosed):
        make.comment(page)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("comment", {"body": " \n\t "}),
        ("comment", {"body": "x" * 10_001}),
        ("name", {"name": ""}),
        ("name", {"name": "x" * 51}),
        ("name", {"name": "R. Winnow\r\nBcc: all@example.org"}),
        ("name", {"name": "R. Winnow\u2028Bcc"}),
        ("role", {"role": "Clerk\nBcc: all@example.org"}),
        ("role", {"role": "x" * 161}),
        ("role", {"is_name_shown": False, "role": ""}),
        ("email", {"email": "nobody"}),
        ("email", {"email": "a@example.org\nBcc: b@example.org"}),
        ("email", {"email": "a@example.org,b@example.org"}),
        ("consent", {"consent": "perhaps"}),
        ("consent", {"consent": "named", "is_name_shown": False, "role": "Clerk"}),
    ],
)
def test_comment_is_refused_with_the_field_it_is_about(page, field, values):
    with pytest.raises(InvalidText) as refusal:
        make.pending(page, **values)

    assert refusal.value.field == field
    assert PendingComment.objects.count() == 0
    assert mail.outbox == []


def test_marks_that_turn_the_writing_are_taken_out_of_names(page):
    found = make.pending(page, name="Rowan \u202eeettimmoc\u202c")

    assert found.name == "Rowan eettimmoc"


def test_same_text_sent_twice_is_one_comment(page, heard):
    author = make.member()

    first = make.comment(page, actor=author, body="Twice.")
    second = make.comment(page, actor=author, body="Twice.")

    assert first.pk == second.pk
    assert Comment.objects.count() == 1
    assert heard == [("published", first.pk)]


def test_same_text_is_taken_again_after_it_was_withdrawn(page):
    author = make.member()
    first = make.comment(page, actor=author, body="Once more.")
    actions.withdraw_comment(actor=author, comment=first)

    second = make.comment(page, actor=author, body="Once more.")

    assert second.pk != first.pk


def test_comment_of_a_facilitator_is_marked():
    facilitator = make.member()
    page = make.proposition_page(facilitator=facilitator)

    said = make.comment(page, actor=facilitator)

    assert said.is_facilitator is True
    assert said.person == facilitator.person
    assert said.author_label == "Odile Farrow"
    assert make.comment(page).is_facilitator is False


def test_author_may_be_shown_by_role_alone(page):
    said = make.comment(page, role="Headteacher, primary school", is_name_shown=False)

    assert said.author_label == "Headteacher, primary school"


@pytest.mark.parametrize("who", ["member", "known person", "facilitator"])
def test_posting_takes_eight_queries_in_a_thread_of_any_length(page, who, settings, django_capture_on_commit_callbacks):
    """With the ledger's entry and the task that looks for followers, from objects as fresh as those of a request."""
    author = make.member()
    if who != "member":
        person = Person.objects.create(name="Odile Farrow", slug="odile", role="Harbour Master", user=author)
        if who == "facilitator":
            PropositionFacilitator.objects.create(proposition=page, person=person)
    root = make.comment(page, actor=author)
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

    def cost(body: str) -> int:
        page_in_hand, author_in_hand = type(page).objects.get(pk=page.pk), PasswordBackend().get_user(author.pk)
        with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks(execute=True):
            said = actions.submit_comment(
                actor=author_in_hand, page=page_in_hand, parent=root, body=body, consent="role"
            )
        assert said.is_facilitator == (who == "facilitator")
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]])

    make.comment(page, actor=author, parent=root, body="Warm up.")
    first = cost("The second reply.")
    for number in range(40):
        make.comment(page, parent=root, body=f"Reply {number}")

    assert cost("The last reply.") == first <= 8
    assert DBTaskResult.objects.count() == 2
    assert Entry.objects.filter(comment__thread_id=root.pk).count() == 44


# Confirming


@pytest.fixture
def token(page, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make.pending(page)
    return make.token_in_mail()


def test_comment_without_an_account_waits_for_its_author(page, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        found = make.pending(page, name="R. Winnow", email="r.winnow@example.org")

    assert Comment.objects.count() == 0
    [letter] = mail.outbox
    assert letter.to == ["r.winnow@example.org"]
    assert letter.subject == "Confirm your comment on “Libraries lend more than books”"
    assert make.token_in_mail() not in str(PendingComment.objects.values().get(pk=found.pk))
    assert "winnow" not in make.token_in_mail().lower()


def test_title_with_line_breaks_stays_one_subject(django_capture_on_commit_callbacks):
    page = make.proposition_page(title="Libraries\nBcc: everybody@example.org")

    with django_capture_on_commit_callbacks(execute=True):
        make.pending(page)

    assert mail.outbox[0].subject == "Confirm your comment on “Libraries Bcc: everybody@example.org”"


def test_confirmed_first_comment_is_held_then_later_ones_are_not(page, token, django_capture_on_commit_callbacks):
    first = actions.confirm_comment(actor=None, token=token)
    assert (first.state, first.hold_reason) == (CommentState.HELD, "First comments are read before they appear")

    actions.release_comment(actor=make.moderator(), comment=first)
    with django_capture_on_commit_callbacks(execute=True):
        make.pending(page, body="A second thought.")
    second = actions.confirm_comment(actor=None, token=make.token_in_mail())

    assert second.state == CommentState.PUBLISHED


def test_confirming_again_gives_the_same_comment(token, heard, rules):
    rules(holds_first_posts=False)

    first = actions.confirm_comment(actor=None, token=token)
    second = actions.confirm_comment(actor=None, token=token)

    assert second.pk == first.pk
    assert Comment.objects.count() == 1
    assert heard == [("published", first.pk)]


def test_confirmed_row_keeps_nothing_personal(token):
    actions.confirm_comment(actor=None, token=token)

    row = PendingComment.objects.get()
    assert (row.name, row.email, row.role, row.body) == ("", "", "", "")


def test_unknown_token_is_refused():
    with pytest.raises(LinkUnknown):
        actions.confirm_comment(actor=None, token="nothing")


def test_link_runs_out_after_48_hours(token):
    PendingComment.objects.update(expires_at=timezone.now())

    with pytest.raises(LinkExpired):
        actions.confirm_comment(actor=None, token=token)
    assert Comment.objects.count() == 0


def test_comment_in_time_is_confirmed_after_the_discussion_closed(page, token):
    page.discussion_override = "closed"
    page.save()

    assert actions.confirm_comment(actor=None, token=token).pk


def test_comment_is_not_confirmed_on_a_page_taken_down(page, token):
    page.unpublish()

    with pytest.raises(DiscussionClosed):
        actions.confirm_comment(actor=None, token=token)


def test_confirmed_reply_stands_below_its_parent(page, django_capture_on_commit_callbacks):
    root = make.comment(page)
    with django_capture_on_commit_callbacks(execute=True):
        make.pending(page, parent=root)

    reply = actions.confirm_comment(actor=None, token=make.token_in_mail())

    assert (reply.root_id, reply.parent_id, reply.level) == (root.pk, root.pk, 1)


def test_person_with_an_account_keeps_one_key(page, django_capture_on_commit_callbacks):
    author = make.member(email="r.winnow@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        make.pending(page, email="R.Winnow@example.org")

    confirmed = actions.confirm_comment(actor=None, token=make.token_in_mail())

    assert confirmed.author_key == author_key_of_user(author) == author_key_of_email("r.winnow@example.org")


def test_fourth_letter_within_the_hour_is_refused(page, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(3):
            make.pending(page, body=f"Thought {number}", email="Busy@example.org")
        with pytest.raises(TooManyMails):
            make.pending(page, body="Thought 4", email="busy@example.org")
        make.pending(page, email="other@example.org")

    assert [letter.to for letter in mail.outbox] == [["Busy@example.org"]] * 3 + [["other@example.org"]]


def test_button_pressed_twice_sends_one_letter(page, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = make.pending(page)
        second = make.pending(page)

    assert first.pk == second.pk
    assert len(mail.outbox) == 1


def test_posting_again_later_sends_a_new_link_for_the_same_comment(page, token, django_capture_on_commit_callbacks):
    PendingComment.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=5))
    with django_capture_on_commit_callbacks(execute=True):
        make.pending(page)

    assert PendingComment.objects.count() == 1
    with pytest.raises(LinkUnknown):
        actions.confirm_comment(actor=None, token=token)
    assert actions.confirm_comment(actor=None, token=make.token_in_mail()).pk


def test_one_network_cannot_fill_the_table(page, monkeypatch):
    monkeypatch.setattr(actions, "UNCONFIRMED_PER_NETWORK_AND_HOUR", 2)
    make.pending(page, email="a@example.org", network_key="n")
    make.pending(page, email="b@example.org", network_key="n")

    with pytest.raises(TooManyComments):
        make.pending(page, email="c@example.org", network_key="n")
    assert make.pending(page, email="c@example.org", network_key="m").pk


def test_hall_of_five_hundred_behind_one_address_is_not_stopped(page):
    for number in range(500):
        make.pending(page, email=f"delegate{number}@example.org", body=f"My {number}.", network_key="hall")

    assert PendingComment.objects.count() == 500


# Rules


@pytest.mark.parametrize(
    ("rule", "body", "reason"),
    [
        ({"holds_everything": True}, "Plain.", "Every comment is read before it appears"),
        ({"holds_links": True}, "See https://example.org/offer", "It holds a link"),
        ({"holds_links": True}, "See www.example.org", "It holds a link"),
        ({"held_words": "casino\nfree money"}, "FREE MONEY for all", "It holds a word that moderators look at first"),
        ({"held_words": "free money"}, "Free  money, or free\nmoney", "It holds a word that moderators look at first"),
        ({"held_words": "free money"}, "Ｆree\u3000ｍoney", "It holds a word that moderators look at first"),
        ({"held_words": "ﬁne  Straße"}, "FINE STRASSE", "It holds a word that moderators look at first"),
        ({"held_words": "free money"}, "Free of charge, and no money.", ""),
        ({"holds_links": False}, "See https://example.org/offer", ""),
        ({"held_words": "casino"}, "Plain.", ""),
    ],
)
def test_rules_hold_what_they_say(page, rules, rule, body, reason):
    rules(**rule)

    said = make.comment(page, body=body)

    assert said.hold_reason == reason
    assert said.state == (CommentState.HELD if reason else CommentState.PUBLISHED)


def test_rules_never_hold_moderators_and_facilitators(rules):
    facilitator = make.member()
    page = make.proposition_page(facilitator=facilitator)
    rules(holds_everything=True)

    assert make.comment(page, actor=facilitator).state == CommentState.PUBLISHED
    assert make.comment(page, actor=make.moderator()).state == CommentState.PUBLISHED
    assert make.comment(page).state == CommentState.HELD


def test_held_reply_is_not_counted_in_its_thread_until_released(page, rules):
    root = make.comment(page)
    rules(holds_everything=True)
    reply = make.comment(page, parent=root)
    root.refresh_from_db()
    assert root.nested_count == 0

    actions.release_comment(actor=make.moderator(), comment=reply)

    root.refresh_from_db()
    assert root.nested_count == 1


# Editing and withdrawing


def test_author_edits_and_the_old_text_is_kept(page, heard):
    author = make.member()
    said = make.comment(page, actor=author, body="First try.")

    actions.edit_comment(actor=author, comment=said, body="Second try.")
    actions.edit_comment(actor=author, comment=said, body="Third try.")

    said.refresh_from_db()
    assert said.body == "Third try."
    assert said.edited_at is not None
    assert list(CommentVersion.objects.values_list("number", "body")) == [(1, "First try."), (2, "Second try.")]
    assert heard == [("published", said.pk), ("edited", said.pk), ("edited", said.pk)]


def test_edit_that_adds_a_link_is_held(page, heard):
    author = make.member()
    said = make.comment(page, actor=author)

    said = actions.edit_comment(actor=author, comment=said, body="Buy at https://example.org/")

    assert said.state == CommentState.HELD
    assert heard[-2:] == [("edited", said.pk), ("hidden", said.pk)]


def test_edit_is_refused_after_a_quarter_of_an_hour(page):
    author = make.member()
    said = make.comment(page, actor=author)
    Comment.objects.filter(pk=said.pk).update(created_at=timezone.now() - datetime.timedelta(minutes=15))

    with pytest.raises(EditTimeOver):
        actions.edit_comment(actor=author, comment=said, body="Too late.")


def test_device_edits_what_was_posted_from_it_and_nothing_else(page, token):
    said = actions.confirm_comment(actor=None, token=token, device_key="device-1")

    actions.edit_comment(actor=None, comment=said, body="Mended.", device_key="device-1")

    with pytest.raises(NotAllowed):
        actions.edit_comment(actor=None, comment=said, body="Meddled.", device_key="device-2")
    with pytest.raises(NotAllowed):
        actions.edit_comment(actor=None, comment=said, body="Meddled.", device_key="")


def test_withdrawn_comment_leaves_its_place(page, heard):
    author = make.member()
    said = make.comment(page, actor=author)

    actions.withdraw_comment(actor=author, comment=said)
    actions.withdraw_comment(actor=author, comment=said)

    said.refresh_from_db()
    assert (said.state, said.is_listed, said.is_public, said.is_removed) == ("withdrawn", True, False, True)
    assert heard == [("published", said.pk), ("withdrawn", said.pk)]


# Moderating


def test_moderator_holds_releases_and_hides(page, heard):
    actor = make.moderator()
    said = make.comment(page)

    actions.hold_comment(actor=actor, comment=said, reason="Names a child")
    actions.release_comment(actor=actor, comment=said)
    actions.hide_comment(actor=actor, comment=said, reason="Names a child")

    said.refresh_from_db()
    assert (said.state, said.hide_reason, said.is_public, said.is_removed) == ("hidden", "Names a child", False, True)
    assert [name for name, _ in heard] == ["published", "hidden", "published", "hidden"]


def test_every_decision_is_logged_with_who_made_it_and_why(page):
    author, actor = make.member(), make.moderator()
    said = make.comment(page, actor=author)

    actions.edit_comment(actor=author, comment=said, body="Lend the other boat.")
    actions.hold_comment(actor=actor, comment=said, reason="Names a child")
    actions.release_comment(actor=actor, comment=said)
    actions.hide_comment(actor=actor, comment=said, reason="Names two")
    actions.withdraw_comment(actor=author, comment=said)

    entries = ModelLogEntry.objects.filter(object_id=said.pk, action__startswith="discussion.").order_by("pk")
    assert [(entry.action, entry.user, entry.data.get("reason")) for entry in entries] == [
        ("discussion.edit", author, None),
        ("discussion.hold", actor, "Names a child"),
        ("discussion.release", actor, None),
        ("discussion.hide", actor, "Names two"),
        ("discussion.withdraw", author, None),
    ]


def test_comment_is_out_of_the_librarys_sight_while_it_is_held(page):
    said = make.comment(page)

    actions.hold_comment(actor=make.moderator(), comment=said)

    said.refresh_from_db()
    assert (said.state, said.is_public, said.is_removed) == ("held", False, False)


def test_release_of_what_is_published_settles_flags_and_publishes_nothing_again(page, heard):
    said = make.comment(page)
    actions.flag_comment(actor=None, comment=said, voter_key="a")

    actions.release_comment(actor=make.moderator(), comment=said)

    assert heard == [("published", said.pk)]


def test_moment_of_publication_is_that_of_the_first_release(page, rules):
    rules(holds_everything=True)
    said, actor = make.comment(page), make.moderator()
    waited = Comment.objects.get(pk=said.pk).published_at

    first = actions.release_comment(actor=actor, comment=said).published_at
    actions.hold_comment(actor=actor, comment=said)
    actions.release_comment(actor=actor, comment=said)

    assert (waited, first is None) == (None, False)
    assert Comment.objects.get(pk=said.pk).published_at == first


def test_release_of_what_was_held_settles_flags_too(page):
    said = make.comment(page)
    actions.flag_comment(actor=None, comment=said, voter_key="a")
    actions.hold_comment(actor=make.moderator(), comment=said)

    actions.release_comment(actor=make.moderator(), comment=said)

    said.refresh_from_db()
    assert (said.state, said.flag_count) == ("published", 0)


def test_moderator_who_was_quicker_than_the_outside_check_has_the_last_word(page, heard):
    comments = [make.comment(page) for _ in range(2)]
    waiting = actions.hold_comment(actor=make.moderator(), comment=comments[0], reason=BEING_CHECKED)
    held = actions.hold_comment(actor=make.moderator(), comment=comments[1], reason="It names somebody.")
    hidden = actions.hide_comment(actor=make.moderator(), comment=make.comment(page), reason="Rude.")

    for verdict in (False, True, None):
        assert actions.settle_check(comment=held, verdict=verdict).hold_reason == "It names somebody."
        assert actions.settle_check(comment=hidden, verdict=verdict).state == "hidden"
    assert actions.settle_check(comment=waiting, verdict=False).state == "published"


def test_hiding_needs_a_reason(page):
    with pytest.raises(InvalidText):
        actions.hide_comment(actor=make.moderator(), comment=make.comment(page), reason=" ")


@pytest.mark.parametrize("write", ["hold_comment", "release_comment", "hide_comment"])
def test_withdrawn_comment_is_out_of_moderators_hands(page, write):
    author = make.member()
    said = make.comment(page, actor=author)
    actions.withdraw_comment(actor=author, comment=said)
    wishes = {} if write == "release_comment" else {"reason": "Because"}

    with pytest.raises(StateConflict):
        getattr(actions, write)(actor=make.moderator(), comment=said, **wishes)


def test_moderation_does_not_undo_counts_made_meanwhile(page):
    root = make.comment(page)
    stale = Comment.objects.get(pk=root.pk)
    make.comment(page, parent=root)
    actions.support_comment(actor=None, comment=root, voter_key="somebody")

    actions.hold_comment(actor=make.moderator(), comment=stale)

    root.refresh_from_db()
    assert (root.nested_count, root.support_count) == (1, 1)


# Supporting and flagging


def test_support_counts_once_a_person_and_can_be_taken_back(page):
    said = make.comment(page)

    assert actions.support_comment(actor=None, comment=said, voter_key="a") is True
    assert actions.support_comment(actor=None, comment=said, voter_key="a") is False
    assert actions.support_comment(actor=None, comment=said, voter_key="b") is True
    said.refresh_from_db()
    assert said.support_count == 2

    assert actions.take_back_support(actor=None, comment=said, voter_key="a") is True
    assert actions.take_back_support(actor=None, comment=said, voter_key="a") is False
    said.refresh_from_db()
    assert said.support_count == 1
    assert Support.objects.get(comment=said).voter_key == "b"


def test_support_and_flags_are_of_one_comment_each(page):
    one, two = make.comment(page, body="Lend the boat."), make.comment(page, body="Sell the boat.")
    for said in (one, two):
        for voter in ("a", "b"):
            assert actions.support_comment(actor=None, comment=said, voter_key=voter) is True
            assert actions.flag_comment(actor=None, comment=said, voter_key=voter) is True

    actions.take_back_support(actor=None, comment=two, voter_key="a")
    actions.release_comment(actor=make.moderator(), comment=two)

    found = [
        (said.support_count, said.flag_count)
        for said in (Comment.objects.get(pk=one.pk), Comment.objects.get(pk=two.pk))
    ]
    assert found == [(2, 2), (1, 0)]


def test_nobody_supports_their_own_comment(page):
    author = make.member()
    said = make.comment(page, actor=author)

    with pytest.raises(NotAllowed):
        actions.support_comment(actor=author, comment=said, voter_key=author_key_of_user(author))


def test_support_ends_with_the_discussion(page):
    said = make.comment(page)
    page.discussion_override = "closed"
    page.save()

    with pytest.raises(DiscussionClosed):
        actions.support_comment(actor=None, comment=Comment.objects.get(pk=said.pk), voter_key="a")


def test_flag_counts_once_a_person_and_release_settles_it(page):
    said = make.comment(page)
    assert actions.flag_comment(actor=None, comment=said, voter_key="a", reason="Advertising") is True
    assert actions.flag_comment(actor=None, comment=said, voter_key="a", reason="Again") is False
    said.refresh_from_db()
    assert said.flag_count == 1

    actions.release_comment(actor=make.moderator(), comment=said)

    said.refresh_from_db()
    assert said.flag_count == 0
    assert said.reader_flags.get().reason == "Advertising"


# Forgetting


def test_networks_and_browsers_are_forgotten_of_what_is_old_and_of_nothing_else(page):
    now = timezone.now()
    day = datetime.timedelta(days=1)
    said = [make.comment(page, device_key="browser") for _ in range(2)]
    waiting = [make.pending(page, email=f"{n}@example.org", network_key="hall", device_key="tablet") for n in "ab"]
    Comment.objects.filter(pk=said[0].pk).update(created_at=now - day)
    PendingComment.objects.filter(pk=waiting[0].pk).update(created_at=now - day)

    assert actions.forget_network_keys(before=now - day / 2) == 1
    assert actions.forget_network_keys(before=now - day / 2) == 0
    assert actions.forget_device_keys(before=now - day / 2) == 2
    assert actions.forget_device_keys(before=now - day / 2) == 0

    assert list(Comment.objects.order_by("created_at").values_list("device_key", flat=True)) == ["", "browser"]
    assert list(PendingComment.objects.order_by("created_at").values_list("network_key", "device_key")) == [
        ("", ""),
        ("hall", "tablet"),
    ]
    letters = ConfirmationMail.objects.count()
    assert actions.forget_letters_sent(before=now - day) == 0
    assert actions.forget_letters_sent(before=now + day) == letters > 0


# Taking over from elsewhere


LONG_AGO = datetime.datetime(2019, 5, 4, 12, 0, tzinfo=datetime.UTC)


def taken_over(page, key, **values):
    values = {
        "actor": make.member(ORGANISERS),
        "body": "Lend lamps too.",
        "moment": LONG_AGO,
        "author_key": "a",
        **values,
    }
    return actions.import_comment(page=page, source_key=key, **values)


def test_comment_of_another_site_is_kept_as_it_stood_there(page, heard):
    root = taken_over(page, "1", name="Ada", consent=Consent.ROLE)
    reply = taken_over(page, "2", parent=root, body="And oil.\r\n")
    nested = taken_over(page, "3", parent=reply, body="And wicks.")

    assert (root.user_name, root.consent, root.state, root.is_imported) == ("Ada", "role", "published", True)
    assert (root.is_public, root.is_removed, root.is_listed, root.is_root) == (True, False, True, True)
    assert (root.created_at, root.submit_date, root.published_at) == (LONG_AGO, LONG_AGO, LONG_AGO)
    assert (root.level, root.parent_id, root.root_id, root.thread_id) == (0, root.pk, None, root.pk)
    assert (reply.level, reply.parent_id, reply.root_id, reply.is_root) == (1, root.pk, root.pk, False)
    assert (nested.level, nested.parent_id, nested.root_id, nested.thread_id) == (2, reply.pk, root.pk, root.pk)
    assert (reply.comment, reply.user_name) == ("And oil.", "No name given")
    assert taken_over(page, "1", body="Otherwise.") == root
    assert heard == [("published", comment.pk) for comment in (root, reply, nested)]


def test_comment_of_another_site_that_was_held_or_hidden_there_is_so_here(page, heard):
    held = taken_over(page, "1", state=CommentState.HELD, reason="It waited there.")
    hidden = taken_over(page, "2", state=CommentState.HIDDEN, reason="It was rude.")

    assert (held.hold_reason, held.hide_reason, held.is_public, held.is_removed) == (
        "It waited there.",
        "",
        False,
        False,
    )
    assert (hidden.hold_reason, hidden.hide_reason, hidden.is_removed) == ("", "It was rude.", True)
    assert (held.is_listed, hidden.is_listed, heard) == (False, False, [])


def test_reply_of_another_site_to_what_cannot_be_answered_here_stands_by_itself(page):
    elsewhere, deepest = make.comment(make.proposition_page()), make.comment(page)
    Comment.objects.filter(pk=deepest.pk).update(level=actions.DEEPEST_LEVEL)
    deepest.refresh_from_db()

    for number, parent in enumerate((elsewhere, deepest)):
        reply = taken_over(page, str(number), parent=parent)
        assert (reply.level, reply.is_root, reply.root_id) == (0, True, None)


def test_only_organisers_take_over_from_elsewhere(page):
    comment = taken_over(page, "1")
    for actor in (make.member(), make.moderator()):
        with pytest.raises(NotAllowed):
            taken_over(page, "2", actor=actor)
        with pytest.raises(NotAllowed):
            actions.change_imported_comment(actor=actor, comment=comment, body="Otherwise.")
        with pytest.raises(NotAllowed):
            actions.import_mention(actor=actor, page=page, source_url="https://blog.example/a")
    with pytest.raises(InvalidText):
        taken_over(page, "2", body=" \n ")
    with pytest.raises(DiscussionClosed):
        taken_over(page.event, "2")


def test_words_changed_on_the_other_site_are_followed_and_the_old_ones_kept(page, heard):
    comment = taken_over(page, "1")

    for body in ("Lend lamps and oil.", "Lend lamps and oil.", "", "Lend all."):
        actions.change_imported_comment(actor=make.member(ORGANISERS), comment=comment, body=body)

    comment.refresh_from_db()
    assert comment.comment == "Lend all."
    assert list(comment.versions.order_by("number").values_list("number", "body")) == [
        (1, "Lend lamps too."),
        (2, "Lend lamps and oil."),
    ]
    assert [name for name, _ in heard] == ["published", "edited", "edited"]


def test_link_that_another_site_recorded_is_one_mention(page):
    fields = {"actor": make.member(ORGANISERS), "page": page, "source_url": "https://blog.example/a?b=1"}

    mention, is_new = actions.import_mention(**fields, title="Nine\nsheds", excerpt="So say they.", moment=LONG_AGO)
    again = actions.import_mention(**fields)
    held, _ = actions.import_mention(**{**fields, "source_url": "https://blog.example/b"}, is_published=False)
    ours, _ = actions.import_mention(**{**fields, "source_url": "https://old.example/c"}, source_page=page.event)
    once = actions.import_mention(**{**fields, "source_url": "https://old.example/d"}, source_page=page.event)
    _, is_new_elsewhere = actions.import_mention(**{**fields, "page": page.event})

    assert (is_new, is_new_elsewhere) == (True, True)
    assert again == (mention, False)
    assert (mention.title, mention.excerpt, mention.site_name) == ("Nine sheds", "So say they.", "blog.example")
    assert (mention.kind, mention.state, mention.received_at) == ("pingback", "published", LONG_AGO)
    assert (held.state, ours.kind, ours.source_page_id) == ("held", "internal", page.event.pk)
    assert once == (ours, False)


def test_unconfirmed_comments_are_forgotten_after_a_week(page):
    make.pending(page, email="old@example.org")
    PendingComment.objects.update(created_at=timezone.now() - datetime.timedelta(days=8))
    make.pending(page, email="new@example.org")

    assert actions.forget_unconfirmed(before=timezone.now() - datetime.timedelta(days=7)) == 1
    assert [row.email for row in PendingComment.objects.all()] == ["new@example.org"]


def test_address_is_forgotten_with_the_last_of_its_author_and_a_confirmed_comment_keeps_its_link(
    page, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        make.pending(page)
    token = make.token_in_mail()
    said = actions.confirm_comment(actor=None, token=token)
    Contact.objects.create(author_key="silent", email="silent@example.org", confirmed_at=timezone.now())
    later = timezone.now() + datetime.timedelta(days=8)

    assert actions.forget_unconfirmed(before=later) == 1

    assert [contact.email for contact in Contact.objects.all()] == ["r.winnow@example.org"]
    assert actions.confirm_comment(actor=None, token=token) == said


def test_consent_is_kept_as_given(page):
    for consent in Consent.values:
        said = make.comment(page, consent=consent, role="Clerk", body=f"As {consent}")
        assert said.consent == consent


def test_words_and_names_that_turn_the_text_around_them_are_straightened(page):
    made = actions.submit_comment(
        actor=make.member(),
        page=page,
        body="Send \u202e000,1\u202c to the \u2066fund\u2069\u200b.",
        name="Odile \u202eworraF",
        role="Har\u00adbour Master\u2069",
        consent=Consent.ROLE,
    )

    assert made.body == "Send 000,1 to the fund."
    assert (made.user_name, made.author_role) == ("Odile worraF", "Harbour Master")
