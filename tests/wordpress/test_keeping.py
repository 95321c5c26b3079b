"""Whoever was erased here is in no report of an import, and no import brings them back."""

import pytest

from discussion.models import Comment
from news.models import PostPage
from people import actions
from people.models import Person, User
from people.personal import NAME_REMOVED, everything_about, subject_of_user
from propositions.models import PropositionFacilitator
from tests.factories.discussion import member
from tests.factories.wordpress import PROPOSITION, author, category, comment, item
from tests.sweeps import places_of
from wordpress.actions import undo_import
from wordpress.models import Batch, Record, Suspicion

CANARY = "zyqx"
NAME = f"{CANARY} Rowan".title()
EMAIL = f"{CANARY}@example.org"


@pytest.fixture
def canary(home) -> User:
    user = member(email=EMAIL, first_name=NAME.split()[0], last_name=NAME.split()[1])
    Person.objects.filter(user=user).delete()
    Person.objects.create(name=NAME, slug=f"{CANARY}-rowan", role="Pilot", user=user)
    return user


def parts(*more: str) -> list[str]:
    """A blog on which the canary put a proposition, wrote a post and commented, well and badly."""
    return [
        author(CANARY, NAME),
        category(*PROPOSITION),
        item(
            f"Proposition facilitator: {NAME}, Pilot\n\nA library card opens a boat.",
            comment(f"{CANARY} said this.", id=21, author=NAME, email=EMAIL),
            comment("Somebody answered.", id=22, author="Roger Wight", parent=21),
            comment(f"{CANARY} sells: buy viagra online https://pills.example/", id=23, author=NAME, email=EMAIL),
            comment(f"{CANARY} was here.", id=24, author=NAME, email=EMAIL, approved="spam"),
            id=11, title=PROPOSITION[1], slug="proposition-4", categories=[PROPOSITION], creator=CANARY,
        ),
        item("We met on the quay.", id=12, title="On the quay", slug="on-the-quay", creator=CANARY),
        *more,
    ]  # fmt: skip


def erase(user: User) -> None:
    actions.erase_person(actor=user, subject=subject_of_user(user))


def test_report_tells_of_the_person_until_they_are_erased(bring, canary):
    bring(*parts())
    places = places_of(CANARY)
    kept = everything_about(subject_of_user(canary))["reports of imports"]

    erase(canary)

    assert {"wordpress_record.label", "wordpress_record.source_id", "wordpress_batch.summary"} < set(places)
    assert "wordpress_suspicion.before" in places or "wordpress_suspicion.phrase" in places
    assert {one["as"] for one in kept} == {"author", "comment"}
    assert places_of(CANARY) == []
    assert Record.objects.filter(label=NAME_REMOVED).count() == len(kept) == 4
    assert not Suspicion.objects.filter(state="open").exists()


def test_importing_again_does_not_bring_an_erased_person_back(bring, canary):
    bring(*parts())
    erase(canary)

    report = bring(*parts(item("New words.", id=13, title="A week on", creator=CANARY)))

    assert places_of(CANARY) == []
    assert report["counts"]["comment"] == {"found": 4, "imported": 0, "updated": 0, "unchanged": 1, "skipped": 3}
    assert report["counts"]["author"] == {"found": 1, "imported": 0, "updated": 0, "unchanged": 0, "skipped": 1}
    assert Comment.objects.exclude(comment="").get().comment == "Somebody answered."
    remains = Person.objects.get(name=NAME_REMOVED)
    assert PropositionFacilitator.objects.get().person == remains
    assert set(PostPage.objects.values_list("author", flat=True)) == {remains.pk}


def test_import_that_was_undone_does_not_bring_an_erased_person_back(bring, canary, organiser):
    bring(*parts())
    erase(canary)
    undo_import(actor=organiser, batch=Batch.objects.get())
    assert not Comment.objects.exists()

    report = bring(*parts())

    assert places_of(CANARY) == []
    assert report["counts"]["comment"] == {"found": 4, "imported": 1, "updated": 0, "unchanged": 0, "skipped": 3}
    assert Comment.objects.get().comment == "Somebody answered."


def test_import_under_another_key_does_not_bring_an_erased_person_back(bring, canary, organiser, settings):
    bring(*parts())
    erase(canary)
    undo_import(actor=organiser, batch=Batch.objects.get())
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another key, 0123456789abcdefghijklmnop",
    )

    report = bring(*parts())

    assert places_of(CANARY) == []
    assert report["counts"]["comment"] == {"found": 4, "imported": 1, "updated": 0, "unchanged": 0, "skipped": 3}
    assert Comment.objects.get().comment == "Somebody answered."


def test_others_stay_as_they_were(bring, canary):
    bring(*parts())
    before = Record.objects.exclude(label__icontains=CANARY).order_by("pk")
    kept = list(before.values_list("kind", "label", "source_id", "digest"))

    erase(canary)

    assert kept
    assert list(before.exclude(label=NAME_REMOVED).values_list("kind", "label", "source_id", "digest")) == kept


def test_comment_taken_back_here_stays_so_when_it_changes_on_the_old_site(bring, canary):
    said = item("x", comment("First words.", id=5, author=NAME, email=EMAIL), id=1)
    bring(said)
    Comment.objects.update(state="withdrawn")

    report = bring(said.replace("First words.", "Other words."))

    assert Comment.objects.get().comment == "First words."
    assert [one["reason"] for one in report["skipped"] if one["kind"] == "comment"] == [
        "Its author has taken it back here"
    ]
