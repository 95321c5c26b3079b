from email.utils import parsedate_to_datetime

from defusedxml import ElementTree
from wagtail.models import PageViewRestriction

from discussion.actions import hide_comment
from discussion.models import Comment, Mention
from news.models import PostPage
from propositions.models import PropositionPage
from tests.factories.discussion import moderator
from tests.factories.wordpress import comment, item, summit, write
from wordpress.actions import prepare_import, run_import, undo_import
from wordpress.models import Batch
from wordpress.reader import Item, read_export
from wordpress.writing import write_export

WORD = "tide"
BODY = (
    'One <b>loud</b> & "clear" ]]> word.\n\n<h2>On the quay</h2>\n\n'
    "<blockquote><p>Lend it.</p><cite>Ada Finch</cite></blockquote>\n\n"
    "<table><tr><td>x</td></tr></table>\n\nA mark* here.\n\n* On paper."
)


def bring(actor, path):
    return run_import(actor=actor, batch=prepare_import(actor=actor, path=path), path=path)


def words(block):
    return [note.source for note in block.value] if block.block_type == "footnotes" else str(block.value)


def said():
    return {
        "posts": sorted(
            (post.title, str(post.date), post.category, post.author and post.author.name, [
                (block.block_type, words(block)) for block in post.body
            ])
            for post in PostPage.objects.all()
        ),
        "propositions": [
            (page.number, page.title, page.slug, [str(one) for one in page.facilitators], str(page.statement))
            for page in PropositionPage.objects.order_by("number")
        ],
        "comments": sorted(
            Comment.objects.values_list("comment", "user_name", "state", "level", "submit_date", "page__title")
        ),
        "mentions": sorted(Mention.objects.values_list("source_url", "title", "excerpt", "state", "page__title")),
    }  # fmt: skip


def test_what_is_written_is_read_back_the_same(organiser, tmp_path):
    first = bring(
        organiser,
        write(tmp_path, *summit(item(BODY, comment("Waits & <waits>.", approved="0"), id=40, title="Tea & <nets>"))),
    )
    before = said()

    counts = write_export(tmp_path / "out.xml")
    undo_import(actor=organiser, batch=first)
    assert said() == {"posts": [], "propositions": [], "comments": [], "mentions": []}
    bring(organiser, tmp_path / "out.xml")

    assert counts == {"post": 3, "page": 0, "comment": 3, "pingback": 1}
    assert said() == before


def test_hidden_comments_and_addresses_stay_here(organiser, tmp_path):
    bring(organiser, write(tmp_path, item("x", comment("Rude.", email="roger@secret.example"), id=40)))
    hide_comment(actor=moderator(), comment=Comment.objects.get(), reason="Rude")

    counts = write_export(tmp_path / "out.xml")

    assert counts["comment"] == 0
    assert "secret.example" not in (tmp_path / "out.xml").read_text()


def test_pages_that_not_everybody_may_read_stay_so(organiser, tmp_path):
    bring(
        organiser,
        write(tmp_path, item(id=1, title="Open"), item(id=2, title="Word", password=WORD), item(id=3, title="Inside")),
    )
    page = PostPage.objects.get(title="Inside")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    write_export(tmp_path / "out.xml")

    items = [one for one in read_export(tmp_path / "out.xml") if isinstance(one, Item)]
    assert {one.title: (one.status, one.password) for one in items} == {
        "Open": ("publish", ""),
        "Word": ("publish", WORD),
        "Inside": ("private", ""),
    }


def test_one_event_is_written_alone(organiser, tmp_path):
    bring(organiser, write(tmp_path, *summit()))

    counts = write_export(tmp_path / "out.xml", Batch.objects.get().event)

    # The post of news came in with it.
    assert counts == {"post": 2, "page": 0, "comment": 2, "pingback": 1}


def test_other_programs_find_dates_and_marks_where_they_look_for_them(organiser, tmp_path, settings):
    bring(organiser, write(tmp_path, *summit()))

    write_export(tmp_path / "out.xml")

    records = ElementTree.parse(tmp_path / "out.xml").getroot().findall("channel/item")
    assert len(records) == 2
    for record in records:
        moment = parsedate_to_datetime(record.findtext("pubDate"))
        assert f"{moment:%Y-%m-%d %H:%M:%S}" == record.findtext("{http://wordpress.org/export/1.2/}post_date_gmt")
        number = record.findtext("{http://wordpress.org/export/1.2/}post_id")
        assert record.findtext("guid") == f"{settings.BASE_URL}/?p={number}"
        assert record.find("description") is not None
