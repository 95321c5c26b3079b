import codecs
import io

import pytest

from tests.factories.wordpress import at, author, category, comment, export, item, tag
from wordpress import reader
from wordpress.reader import Author, Blog, Item, Repairs, Term, UnreadableExport, read_stream


def read(text, repairs=None):
    content = text if isinstance(text, bytes) else text.encode()
    return list(read_stream(io.BytesIO(content), repairs))


def items(text):
    return [record for record in read(text) if isinstance(record, Item)]


def test_export_is_read_record_by_record():
    blog, writer, sort, word, post = read(
        export(
            author("ada", "Ada Finch"),
            category("news", "News", parent="all"),
            tag("boats", "Boats"),
            item("<p>One & two</p>", comment("Yes."), title="Tea & nets", categories=[("news", "News")]),
        )
    )

    assert blog == Blog("Harbour Summit 2011", "https://old.example.org", "11-13 October 2011", "1.2")
    assert writer == Author("ada", "1", "Ada Finch", "ada@old.example.org")
    assert sort == Term("category", "news", "News", "all", sort.id)
    assert sort.id.isdecimal()
    assert word == Term("tag", "boats", "Boats")
    assert (post.title, post.content, post.kind, post.status) == ("Tea & nets", "<p>One & two</p>", "post", "publish")
    assert post.date == at("2011-09-01 09:00:00")
    assert [term.slug for term in post.categories] == ["news"]
    assert [(one.author, one.content, one.approved) for one in post.responses] == [("Roger Wight", "Yes.", "1")]


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_every_version_of_the_format_is_read(version):
    assert items(export(item("Words", id=5), version=version))[0].content == "Words"


def test_addresses_of_namespaces_may_be_secure():
    text = export(item("Words", excerpt="Few")).replace("http://wordpress.org", "https://wordpress.org")

    assert (items(text)[0].content, items(text)[0].excerpt) == ("Words", "Few")


@pytest.mark.parametrize(
    "date",
    [
        "0000-00-00 00:00:00", "", "soon", "2011-13-45 99:00:00", "0001-01-01 00:00:00", "1969-12-31 23:59:59",
        "9999-12-31 23:59:59",
    ],
)  # fmt: skip
def test_missing_date_is_none(date):
    assert items(export(item(date=date)))[0].date is None


def test_date_of_publication_stands_in_for_a_missing_one():
    text = export(item(date="0000-00-00 00:00:00")).replace(
        "<pubDate></pubDate>", "<pubDate>Thu, 01 Sep 2011 09:00:00 +0100</pubDate>"
    )

    assert items(text)[0].date == at("2011-09-01 08:00:00")


def test_text_before_the_declaration_and_a_mark_are_passed_over():
    assert items(codecs.BOM_UTF8 + b"\n\n  " + export(item()).encode())
    assert items(export(item("Öl", id=5), encoding="UTF-16").encode("utf-16"))[0].content == "Öl"


def test_other_encodings_are_read():
    assert items(export(item("Brücke – café"), encoding="windows-1252").encode("cp1252"))[0].content == "Brücke – café"


def test_wrong_bytes_and_forbidden_characters_are_mended_and_counted():
    repairs = Repairs()
    content = export(item("Caf#e at the\x08 quay")).encode().replace(b"#e", b"\xe9")

    post = read(content, repairs)[-1]

    assert post.content == "Café at the quay"
    assert (repairs.wrong_bytes, repairs.control_characters) == (1, 1)
    assert len(repairs.notes()) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"PK\x03\x04zip", "Unpack it"),
        (b"{}", "no XML. Give the"),
        (b"<!doctype html><title>Our blog</title>", "no XML. Give the"),
        (b"<rss><channel><title>Feed</title><item><title>A</title></item></channel></rss>", "feed of a blog"),
        (b"<html><body>Not found</body></html>", "does not begin like one"),
        (b"<rss></rss>", "nothing of a blog"),
        (b"<?xml version='1.0' encoding='rot13'?><rss/>", "is not"),
        (b"<?xml version='1.0' encoding='klingon'?><rss/>", "nobody knows"),
        (export(item()).encode()[:900], "cut short"),
    ],
)
def test_what_is_no_export_is_refused_in_words(content, words):
    with pytest.raises(UnreadableExport, match=words):
        read(content)


def test_entities_of_its_own_are_refused():
    bomb = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    outside = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

    for declaration in (bomb, outside):
        with pytest.raises(UnreadableExport, match="entities"):
            read(export(item()).replace("<rss ", f"{declaration}<rss ", 1))


def test_deep_nesting_is_refused():
    with pytest.raises(UnreadableExport, match="nested"):
        read(export("<item>" + "<b>" * 200 + "</b>" * 200 + "</item>"))


def test_post_larger_than_any_is_refused(monkeypatch):
    monkeypatch.setattr(reader, "LARGEST_RECORD", 200_000)

    with pytest.raises(UnreadableExport, match="single post"):
        read(export(item("x" * 600_000)))


def test_nothing_read_is_kept(monkeypatch):
    """What is weighed since the last record stays small however long the file is."""
    monkeypatch.setattr(reader, "LARGEST_RECORD", 200_000)

    assert len(items(export(*(item("x" * 20_000) for _ in range(100))))) == 100
