"""A briefing as Word and as data: what others can open, and what a schema says of it."""

import io
import json
import zipfile
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from briefings import exports, word
from briefings.actions import add_follow_up
from briefings.models import FollowUp
from gathering.models import Entry
from tests.factories.briefings import make_excerpt, point_block

pytestmark = pytest.mark.django_db

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def opened(content):
    return zipfile.ZipFile(io.BytesIO(content))


def tree(package, name):
    return ET.fromstring(package.read(name))  # noqa: S314 written by ourselves


def text_of(node):
    return "".join(part.text or "" for part in node.iter(f"{W}t"))


def paragraphs(package, style):
    return [
        text_of(paragraph)
        for paragraph in tree(package, "word/document.xml").iter(f"{W}p")
        if paragraph.find(f"{W}pPr/{W}pStyle").get(f"{W}val") == style
    ]


# Word


def test_word_has_real_headings_and_a_footnote_for_each_citation(ready):
    briefing = ready.publish()
    package = opened(word.as_document(briefing))

    assert package.testzip() is None
    assert paragraphs(package, "Title") == [f"4  {briefing.title}"]
    assert paragraphs(package, "Heading1") == [
        *(f"{point.number}  {point.heading}" for point in briefing.published_points.all()),
        "In closing",
        "How it was made",
    ]
    notes = [note for note in tree(package, "word/footnotes.xml") if int(note.get(f"{W}id")) > 0]
    assert [text_of(note)[:44] for note in notes] == [
        f" {number}a  “These are the words of {number}.1.” Hall steward"[:44] for number in (1, 2, 3)
    ]
    assert len(list(tree(package, "word/footnotes.xml").iter(f"{W}footnoteRef"))) == 3
    marks = list(tree(package, "word/document.xml").iter(f"{W}footnoteReference"))
    assert [mark.get(f"{W}id") for mark in marks] == ["1", "2", "3"]


def test_every_address_and_part_of_the_word_file_is_there(ready):
    package = opened(word.as_document(ready.publish()))
    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

    for part in ("document", "footnotes"):
        rows = {row.get("Id"): row for row in tree(package, f"word/_rels/{part}.xml.rels")}
        used = {node.get(relation) for node in tree(package, f"word/{part}.xml").iter() if node.get(relation)}
        assert used <= rows.keys()
        inside = [row.get("Target") for row in rows.values() if row.get("TargetMode") != "External"]
        assert {f"word/{name}" for name in inside} <= set(package.namelist())
    types = {row.get("PartName") for row in tree(package, "[Content_Types].xml") if row.get("PartName")}
    assert {name.lstrip("/") for name in types} <= set(package.namelist())


def test_citation_that_comes_twice_has_one_footnote_and_a_way_to_it(ready):
    excerpt = ready.excerpts[0][0]
    twice = point_block(cites=[excerpt, excerpt], block_id=ready.points[0].pk)
    ready.briefing.points = json.dumps([twice, *ready.briefing.points.get_prep_value()[1:]])
    package = opened(word.as_document(ready.publish()))

    document = tree(package, "word/document.xml")
    assert [mark.get(f"{W}name") for mark in document.iter(f"{W}bookmarkStart")].count("cite_1a") == 1
    assert [link.get(f"{W}anchor") for link in document.iter(f"{W}hyperlink")].count("cite_1a") == 1


def test_word_keeps_emphasis_and_links_and_leaves_out_what_xml_cannot_hold(ready):
    link = '<a href="https://example.org/?a=1&amp;b=2">So</a>'
    ready.briefing.opening = f"<p>Ask <i>sooner</i> and <b>louder</b>.\x0b {link}</p>"
    package = opened(word.as_document(ready.publish()))

    opening = next(
        paragraph
        for paragraph in tree(package, "word/document.xml").iter(f"{W}p")
        if paragraph.find(f"{W}pPr/{W}pStyle").get(f"{W}val") == "Opening"
    )
    assert text_of(opening) == "Ask sooner and louder. So"
    assert [text_of(run) for run in opening.iter(f"{W}r") if run.find(f"{W}rPr/{W}i") is not None] == ["sooner"]
    assert [text_of(run) for run in opening.iter(f"{W}r") if run.find(f"{W}rPr/{W}b") is not None] == ["louder"]
    assert b"https://example.org/?a=1&amp;b=2" in package.read("word/_rels/document.xml.rels")


def test_withdrawn_words_are_not_in_word(ready):
    briefing = ready.publish()
    Entry.objects.filter(pk=ready.entries[0][0].pk).update(source_withdrawn_at="2026-10-20T10:00Z")

    notes = opened(word.as_document(briefing)).read("word/footnotes.xml").decode()

    assert "words of 1.1" not in notes
    assert "Withdrawn by its author." in notes


def test_word_is_served_as_a_file(client, ready):
    assert client.get("/b/4.docx").status_code == 404
    ready.publish()

    response = client.get("/b/4.docx")

    assert response["Content-Type"] == word.MEDIA_TYPE
    assert response["Content-Disposition"] == 'attachment; filename="briefing-4.docx"'


# Data


def check(data):
    jsonschema.validators.validator_for(exports.schema()).check_schema(exports.schema())
    jsonschema.validate(data, exports.schema(), format_checker=jsonschema.FormatChecker())


def test_data_keeps_to_its_schema_whatever_became_of_a_source(client, ready):
    extra = make_excerpt(ready.entries[0][1], ready.points[0], role="opposes")
    first = point_block(cites=[ready.excerpts[0][0], extra], block_id=ready.points[0].pk)
    ready.briefing.points = json.dumps([first, *ready.briefing.points.get_prep_value()[1:]])
    briefing = ready.publish()
    add_follow_up(
        actor=ready.editor,
        briefing=briefing,
        point=ready.points[1],
        promise="Cut a second key",
        owner="The clerk",
        state=FollowUp.State.DONE,
    )
    Entry.objects.filter(pk=ready.entries[0][0].pk).update(source_withdrawn_at="2026-10-20T10:00Z")

    data = client.get("/b/4.json").json()

    check(data)
    gone, shown = data["points"][0]["citations"]
    assert (gone["text"], gone["spans"], gone["source_hash"], gone["gone"]) == (
        None,
        [],
        None,
        "Withdrawn by its author.",
    )
    entry = ready.entries[0][1]
    start, end = shown["spans"][0]
    assert (entry.text[start:end], shown["source_hash"], shown["entry"]) == (shown["text"], entry.text_hash, entry.pk)
    assert [row["id"] for row in data["points"][0]["entries"]] == [one.pk for one in ready.entries[0]]
    assert [row["text"] is None for row in data["points"][0]["entries"]] == [True, False]
    assert [row["promise"] for row in data["points"][1]["follow_ups"]] == ["Cut a second key"]


def test_schema_refuses_what_a_briefing_never_has(client, ready):
    ready.publish()
    data = client.get("/b/4.json").json()
    check(data)
    data["points"][0]["citations"][0]["author_key"] = "somebody"

    with pytest.raises(jsonschema.ValidationError):
        check(data)


def test_schema_stands_at_the_address_the_data_gives(client, ready):
    ready.publish()
    address = client.get("/b/4.json").json()["$schema"]

    response = client.get("/" + address.split("/", 3)[3])

    assert response["Content-Type"] == "application/schema+json"
    assert response.json() == exports.schema()
    assert client.get("/b/schema/99.json").status_code == 404
