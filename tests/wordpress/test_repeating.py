"""An import repeated with other choices: what stands here stays what it is, or the run is refused with a sentence."""

import pytest
from wagtail.models import Page

from discussion.actions import hide_comment, release_comment
from discussion.models import Comment, Mention
from events.models import EventPage
from home.models import TextPage
from news.models import PostPage
from propositions.models import PropositionPage
from tests.factories.discussion import event_page
from tests.factories.wordpress import FACILITATED, PROPOSITION, author, category, comment, item, pingback, summit, write
from wordpress.actions import Choices, importing, prepare_import, run_import, try_import, undo_import
from wordpress.exceptions import ImportBusy, ImportRefused
from wordpress.models import Batch

LENDING = ("lending", "On lending")
OTHER_BLOG = {"link": "https://other.example.org", "title": "Upriver Summit 2011"}


def standing():
    pages = Page.objects.order_by("pk").values_list("pk", "path", "latest_revision_id")
    return list(pages), list(Comment.objects.values_list("pk", "page", "comment", "state"))


def lending():
    """A category that is no proposition by its name, with a statement, and a post of news."""
    return [
        author(),
        category(*LENDING),
        item(FACILITATED, comment(id=5), id=1, title="On lending", categories=[LENDING]),
        item("More.", id=2, categories=[LENDING]),
    ]


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (
            "proposition:4",
            "post",
            "came in as proposition 4 and would now be news\\. Nothing was changed\\. Undo import",
        ),
        ("post", "proposition:4", "came in as news and would now be proposition 4"),
        ("proposition:4", "proposition:5", "came in as proposition 4 and would now be proposition 5"),
    ],
)
def test_other_choice_for_what_stands_here_is_refused_and_changes_nothing(bring, first, then, said):
    bring(*lending(), categories={"lending": first})
    before = standing()

    with pytest.raises(ImportRefused, match=said):
        bring(*lending(), categories={"lending": then})

    assert standing() == before
    assert Batch.objects.latest("pk").state == "failed"


def test_dry_run_refuses_other_choices_with_the_same_sentence(bring, organiser, tmp_path):
    bring(*summit())

    with pytest.raises(ImportRefused, match="Undo import"):
        try_import(
            actor=organiser, path=write(tmp_path, *summit()), choices=Choices(categories={PROPOSITION[0]: "post"})
        )


def test_undone_first_the_other_choice_is_followed(bring, organiser):
    bring(*lending(), categories={"lending": "proposition:4"})
    undo_import(actor=organiser, batch=Batch.objects.get())

    bring(*lending(), categories={"lending": "post"})

    assert not PropositionPage.objects.exists()
    assert PostPage.objects.count() == 2


def test_left_out_now_it_stays_and_the_report_says_so(bring):
    bring(*summit())
    before = standing()

    report = bring(*summit(), categories={PROPOSITION[0]: "skip"})

    assert standing() == before
    reasons = {(one["kind"], one["reason"]) for one in report["skipped"]}
    number = Batch.objects.order_by("pk").first().pk
    assert ("post", f"Its category is left out, by choice; what import {number} made of it stays here") in reasons
    assert ("comment", "What it answers is left as it stands here") in reasons


def test_repeat_without_a_word_does_as_was_chosen_before(bring):
    bring(*lending(), categories={"lending": "proposition:4"})
    before = standing()

    report = bring(*lending())

    assert standing() == before
    assert all(counts["unchanged"] == counts["found"] for counts in report["counts"].values())


def test_text_that_left_its_category_on_the_old_site_stays_what_it_is(bring):
    bring(*summit())
    moved = [
        author(),
        category("news", "News"),
        category(*PROPOSITION),
        item(FACILITATED, id=11, title=PROPOSITION[1], slug="proposition-4", categories=[("news", "News")]),
        item("Proposition facilitator: A. B\n\nNew words.", id=30, title="Another", categories=[PROPOSITION]),
        item("We met on the quay.", id=12, title="On the quay", slug="on-the-quay", categories=[PROPOSITION]),
    ]

    report = bring(*moved)

    proposition = PropositionPage.objects.get()
    assert (proposition.number, proposition.title) == (4, "Libraries lend more than books")
    assert PostPage.objects.get(slug="on-the-quay").get_parent().slug == "news"
    said = {one["id"]: one["notes"] for one in report["changed"] if one["kind"] == "post"}
    assert "It stays proposition 4, as it came in, whatever became of it on the old site since" in said["11"]
    assert "It stays news, as it came in, whatever became of it on the old site since" in said["12"]


def test_page_that_was_commented_since_stays_a_page_of_text(bring):
    bring(item("Who we are.", id=1, type="page"))

    report = bring(item("Who we are.", comment(), id=1, type="page"))

    assert TextPage.objects.count() == 1
    assert not PostPage.objects.exists()
    assert [one["reason"] for one in report["skipped"] if one["kind"] == "comment"] == [
        "Pages of text here take no comments"
    ]


def test_other_event_for_propositions_that_stand_is_refused(bring):
    bring(*summit())
    event_page(slug="regatta")

    with pytest.raises(ImportRefused, match="stands under the event “harbour-summit-2011”"):
        bring(*summit(), event="regatta")
    assert PropositionPage.objects.get().event.slug == "harbour-summit-2011"
    assert EventPage.objects.count() == 2


def test_two_categories_chosen_for_one_proposition_both_stand_under_it(bring):
    parts = [
        category(*PROPOSITION), category("more", "More of it"),
        item(FACILITATED, id=1, title=PROPOSITION[1], categories=[PROPOSITION]),
        item("More.", id=2, categories=[("more", "More of it")]),
    ]  # fmt: skip

    report = bring(*parts, categories={"more": "proposition:4"})

    assert PostPage.objects.get().get_parent().specific == PropositionPage.objects.get()
    assert report["counts"]["category"]["imported"] == 2


def test_kind_with_the_name_of_something_else_is_counted_once(bring):
    report = bring(item("Come.", id=1, type="event"), kinds={"event": "post"})

    assert report["counts"] == {
        "author": {"found": 1, "imported": 1, "updated": 0, "unchanged": 0, "skipped": 0},
        "event (posts)": {"found": 1, "imported": 1, "updated": 0, "unchanged": 0, "skipped": 0},
    }
    assert (
        bring(item("Come.", id=1, type="event"), kinds={"event": "post"})["counts"]["event (posts)"]["unchanged"] == 1
    )


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"categories": {"gossip": "skip"}}, r"no category “gossip”\. Its categories: news, proposition-4\."),
        ({"authors": {"nobody": "-"}}, r"no author “nobody”\. Its authors: editor\."),
        ({"kinds": {"product": "post"}}, r"no kind “product”\. Its kinds of posts: post\."),
        ({"authors": {"editor": "nobody"}}, "no person with the address “nobody”"),
    ],
)
def test_choice_for_what_the_file_does_not_hold_is_refused_naming_what_it_does(organiser, tmp_path, choices, said):
    with pytest.raises(ImportRefused, match=said):
        prepare_import(actor=organiser, path=write(tmp_path, *summit()), choices=Choices(**choices))

    assert not Batch.objects.exists()


# What moderators decided


def said(words="First words.", **fields):
    return item("x", comment(words, id=5, **fields), pingback("https://blog.example.net/", id=6), id=1)


def test_undoing_a_repeat_leaves_comments_that_moderators_have_hidden_since(bring, organiser):
    bring(said())
    bring(said("Other words."))
    hide_comment(actor=organiser, comment=Comment.objects.get(), reason="Rude")

    taken = undo_import(actor=organiser, batch=Batch.objects.latest("pk"))

    hidden = Comment.objects.get()
    assert (hidden.comment, hidden.state, hidden.hide_reason) == ("Other words.", "hidden", "Rude")
    assert "One comment stays as it is: a moderator or the author has decided about it since." in taken.left


def test_undoing_two_repeats_gives_back_the_first_words(bring, organiser):
    for words in ("First words.", "Second words.", "Third words."):
        bring(said(words))

    for batch in Batch.objects.order_by("-pk")[:2]:
        undo_import(actor=organiser, batch=batch)

    assert Comment.objects.get().comment == "First words."


def test_undoing_a_repeat_holds_again_what_it_had_released(bring, organiser):
    bring(said(approved="0"))
    bring(said(approved="1"))
    assert Comment.objects.get().state == "published"

    undo_import(actor=organiser, batch=Batch.objects.latest("pk"))

    assert Comment.objects.get().state == "held"


@pytest.mark.parametrize("undone", [1, 2])
def test_what_moderators_hid_stays_hidden_when_an_undone_import_is_made_again(bring, organiser, undone):
    bring(said())
    hide_comment(actor=organiser, comment=Comment.objects.get(), reason="Rude")
    Mention.objects.update(state="hidden")
    for _ in range(undone):
        undo_import(actor=organiser, batch=Batch.objects.latest("pk"))
        assert not Comment.objects.exists()
        bring(said())

    hidden = Comment.objects.get()
    assert (hidden.state, hidden.hide_reason, hidden.is_public) == ("hidden", "Rude", False)
    assert Mention.objects.get().state == "hidden"


def test_what_moderators_released_again_comes_in_published(bring, organiser):
    bring(said())
    hide_comment(actor=organiser, comment=Comment.objects.get(), reason="Rude")
    undo_import(actor=organiser, batch=Batch.objects.latest("pk"))
    bring(said())
    release_comment(actor=organiser, comment=Comment.objects.get())
    undo_import(actor=organiser, batch=Batch.objects.latest("pk"))

    bring(said())

    assert Comment.objects.get().state == "published"


def test_what_its_author_took_back_does_not_come_in_again(bring, organiser):
    bring(said())
    Comment.objects.update(state="withdrawn", fingerprint=None)
    undo_import(actor=organiser, batch=Batch.objects.get())

    for _ in range(2):
        report = bring(said())
        undo_import(actor=organiser, batch=Batch.objects.latest("pk"))

    assert not Comment.objects.exists()
    assert "Its author has taken it back here" in {one["reason"] for one in report["skipped"]}


def test_import_whose_process_was_killed_is_taken_back_before_the_blog_comes_in_again(bring, organiser):
    before = standing()
    killed = Batch.objects.get(pk=bring(*summit())["number"])
    Batch.objects.update(state="running", finished_at=None)
    half = standing()

    with pytest.raises(ImportRefused, match=f"Import {killed.pk} of this blog is running, or was broken off"):
        bring(*summit())

    assert (standing(), Batch.objects.count()) == (half, 1)
    undo_import(actor=organiser, batch=killed)
    assert standing() == before
    bring(*summit())
    assert [len(things) for things in standing()] == [len(things) for things in half]


def test_of_two_imports_of_a_blog_at_once_the_second_is_refused(organiser, tmp_path, home):
    path = write(tmp_path, *summit())
    first, second = (prepare_import(actor=organiser, path=path) for _ in range(2))
    refused = []

    def begin_the_other(done, total):
        with pytest.raises(ImportRefused, match=f"Import {first.pk} of this blog is running") as error:
            run_import(actor=organiser, batch=second, path=path)
        refused.append(error)

    run_import(actor=organiser, batch=first, path=path, progress=begin_the_other)

    assert refused
    assert [batch.state for batch in Batch.objects.order_by("pk")] == ["done", "failed"]
    assert PropositionPage.objects.count() == PostPage.objects.count() == 1


def test_imports_of_two_blogs_never_run_at_once(organiser, tmp_path, home):
    paths = [write(tmp_path, *summit()), write(tmp_path, *summit(), name="other.xml", **OTHER_BLOG)]
    first, second = (prepare_import(actor=organiser, path=path) for path in paths)
    refused = []

    def begin_the_other(done, total):
        for attempt in (
            lambda: run_import(actor=organiser, batch=second, path=paths[1]),
            lambda: try_import(actor=organiser, path=paths[1]),
        ):
            with pytest.raises(ImportBusy, match=f"Import {first.pk} of “Harbour Summit 2011” is running") as error:
                attempt()
            refused.append(error)

    run_import(actor=organiser, batch=first, path=paths[0], progress=begin_the_other)

    assert len(refused) >= 2
    assert [batch.state for batch in Batch.objects.order_by("pk")] == ["done", "failed"]


def test_two_blogs_in_one_event_share_its_propositions_and_are_undone_each(bring, organiser):
    before = standing()
    first = Batch.objects.get(pk=bring(*summit())["number"])
    event = EventPage.objects.get()
    second = bring(
        *(part.replace("library card", "lock-keeper's key") for part in summit()), fields=OTHER_BLOG, event=event.slug
    )

    proposition = PropositionPage.objects.get()
    assert "library card" in str(proposition.statement)
    assert second["event"] == first.event.slug == event.slug
    assert [one["reason"] for one in second["skipped"] if one["kind"] == "post"] == [
        "The proposition stands here already; its words were left as they are, its comments came in"
    ]
    assert Comment.objects.filter(page=proposition).count() == 4
    assert sorted(PostPage.objects.values_list("slug", flat=True)) == ["on-the-quay", "on-the-quay-2"]

    undo_import(actor=organiser, batch=Batch.objects.get(pk=second["number"]))
    assert (Comment.objects.count(), PostPage.objects.count()) == (2, 1)
    undo_import(actor=organiser, batch=first)
    assert standing() == before


@pytest.mark.parametrize("number", [1, 2])
def test_import_that_is_undone_on_its_way_stops_and_leaves_nothing(organiser, tmp_path, home, monkeypatch, number):
    monkeypatch.setattr(importing, "ITEMS_PER_REPORT", 1)
    before = standing()
    path = write(tmp_path, *summit())
    batch = prepare_import(actor=organiser, path=path)
    reached = []

    def undo(done, total):
        reached.append(done)
        if done == number:
            undo_import(actor=organiser, batch=batch)

    with pytest.raises(ImportRefused, match="It was undone while it ran"):
        run_import(actor=organiser, batch=batch, path=path, progress=undo)

    batch.refresh_from_db()
    assert (reached[-1], batch.state, batch.failure) == (number, "undone", "")
    assert standing() == before
