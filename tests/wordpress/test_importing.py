import datetime
import json
import zipfile
from pathlib import Path

import pytest
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import Page, PageViewRestriction

from content.models import SummitImage
from discussion.actions import release_comment, submit_comment
from discussion.choices import CommentState, Frequency
from discussion.follows import follow_page
from discussion.models import Comment, Follow, Mention, News
from events.models import EventPage, Phase
from gathering.models import Entry
from home.models import TextPage
from news.models import NewsIndexPage, PostPage
from people.consent import Consent
from people.models import Person
from propositions.models import PropositionPage
from tests.factories.discussion import event_page, member, proposition_page
from tests.factories.wordpress import (
    FACILITATED,
    LINK,
    PROPOSITION,
    at,
    author,
    category,
    comment,
    export,
    item,
    picture_bytes,
    pingback,
    summit,
    tag,
    write,
)
from wordpress.actions import Choices, files, prepare_import, responses, run_import, try_import, undo_import
from wordpress.exceptions import ImportFailed, ImportRefused
from wordpress.models import Batch, Record


def notes_of(report, source_id, kind="post"):
    return next((one["notes"] for one in report["changed"] if (one["kind"], one["id"]) == (kind, str(source_id))), [])


def counted(report, kind):
    return {name: number for name, number in report["counts"][kind].items() if number and name != "found"}


def test_summit_comes_in_with_its_event_proposition_comments_and_news(bring):
    report = bring(*summit())

    event = EventPage.objects.get()
    assert (event.title, str(event.starts_on), str(event.ends_on)) == (
        "Harbour Summit 2011",
        "2011-10-11",
        "2011-10-13",
    )
    assert event.phase == Phase.ARCHIVED
    proposition = PropositionPage.objects.get()
    assert (proposition.number, proposition.title, proposition.live) == (4, "Libraries lend more than books", True)
    assert [(one.name, one.role, one.organisation) for one in proposition.facilitators] == [
        ("Carrie Quay", "Director", "FutureHarbour, Ltd")
    ]
    assert str(proposition.statement[0].value) == "<p>A library card opens a workshop, a kitchen and a boat.</p>"
    assert proposition.statement_versions.get().published_at == proposition.first_published_at == at("2011-09-01 09:00")
    post = PostPage.objects.get()
    assert (post.title, post.category, post.author.name, str(post.date)) == (
        "On the quay", "News", "Summit editor", "2011-09-01",
    )  # fmt: skip
    first, reply = Comment.objects.order_by("pk")
    assert (first.author_label, first.body, first.state) == (
        "Roger Wight",
        "Does it open the *boat house*?",
        "published",
    )
    assert first.submit_date == first.published_at == at("2011-09-02 10:00")
    assert (reply.root, reply.level, reply.author_label) == (first, 1, "No name given")
    mention = Mention.objects.get()
    assert (mention.page_id, mention.kind, mention.state) == (proposition.pk, "pingback", "published")
    assert {kind: counts["found"] for kind, counts in report["counts"].items()} == {
        "author": 1, "category": 2, "comment": 2, "pingback": 1, "post": 2,
    }  # fmt: skip
    assert all(counts["imported"] == counts["found"] for counts in report["counts"].values())


def test_comments_stand_in_the_ledger_and_are_not_quoted_unless_somebody_answers_for_it(bring):
    bring(*summit())

    assert set(Entry.objects.values_list("consent", "proposition__number")) == {(Consent.NONE, 4)}


def test_addresses_of_commenters_are_not_kept(bring):
    bring(*summit(item("x", comment("Secret.", email="roger@secret.example", url="https://me.secret.example"), id=13)))

    stored = Comment.objects.get(comment="Secret.")
    assert (stored.user_email, stored.user_url, stored.ip_address) == ("", "", None)
    assert not any("secret.example" in str(value) for row in Record.objects.values_list() for value in row)


def test_repeating_changes_nothing_and_doubles_nothing(bring):
    bring(*summit())
    before = list(Page.objects.order_by("pk").values_list("pk", "latest_revision_id"))

    report = bring(*summit())

    assert list(Page.objects.order_by("pk").values_list("pk", "latest_revision_id")) == before
    assert (Comment.objects.count(), Mention.objects.count(), Person.objects.count()) == (2, 1, 2)
    assert all(counts["unchanged"] == counts["found"] for counts in report["counts"].values())


def test_repeating_updates_what_changed_on_the_old_site(bring):
    bring(item("Before.", comment("First words.", id=5), id=1), item("Same.", id=2))

    report = bring(item("After.", comment("Other words.", id=5), comment("New.", id=6), id=1), item("Same.", id=2))

    assert counted(report, "post") == {"updated": 1, "unchanged": 1}
    assert counted(report, "comment") == {"updated": 1, "imported": 1}
    assert str(PostPage.objects.get(slug="slipway-1").body[0].value) == "<p>After.</p>"
    assert sorted(Comment.objects.values_list("comment", flat=True)) == ["New.", "Other words."]


def test_repeating_leaves_what_an_editor_changed_here(bring, organiser):
    bring(item("Before.", id=1))
    page = PostPage.objects.get()
    page.title = "Ours"
    page.save_revision(user=organiser).publish()

    report = bring(item("After.", id=1))

    assert counted(report, "post") == {"skipped": 1}
    assert PostPage.objects.get().title == "Ours"
    assert report["skipped"][0]["reason"] == "It was changed here since it was imported, and is left as it is"


def test_undoing_takes_everything_away_and_nothing_else(bring, organiser):
    kept = proposition_page()
    pages, people = set(Page.objects.values_list("pk", flat=True)), set(Person.objects.values_list("pk", flat=True))
    bring(*summit())

    undo_import(actor=organiser, batch=Batch.objects.get())

    assert set(Page.objects.values_list("pk", flat=True)) == pages
    assert set(Person.objects.values_list("pk", flat=True)) == people
    assert not any(model.objects.exists() for model in (Comment, Mention, Redirect, Entry))
    assert PropositionPage.objects.get() == kept
    with pytest.raises(ImportRefused, match="nothing to undo"):
        undo_import(actor=organiser, batch=Batch.objects.get())


def test_undone_import_can_be_made_again(bring, organiser):
    bring(*summit())
    undo_import(actor=organiser, batch=Batch.objects.get())

    report = bring(*summit())

    assert counted(report, "post") == {"imported": 2}
    assert Comment.objects.count() == 2


def test_undoing_a_repeat_gives_back_what_stood_there(bring, organiser):
    bring(item("Before.", comment("First words.", id=5), id=1))
    bring(item("After.", comment("Other words.", id=5), id=1), item("New.", id=2))
    first, second = Batch.objects.order_by("pk")

    with pytest.raises(ImportRefused, match="later import"):
        undo_import(actor=organiser, batch=first)
    undo_import(actor=organiser, batch=second)

    assert str(PostPage.objects.get().body[0].value) == "<p>Before.</p>"
    assert Comment.objects.get().comment == "First words."
    assert counted(bring(item("Before.", comment("First words.", id=5), id=1)), "post") == {"unchanged": 1}


def test_undoing_leaves_what_people_have_answered_since(bring, organiser):
    bring(*summit())
    proposition = PropositionPage.objects.get()
    proposition.discussion_override = "open"
    proposition.save_revision().publish()
    first = Comment.objects.order_by("pk").first()
    own = submit_comment(
        actor=member(), page=PropositionPage.objects.get(), body="Still true.", consent="role", parent=first
    )

    taken = undo_import(actor=organiser, batch=Batch.objects.get())

    assert set(Comment.objects.filter(pk__in=[first.pk, own.pk])) == {first, own}
    assert PropositionPage.objects.filter(pk=proposition.pk).exists()
    assert len(taken.left) >= 2


def test_undoing_leaves_what_an_editor_changed_since(bring, organiser):
    bring(*summit(), item("Untouched.", id=91, slug="untouched"), item("Drafted on.", id=92, slug="drafted"))
    post = PostPage.objects.get(slug="drafted")
    post.summary = "Not published yet"
    post.save_revision(user=organiser)

    taken = undo_import(actor=organiser, batch=Batch.objects.get())

    assert PostPage.objects.get() == post
    assert f"“{post.title}” stays: it was changed here since." in taken.left


def test_undoing_leaves_a_proposition_of_a_category_that_an_editor_changed(bring, organiser):
    bring(
        category("p3", "Proposition 3: Moor together"), item("News of it.", id=1, categories=[("p3", "Proposition 3")])
    )
    page = PropositionPage.objects.get()
    page.title = "Moor as one"
    page.save_revision(user=organiser).publish()

    taken = undo_import(actor=organiser, batch=Batch.objects.get())

    assert PropositionPage.objects.get() == page
    assert not PostPage.objects.exists()
    assert "“Moor as one” stays: it was changed here since." in taken.left


def test_undoing_is_refused_once_an_editor_has_sorted_comments(bring, organiser):
    bring(*summit())
    Entry.objects.order_by("pk").first().__class__.objects.update(disposition=Entry.Disposition.SET_ASIDE)

    with pytest.raises(ImportRefused, match="sorted in the ledger"):
        undo_import(actor=organiser, batch=Batch.objects.get())
    assert Comment.objects.count() == 2


def test_trying_changes_nothing_and_says_what_would_happen(bring, organiser, tmp_path):
    path = write(tmp_path, *summit())
    pages = Page.objects.count()

    tried = try_import(actor=organiser, path=path)

    assert (Page.objects.count(), Batch.objects.count(), Comment.objects.count()) == (pages, 0, 0)
    assert tried["dry_run"] is True
    assert tried["counts"] == bring(*summit())["counts"]


def test_failure_half_way_leaves_nothing(bring, organiser, tmp_path, monkeypatch):
    pages = Page.objects.count()
    path = write(tmp_path, *summit(item("x", id=90)))
    batch = prepare_import(actor=organiser, path=path)
    monkeypatch.setattr(responses, "import_mention", lambda **kwargs: 1 / 0)

    with pytest.raises(ImportFailed):
        run_import(actor=organiser, batch=batch, path=path)

    assert (Page.objects.count(), Comment.objects.count(), Person.objects.count()) == (pages, 0, 0)
    batch.refresh_from_db()
    assert batch.state == "failed"


def test_failed_repeat_gives_back_what_it_had_changed(bring, organiser, tmp_path, monkeypatch):
    bring(item("Before.", id=1))
    path = write(tmp_path, item("After.", pingback("https://x.example/", id=3), id=1))
    batch = prepare_import(actor=organiser, path=path)
    monkeypatch.setattr(responses, "import_mention", lambda **kwargs: 1 / 0)

    with pytest.raises(ImportFailed):
        run_import(actor=organiser, batch=batch, path=path)

    assert str(PostPage.objects.get().body[0].value) == "<p>Before.</p>"


def test_broken_file_is_refused_before_anything_is_made(organiser, tmp_path):
    path = tmp_path / "cut.xml"
    path.write_text(export(*summit())[:-300])

    with pytest.raises(ImportRefused, match="cut short"):
        prepare_import(actor=organiser, path=path)
    assert not Batch.objects.exists()


def test_only_organisers_import(bring, tmp_path):
    with pytest.raises(ImportRefused, match="Only organisers"):
        bring(*summit(), actor=member())


def test_import_runs_once(organiser, tmp_path):
    path = write(tmp_path, *summit())
    batch = prepare_import(actor=organiser, path=path)
    run_import(actor=organiser, batch=batch, path=path)

    with pytest.raises(ImportRefused, match="has run"):
        run_import(actor=organiser, batch=batch, path=path)


# Choices


def test_event_is_the_one_chosen(bring):
    event = event_page(slug="regatta")

    bring(*summit(), event="regatta")

    assert PropositionPage.objects.get().event == event


def test_event_of_these_days_follows_its_days(bring):
    today = timezone.localdate()

    bring(*summit(), fields={"description": f"{today.day}-{today.day} {today:%B %Y}"})

    assert EventPage.objects.get().phase_override == ""


def test_without_propositions_no_event_is_made(bring):
    bring(item("Words."))

    assert not EventPage.objects.exists()
    assert PostPage.objects.get().get_parent().specific == NewsIndexPage.objects.get()


def test_proposition_made_by_hand_keeps_its_words_and_takes_the_comments(bring):
    event = event_page(slug="regatta")
    ours = proposition_page(event, number=4)

    report = bring(*summit(), event="regatta")

    assert PropositionPage.objects.get() == ours
    assert Comment.objects.filter(page=ours).count() == 2
    assert [one["reason"] for one in report["skipped"] if one["kind"] == "post"] == [
        "The proposition stands here already; its words were left as they are, its comments came in"
    ]


def test_categories_can_be_sent_elsewhere(bring):
    report = bring(
        category("one", "On lending"),
        category("two", "Gossip"),
        category("proposition-4", "Proposition 4: Nets"),
        item("Proposition facilitator: A. B\n\nLend it.", id=1, title="On lending", categories=[("one", "On lending")]),
        item("Psst.", id=2, categories=[("two", "Gossip")]),
        item("Nets.", id=3, categories=[("proposition-4", "Proposition 4: Nets")]),
        categories={"one": "proposition:2", "two": "skip", "proposition-4": "post"},
    )

    assert (PropositionPage.objects.get().number, PropositionPage.objects.get().title) == (2, "On lending")
    assert PostPage.objects.get().category == "Proposition 4: Nets"
    assert counted(report, "post") == {"imported": 2, "skipped": 1}


def test_authors_can_be_people_who_are_here_or_nobody(bring):
    ada = Person.objects.create(name="Ada Finch", slug="ada")

    bring(
        author("a", "A. Finch", 1), author("b", "Somebody", 2),
        item(creator="a", id=1), item(creator="b", id=2), authors={"a": "ada", "b": "-"},
    )  # fmt: skip

    assert dict(PostPage.objects.values_list("slug", "author")) == {"slipway-1": ada.pk, "slipway-2": None}
    assert list(Person.objects.all()) == [ada]


def test_author_known_by_name_is_the_person_who_is_here(bring):
    ada = Person.objects.create(name="Ada Finch", slug="ada")

    bring(author("a", "ada finch"), item(creator="a"))

    assert PostPage.objects.get().author == ada


def test_unknown_person_is_refused(bring):
    with pytest.raises(ImportRefused, match="no person with the address “nobody”"):
        bring(author("a", "A"), item(creator="a"), authors={"a": "nobody"})


def test_consent_can_be_answered_for(bring):
    bring(*summit(), consent=Consent.NAMED)

    assert set(Entry.objects.values_list("consent", flat=True)) == {Consent.NAMED}


# Odd cases


def test_posts_of_a_proposition_stand_under_it_whichever_comes_first(bring):
    later = item("More on lending.", id=5, title="A week on", categories=[PROPOSITION])
    bring(category(*PROPOSITION), later, item(FACILITATED, id=6, title=PROPOSITION[1], categories=[PROPOSITION]))

    assert PostPage.objects.get().get_parent().specific == PropositionPage.objects.get()


def test_category_without_a_statement_is_still_the_proposition(bring):
    bring(
        category("p7", "Proposition 7: Nets before notes"),
        item("Words.", categories=[("p7", "Proposition 7: Nets before notes")]),
    )

    proposition = PropositionPage.objects.get()
    assert (proposition.number, proposition.title, proposition.live) == (7, "Nets before notes", True)
    assert PostPage.objects.get().get_parent().pk == proposition.pk


def test_missing_dates_are_those_of_the_post_before(bring):
    report = bring(
        item(id=1, date="2011-09-05 08:00:00"),
        item("x", comment("y", id=3, date="0000-00-00 00:00:00"), id=2, date="0000-00-00 00:00:00"),
    )

    assert str(PostPage.objects.get(slug="slipway-2").date) == "2011-09-05"
    assert Comment.objects.get().submit_date == at("2011-09-05 08:00")
    assert notes_of(report, 2) == ["It had no date; it has that of the post before it"]
    assert notes_of(report, "2/3", "comment") == ["It had no date; it has that of its post"]


@pytest.mark.parametrize("date", ["9999-12-31 23:59:59", "0001-01-01 00:00:00"])
def test_dates_that_no_blog_has_count_as_missing(bring, client, date):
    report = bring(
        *summit(item("x", comment("y", id=3, date=date), id=91, date=date, slug="dated")),
        fields={"description": "No days"},
    )

    event = EventPage.objects.get()
    assert (str(event.starts_on), str(event.ends_on)) == ("2011-09-01", "2011-09-01")
    assert notes_of(report, 91) == ["It had no date; it has that of the post before it"]
    assert notes_of(report, "91/3", "comment") == ["It had no date; it has that of its post"]
    assert str(PostPage.objects.get(slug="dated").date) == "2011-09-01"
    assert [client.get(page.url).status_code for page in (event, PostPage.objects.get(slug="dated"))] == [200, 200]


def test_empty_title_is_the_first_words(bring):
    report = bring(item("The tide table for all of next week is up now.", id=1, title=""))

    assert PostPage.objects.get().title == "The tide table for all of next week …"
    assert "It had no title; its first words stand in for one" in notes_of(report, 1)


def test_absent_author_is_said(bring):
    report = bring(item(id=1, creator=""), item(id=2, creator="ghost"))

    assert notes_of(report, 1) == ["It names no author"]
    assert PostPage.objects.get(slug="slipway-2").author.name == "ghost"
    assert notes_of(report, "ghost", "author") == [
        "Not among the export's authors; known only by the name they sign in with"
    ]


def test_duplicate_slugs_and_numbers_are_told_apart(bring):
    report = bring(item("One.", id=1, slug="same"), item("Two.", id=2, slug="same"), item("Three.", id=2, slug="third"))

    assert sorted(PostPage.objects.values_list("slug", flat=True)) == ["same", "same-2", "third"]
    assert counted(report, "post") == {"imported": 3}
    assert notes_of(report, 2) == [
        "Its address “same” was taken; it is “same-2” here",
        "Its old address /same leads elsewhere already",
    ]


def test_slug_of_another_part_of_the_site_is_not_taken(bring):
    bring(item(type="page", slug="join"), item(type="page", slug="%CE%B5%CE%BB"))

    assert sorted(TextPage.objects.values_list("slug", flat=True)) == ["join-2", "ελ"]


def test_pages_keep_their_order_above_and_below(bring):
    bring(
        item(type="page", id=3, slug="leaf", parent=2),
        item(type="page", id=2, slug="branch", parent=1),
        item(type="page", id=1, slug="trunk"),
        item(type="page", id=8, slug="ring-a", parent=9),
        item(type="page", id=9, slug="ring-b", parent=8),
        item(type="page", id=10, slug="lost", parent=77),
    )

    assert TextPage.objects.get(slug="leaf").url_path.endswith("/trunk/branch/leaf/")
    assert TextPage.objects.count() == 6


def test_page_with_comments_becomes_a_post_so_that_they_stay(bring):
    report = bring(item("Words.", comment(id=5), id=1, type="page"))

    assert Comment.objects.get().page_id == PostPage.objects.get().pk
    assert notes_of(report, 1, "page") == ["It was a page. It has comments, which pages of text here do not take"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("nav_menu_item", "Menus are not imported: pages here stand in menus by their own setting"),
        ("revision", "An earlier version of a text; only the last one is imported"),
        ("product", "A kind of post that is not known here: “product”"),
    ],
)
def test_other_kinds_of_posts_are_skipped_with_a_reason(bring, kind, reason):
    report = bring(item("x", comment(id=5), id=1, type=kind))

    assert [(one["kind"], one["reason"]) for one in report["skipped"]] == [
        (kind, reason), ("comment", "What it answers is not imported"),
    ]  # fmt: skip


def test_unknown_kind_can_be_taken_as_posts(bring):
    bring(item(type="story"), kinds={"story": "post"})

    assert PostPage.objects.count() == 1


def test_states_of_posts_are_kept(bring):
    soon = timezone.now() + datetime.timedelta(days=30)
    bring(
        item(id=1, status="publish"), item(id=2, status="draft"), item(id=3, status="private"),
        item(id=4, status="future", date=f"{soon:%Y-%m-%d} 09:00:00"), item(id=5, status="trash"),
        item(id=6, status="publish", password="sesame"),
    )  # fmt: skip

    assert dict(PostPage.objects.values_list("slug", "live")) == {
        "slipway-1": True, "slipway-2": False, "slipway-3": False, "slipway-4": False, "slipway-6": True,
    }  # fmt: skip
    assert PostPage.objects.get(slug="slipway-4").scheduled_revision
    assert PageViewRestriction.objects.get().password == "sesame"


def test_states_of_comments_are_kept(bring):
    report = bring(
        item(
            "x", comment("Shown.", id=1), comment("Waits.", id=2, approved="0"), comment("Buy!", id=3, approved="spam"),
            comment("Gone.", id=4, approved="trash"), comment("<p></p>", id=5), comment("x", id=6, type="order_note"),
            id=9,
        )
    )  # fmt: skip

    assert dict(Comment.objects.values_list("comment", "state")) == {"Shown.": "published", "Waits.": "held"}
    assert {one["id"]: one["reason"] for one in report["skipped"]} == {
        "9/3": "It was marked as spam", "9/4": "It was in the bin", "9/5": "It has no words",
        "9/6": "A kind of response that is not known here: “order_note”",
    }  # fmt: skip


def test_comment_held_there_is_released_when_it_was_since(bring):
    bring(item("x", comment("Waits.", id=2, approved="0"), id=9))

    bring(item("x", comment("Waits.", id=2, approved="1"), id=9))

    assert Comment.objects.get().state == CommentState.PUBLISHED


def test_parents_may_come_later_or_never(bring):
    report = bring(
        item(
            "x", comment("Reply.", id=1, parent=2), comment("First.", id=2), comment("Orphan.", id=3, parent=77),
            comment("Round.", id=4, parent=5), comment("And round.", id=5, parent=4), comment("Self.", id=6, parent=6),
            comment("Held.", id=7, approved="0"), comment("Below held.", id=8, parent=7), id=9,
        )
    )  # fmt: skip

    levels = dict(Comment.objects.values_list("comment", "level"))
    assert (levels["First."], levels["Reply."], levels["Orphan."], levels["Self."], levels["Below held."]) == (
        0,
        1,
        0,
        0,
        0,
    )
    assert sorted([levels["Round."], levels["And round."]]) == [0, 1]
    assert notes_of(report, "9/3", "comment") == ["The comment it answers is not in the export; it stands on its own"]
    assert notes_of(report, "9/8", "comment") == ["The comment it answers is not published; it stands on its own"]


def test_thread_deeper_than_any_is_flattened(bring):
    bring(item("x", *(comment(f"Number {n}.", id=n, parent=n - 1) for n in range(1, 131)), id=500))

    assert Comment.objects.count() == 130
    assert max(Comment.objects.values_list("level", flat=True)) <= 100


def test_pingbacks_and_trackbacks_are_mentions(bring):
    report = bring(
        item(
            "x", pingback("https://blog.example.net/a/", id=1), pingback("https://blog.example.net/a/", id=2),
            pingback("https://blog.example.net/b/", id=3, type="trackback"), pingback("", id=4),
            pingback("https://blog.example.net/c/", id=5, approved="0"), pingback("javascript:x", id=6), id=9,
        )
    )  # fmt: skip

    assert dict(Mention.objects.values_list("source_url", "state")) == {
        "https://blog.example.net/a/": "published", "https://blog.example.net/b/": "published",
        "https://blog.example.net/c/": "held",
    }  # fmt: skip
    assert [one["reason"] for one in report["skipped"] if one["id"] in ("9/2", "9/4", "9/6")] == [
        "The same page mentions it already",
        "It does not say where the link stands",
        "It does not say where the link stands",
    ]


def test_pingback_from_a_post_of_the_same_blog_is_a_link_between_pages(bring):
    bring(
        *summit(
            item(
                f'See <a href="{LINK}/proposition-4/">it</a>.', id=30, title="Welcome", slug="welcome",
            ),
        ),
        item("y", pingback(f"{LINK}/welcome/", id=31), id=32, slug="other"),
    )  # fmt: skip

    welcome, proposition = PostPage.objects.get(slug="welcome"), PropositionPage.objects.get()
    assert f'<a linktype="page" id="{proposition.pk}">it</a>' in welcome.body.raw_data[0]["value"]
    assert Mention.objects.filter(page=proposition, source_page=welcome, kind="internal").exists()
    other = Mention.objects.get(page=PostPage.objects.get(slug="other"))
    assert (other.source_page.pk, other.kind) == (welcome.pk, "internal")


def test_old_addresses_lead_to_the_pages(bring, client):
    bring(*summit())

    for old, page in (("/proposition-4/", PropositionPage.objects.get()), ("/on-the-quay/", PostPage.objects.get())):
        answer = client.get(old)
        assert (answer.status_code, answer.url) == (301, page.url)


def test_old_address_that_leads_elsewhere_already_is_left(bring):
    Redirect.add_redirect("/on-the-quay/", "https://else.example/")

    report = bring(*summit())

    assert "Its old address /on-the-quay leads elsewhere already" in notes_of(report, 12)
    assert Redirect.objects.get(old_path="/on-the-quay").redirect_link == "https://else.example/"


def test_tags_menus_and_fields_are_named_not_dropped(bring):
    report = bring(
        tag("boats", "Boats"), item(id=1, tags=[("boats", "Boats")], meta={"mood": "calm", "_edit_last": "1"})
    )  # fmt: skip

    assert counted(report, "tag") == {"skipped": 1}
    assert notes_of(report, 1)[:2] == [
        "Fields of its own, which posts here do not have: mood",
        "Tags, which posts here do not have: Boats",
    ]


# Pictures and documents


def attachment(number, address, **fields):
    extra = f"<wp:attachment_url>{address}</wp:attachment_url>"
    return item("", id=number, type="attachment", status="inherit", extra=extra, **fields)


PICTURE = f"{LINK}/wp-content/uploads/2011/09/net.png"
DOCUMENT = f"{LINK}/wp-content/uploads/2011/09/tides.pdf"


def media_parts():
    return [
        item(
            f'<img class="wp-image-20" src="{PICTURE.replace(".png", "-20x15.png")}" alt="A net"> '
            f'<a href="{DOCUMENT}">Tides</a>',
            id=1, meta={"_thumbnail_id": "20"},
        ),
        attachment(20, PICTURE, title="Net"),
        attachment(21, DOCUMENT, title="Tides"),
        attachment(22, f"{LINK}/wp-content/uploads/evil.exe", title="Evil"),
        attachment(23, f"{LINK}/wp-content/uploads/lost.png", title="Lost"),
    ]  # fmt: skip


@pytest.fixture
def uploads(tmp_path):
    folder = tmp_path / "uploads" / "2011" / "09"
    folder.mkdir(parents=True)
    (folder / "net.png").write_bytes(picture_bytes())
    (folder / "tides.pdf").write_bytes(b"%PDF-1.4 high water at noon")
    (folder.parent.parent / "evil.exe").write_bytes(b"MZ")
    return tmp_path / "uploads"


@pytest.mark.parametrize("is_zip", [False, True])
def test_media_come_from_a_folder_or_a_zip(bring, uploads, tmp_path, is_zip):
    place = uploads
    if is_zip:
        place = tmp_path / "uploads.zip"
        with zipfile.ZipFile(place, "w") as archive:
            for path in uploads.rglob("*.*"):
                archive.write(path, path.relative_to(uploads.parent))

    report = bring(*media_parts(), media=str(place))

    image, document = SummitImage.objects.get(), get_document_model().objects.get()
    block = PostPage.objects.get().body[0]
    assert (block.block_type, block.value["image"].pk, block.value["image"].contextual_alt_text) == (
        "picture",
        image.pk,
        "A net",
    )
    assert f'<a linktype="document" id="{document.pk}">Tides</a>' in PostPage.objects.get().body.raw_data[1]["value"]
    assert {one["id"]: one["reason"] for one in report["skipped"]} == {
        "22": "A kind of file that is not kept here: .exe", "23": "Not among the given media",
    }  # fmt: skip


@pytest.mark.parametrize("has_media", [True, False])
def test_trying_says_of_pictures_what_the_import_does(bring, organiser, uploads, tmp_path, settings, has_media):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    choices = {"media": str(uploads)} if has_media else {}
    path = write(tmp_path, *media_parts(), name="tried.xml")

    tried = try_import(actor=organiser, path=path, choices=Choices(**choices))

    assert not SummitImage.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.png"))
    report = bring(*media_parts(), **choices)
    assert {name: tried[name] for name in ("counts", "skipped", "changed")} == {
        name: report[name] for name in ("counts", "skipped", "changed")
    }
    became_links = any("became a link" in note for one in tried["changed"] for note in one["notes"])
    assert became_links is not has_media


def test_trying_to_fetch_asks_nobody_and_says_what_would_be_asked(organiser, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "fetch_file", lambda address: pytest.fail("fetched"))
    path = write(tmp_path, *media_parts())

    tried = try_import(actor=organiser, path=path, choices=Choices(is_fetching=True))

    assert tried["counts"]["attachment"] == {"found": 4, "imported": 3, "updated": 0, "unchanged": 0, "skipped": 1}
    assert notes_of(tried, 20, "attachment") == ["To be fetched from the old site; a link where that fails"]
    assert notes_of(tried, 1) == []


def test_pictures_without_media_are_links_and_come_in_when_media_are_given(bring, uploads):
    bring(*media_parts())
    assert f'Picture: <a href="{PICTURE.replace(".png", "-20x15.png")}">A net</a>' in str(PostPage.objects.get().body)

    report = bring(*media_parts(), media=str(uploads))

    assert counted(report, "post") == {"updated": 1}
    assert PostPage.objects.get().body[0].block_type == "picture"
    assert SummitImage.objects.count() == 1


def test_undoing_takes_media_away(bring, organiser, uploads):
    bring(*media_parts(), media=str(uploads))

    undo_import(actor=organiser, batch=Batch.objects.get())

    assert not SummitImage.objects.exists()
    assert not get_document_model().objects.exists()


def test_undoing_leaves_files_and_people_that_are_used_elsewhere(bring, organiser, uploads, home):
    bring(*media_parts(), author("editor", "Ada Quill"), media=str(uploads))
    image, document, person = SummitImage.objects.get(), get_document_model().objects.get(), Person.objects.get()
    picture = {"image": {"image": image.pk, "alt_text": "A net", "decorative": False}, "caption": ""}
    body = [
        {"type": "picture", "value": picture},
        {"type": "paragraph", "value": f'<p><a linktype="document" id="{document.pk}">Tides</a></p>'},
    ]
    home.add_child(instance=TextPage(title="Ours", slug="ours", body=json.dumps(body)))
    event = event_page()
    event.add_child(instance=PostPage(title="Also hers", slug="hers", author=person))

    taken = undo_import(actor=organiser, batch=Batch.objects.get())

    assert not PostPage.objects.exclude(slug="hers").exists()
    assert (SummitImage.objects.get(), get_document_model().objects.get(), Person.objects.get()) == (
        image, document, person,
    )  # fmt: skip
    assert sorted(line for line in taken.left if "used elsewhere" in line) == [
        f"“{one}” stays: it is used elsewhere." for one in sorted(map(str, (image, document, person)))
    ]
    assert PostPage.objects.get().author == person


@pytest.mark.parametrize("content", [b"not a picture", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_file_that_is_no_picture_is_skipped(bring, uploads, content):
    (uploads / "2011" / "09" / "net.png").write_bytes(content)

    report = bring(attachment(20, PICTURE), media=str(uploads))

    assert report["skipped"][0]["reason"] == "The file is not the picture it says it is"


def test_picture_of_too_many_pixels_and_packed_bombs_are_skipped(bring, uploads, tmp_path, monkeypatch):
    monkeypatch.setattr("wordpress.media.MOST_PIXELS", 100)
    assert bring(attachment(20, PICTURE), media=str(uploads))["skipped"][0]["reason"].startswith("The picture has more")

    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../net.png", b"\0" * 5_000_000)
    report = bring(attachment(20, PICTURE), media=str(bomb))
    assert report["skipped"][0]["reason"] == "The file is packed as attacks are packed"
    report = bring(item(f'<img src="{PICTURE}" alt="A net">', id=2), media=str(bomb))
    assert notes_of(report, 2) == [
        f"A picture became a link to where it was: {PICTURE}. The file is packed as attacks are packed"
    ]


def test_links_out_of_the_folder_are_not_followed(bring, uploads, tmp_path):
    (tmp_path / "secret.png").write_bytes(picture_bytes())
    (uploads / "lost.png").symlink_to(tmp_path / "secret.png")

    report = bring(attachment(23, f"{LINK}/wp-content/uploads/lost.png"), media=str(uploads))

    assert report["skipped"][0]["reason"] == "Not among the given media"


def test_nothing_is_fetched_unless_asked(bring, monkeypatch):
    monkeypatch.setattr(files, "fetch_file", lambda address: pytest.fail("fetched"))
    bring(*media_parts())

    asked = []
    monkeypatch.setattr(files, "fetch_file", lambda address: asked.append(address) or picture_bytes())
    bring(*media_parts(), is_fetching=True)

    assert SummitImage.objects.count() == 2
    assert asked == [PICTURE, DOCUMENT, f"{LINK}/wp-content/uploads/lost.png"]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/a.png", "http://169.254.169.254/a.png", "http://localhost/a.png"]
)
def test_addresses_within_are_not_fetched(bring, address):
    report = bring(attachment(20, address), is_fetching=True)

    assert report["skipped"][0]["reason"].startswith("It could not be fetched")


@pytest.fixture
def followed(bring):
    """A proposition that was brought in and that somebody follows since long before."""
    bring(*summit())
    page = PropositionPage.objects.get()
    follow_page(
        actor=None, page=page, email="delegate@example.org", frequency=Frequency.AT_ONCE, is_confirmed=True
    )  # fmt: skip
    Follow.objects.update(confirmed_at=at("2001-01-01 00:00"))
    return page


def answered(*comments):
    return item(FACILITATED, *comments, id=11, title=PROPOSITION[1], categories=[PROPOSITION])


def test_followers_are_told_nothing_of_comments_that_were_brought_in(
    bring, followed, django_capture_on_commit_callbacks
):
    today = f"{timezone.now():%Y-%m-%d %H:%M:%S}"

    with django_capture_on_commit_callbacks(execute=True):
        bring(author(), category(*PROPOSITION), answered(comment("Long ago."), comment("Today.", date=today)))

    assert Comment.objects.published().filter(comment__in=["Long ago.", "Today."]).count() == 2
    assert not News.objects.exists()


def test_comment_held_there_is_no_news_when_it_is_released_here(
    bring, followed, organiser, django_capture_on_commit_callbacks
):
    just_now = f"{timezone.now():%Y-%m-%d %H:%M:%S}"
    bring(
        author(),
        category(*PROPOSITION),
        answered(comment("Held there.", approved=0), comment("Held just now.", approved=0, date=just_now)),
    )

    with django_capture_on_commit_callbacks(execute=True):
        for words in ("Held there.", "Held just now."):
            release_comment(actor=organiser, comment=Comment.objects.get(comment=words))

    assert Comment.objects.published().get(comment="Held there.").published_at == at("2011-09-02 10:00")
    assert Comment.objects.published().filter(comment="Held just now.").exists()
    assert not News.objects.exists()


def test_what_nobody_sees_is_not_taken_over(bring):
    report = bring(
        *summit(
            item("x", comment("Lib\u200braries \u202elend\u202c.", author="Ro\u202eger\u200b Wight", id=80),
                 comment("&#8203;\u2060", author="\u2060", id=81), id=13, title="On\u200b \u202ethe slip"),
            author("\u2060", "\u200b", number=9),
            item("y", id=14, creator="\u2060"),
        )
    )  # fmt: skip

    shown = Comment.objects.get(page__title="On the slip")
    assert (shown.body, shown.author_label) == ("Libraries lend.", "Roger Wight")
    assert counted(report, "comment") == {"imported": 3, "skipped": 1}
    assert "It has no words" in {one["reason"] for one in report["skipped"]}
    assert Person.objects.filter(name="Somebody unnamed").exists()
