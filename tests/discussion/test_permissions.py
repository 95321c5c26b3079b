"""Who may do what, by role, state and phase: the whole table, and that the actions keep to it."""

import datetime
import itertools

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from discussion import actions
from discussion.exceptions import DiscussionError
from discussion.models import Comment
from discussion.permissions import can_comment, can_edit, can_flag, can_moderate, can_support, can_withdraw
from discussion.policies import LookersPolicy, ModeratorsPolicy
from events.models import Phase
from people.keys import author_key_of_user
from people.roles import EDITORS, FACILITATORS, MODERATORS, ORGANISERS
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db

ROLES = ["anonymous", "delegate", "facilitator", "moderator", "editor", "organiser"]
STATES = ["held", "published", "hidden", "withdrawn"]
GROUPS = {"facilitator": [FACILITATORS], "moderator": [MODERATORS], "editor": [EDITORS], "organiser": [ORGANISERS]}
MODERATING = {"moderator", "organiser"}


def person(role):
    return AnonymousUser() if role == "anonymous" else make.member(*GROUPS.get(role, []))


def key_of(actor, device):
    return author_key_of_user(actor) if actor.is_authenticated else device


def test_people_who_are_told_of_a_queue_are_those_who_may_use_it():
    people = {role: person(role) for role in ROLES if role != "anonymous"}
    people["superuser"] = make.member(is_superuser=True)
    make.member(MODERATORS, is_active=False)
    both = make.member(MODERATORS, ORGANISERS)
    moderators, lookers = (policy(Comment, {"view"}) for policy in (ModeratorsPolicy, LookersPolicy))
    may = {people["moderator"], people["organiser"], people["superuser"], both}

    assert sorted(user.pk for user in moderators.users_with_any_permission({"view", "add"})) == sorted(
        user.pk for user in may
    )
    assert set(lookers.users_with_any_permission({"view"})) == may | {people["editor"]}
    for policy in (moderators, lookers):
        assert not policy.users_with_any_permission({"add"}).exists()
        assert not policy.user_has_permission(people["superuser"], "add")
        assert policy.user_has_permission(people["moderator"], "view")
        assert not policy.user_has_permission(people["delegate"], "view")
        assert policy.user_has_permission(people["editor"], "view") == (policy is lookers)


def test_roots_and_readable_pages_are_what_they_are_called():
    page = make.proposition_page()
    root = make.comment(page)
    reply = make.comment(page, parent=root)

    assert list(Comment.objects.roots()) == [root]
    held = actions.hold_comment(actor=make.moderator(), comment=make.comment(page), reason="To be looked at")
    assert list(Comment.objects.held()) == [held]
    assert set(Comment.objects.on_public_pages()) == {root, reply, held}
    page.unpublish()
    assert not Comment.objects.on_public_pages().exists()


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("role", ROLES)
def test_everybody_comments_until_the_event_is_archived(role, phase):
    page = make.proposition_page(event=make.event_page(phase_override=phase))
    actor = person(role)

    assert can_comment(actor, page) is (phase != Phase.ARCHIVED)


@pytest.mark.parametrize(("days", "is_open"), [(-30, False), (-1, False), (0, True), (1, True), (30, True)])
def test_comments_close_after_their_last_day(days, is_open):
    today = timezone.localdate()
    event = make.event_page(
        starts_on=today - datetime.timedelta(days=60),
        ends_on=today - datetime.timedelta(days=59),
        comments_close_on=today + datetime.timedelta(days=days),
    )

    assert can_comment(None, make.proposition_page(event=event)) is is_open


@pytest.mark.parametrize(("role", "state"), list(itertools.product(ROLES, STATES)))
def test_others_words_are_only_for_moderators_to_judge(role, state):
    said = make.comment(make.proposition_page())
    Comment.objects.filter(pk=said.pk).update(state=state)
    said.refresh_from_db()
    actor = person(role)
    key = key_of(actor, "device")

    assert can_edit(actor, said, "device") is False
    assert can_withdraw(actor, said, "device") is False
    assert can_support(actor, said, "device") is (state == "published")
    assert can_flag(actor, said, "device") is (state == "published")
    assert can_moderate(actor) is (role in MODERATING)
    tries = {
        "edit": lambda: actions.edit_comment(actor=actor, comment=said, body="Meddled.", device_key="device"),
        "withdraw": lambda: actions.withdraw_comment(actor=actor, comment=said, device_key="device"),
        "support": lambda: actions.support_comment(actor=actor, comment=said, voter_key=key, device_key="device"),
        "flag": lambda: actions.flag_comment(actor=actor, comment=said, voter_key=key, device_key="device"),
        "hold": lambda: actions.hold_comment(actor=actor, comment=said),
        "release": lambda: actions.release_comment(actor=actor, comment=said),
        "hide": lambda: actions.hide_comment(actor=actor, comment=said, reason="Because"),
    }
    may = set()
    if state == "published":
        may |= {"support", "flag"}
    if role in MODERATING and state != "withdrawn":
        may |= {"hold", "release", "hide"}

    assert {name for name, attempt in tries.items() if succeeds(attempt)} == may


@pytest.mark.parametrize("minutes", [0, 14, 15, 60])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", ["account", "device", "confirming device"])
def test_own_words_are_changed_for_a_quarter_of_an_hour_and_withdrawn_at_any_time(way, state, minutes):
    author = make.member()
    said = make.comment(make.proposition_page(), actor=author)
    Comment.objects.filter(pk=said.pk).update(
        state=state,
        device_key="posting",
        confirming_device_key="confirming",
        created_at=timezone.now() - datetime.timedelta(minutes=minutes),
    )
    said.refresh_from_db()
    actor = author if way == "account" else AnonymousUser()
    device = {"account": "", "device": "posting", "confirming device": "confirming"}[way]

    assert can_edit(actor, said, device) is (state in ("held", "published") and minutes < 15)
    assert can_withdraw(actor, said, device) is (state != "withdrawn")
    assert can_support(actor, said, device) is False
    assert can_flag(actor, said, device) is False


def test_nobody_is_the_author_of_what_has_no_device(client):
    said = make.comment(make.proposition_page())
    Comment.objects.filter(pk=said.pk).update(device_key="", confirming_device_key="")
    said.refresh_from_db()

    assert can_edit(AnonymousUser(), said, "") is False
    assert can_withdraw(None, said, "") is False


@pytest.mark.parametrize("role", sorted(MODERATING))
def test_account_that_is_switched_off_moderates_nothing(role):
    actor = person(role)
    actor.is_active = False

    assert can_moderate(actor) is False


def succeeds(attempt):
    """Whether an action is let through, each time from the same start."""
    before = {comment["xtdcomment_ptr_id"]: comment for comment in Comment.objects.values()}
    try:
        attempt()
    except DiscussionError:
        return False
    finally:
        for pk, values in before.items():
            Comment.objects.filter(pk=pk).update(
                state=values["state"], comment=values["comment"], fingerprint=values["fingerprint"]
            )
    return True
