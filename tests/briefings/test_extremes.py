"""A briefing of whatever size, with whatever somebody typed: every form of it comes out, and the checks say why not."""

import io
import json
import uuid
import zipfile
from xml.etree import ElementTree as ET

import jsonschema
import pikepdf
import pytest
from django.utils.html import strip_tags

from briefings.exports import as_data, schema
from briefings.models import BriefingPage
from briefings.printing import print_briefing, print_html
from briefings.readiness import checks_of
from briefings.word import as_document
from gathering.models import Excerpt
from tests.factories.briefings import (
    make_entry,
    make_event,
    make_excerpt,
    make_point,
    make_ready_briefing,
    point_block,
)

pytestmark = pytest.mark.django_db

UNBROKEN = "Unbrokenwordwithoutend" * 9
# Turns what follows around, ends nothing, is no text in XML, or cuts a word unseen.
HOSTILE = "\u202eturned around\u200b\x0b\x1f\ufeff<b>&amp;</b> ]]> 𝄞 مرحبا"


def every_form(client, briefing):
    """The page if it is published, PDF, what it is set from, Word and data of a briefing, each read again."""
    if briefing.live:
        assert client.get(briefing.url).status_code == 200
    printed = print_briefing(briefing)
    assert len(pikepdf.open(io.BytesIO(printed.content)).pages) == printed.pages
    with zipfile.ZipFile(io.BytesIO(as_document(briefing))) as word:
        document = ET.fromstring(word.read("word/document.xml"))  # noqa: S314 made here
    data = as_data(briefing)
    jsonschema.validate(data, schema())
    return printed, strip_tags(print_html(briefing)), "".join(document.itertext()), data


@pytest.mark.parametrize("count", [3, 7, 12])
def test_briefing_of_any_number_of_points_comes_out_in_every_form(client, count):
    ready = make_ready_briefing(points=count)
    briefing = ready.publish()

    printed, text, word, data = every_form(client, briefing)

    assert printed.fits
    assert [point["number"] for point in data["points"]] == list(range(1, count + 1))
    for number in range(1, count + 1):
        assert f"Question {number}?" in text
        assert f"{number}  Question {number}?" in word


def test_hundred_citations_come_out_in_every_form(client):
    ready = make_ready_briefing(points=7)
    blocks = []
    for index, point in enumerate(ready.points):
        many = [make_excerpt(ready.entries[index][turn % 2], point) for turn in range(14 if index else 16)]
        blocks.append(point_block(cites=many, block_id=point.pk))
    ready.briefing.points = json.dumps(blocks)
    briefing = ready.publish()

    printed, text, _, data = every_form(client, briefing)

    assert sum(len(point["citations"]) for point in data["points"]) == 100
    assert "1p" in text
    assert "7n" in text
    assert (
        printed.warning
        == "The print runs to 3 pages instead of 2. Shorten the closing or cite less, or choose more pages."
    )


def test_draft_with_everything_wrong_comes_out_and_is_told_what(client, ready):
    elsewhere = make_event("Another summit")
    foreign = make_excerpt(make_entry(elsewhere, "Said somewhere else."), make_point(elsewhere, None, 1))
    taken_back = make_excerpt(ready.entries[0][0], ready.points[0])
    Excerpt.objects.filter(pk=taken_back.pk).update(removed_at="2026-10-20T10:00Z")
    ready.briefing.points = json.dumps(
        [
            point_block("", [taken_back, uuid.uuid4(), "no id"], ready.points[0].pk, text=""),
            point_block("Said elsewhere?", [foreign], ready.points[1].pk),
        ]
    )
    ready.briefing.opening = ready.briefing.closing = ""
    ready.briefing.save_revision(clean=False)
    draft = BriefingPage.objects.get().get_latest_revision_as_object()

    every_form(client, draft)

    assert {(check.kind, check.point) for check in checks_of(draft) if check.blocks} == {
        ("points", None),
        ("heading", 1),
        ("missing", 1),
        ("foreign", 2),
    }


def test_thirteen_points_come_out_and_block(client):
    ready = make_ready_briefing(points=13)
    ready.briefing.save_revision(clean=False)

    every_form(client, ready.briefing)

    assert [check.message for check in checks_of(ready.briefing) if check.blocks] == [
        "A briefing has 3 to 12 points; this one has 13."
    ]


@pytest.mark.parametrize("typed", [UNBROKEN, HOSTILE, "word " * 50], ids=["unbroken", "hostile", "long"])
def test_whatever_is_typed_comes_out_in_every_form(client, ready, typed):
    ready.briefing.title = typed[:200].strip()
    ready.briefing.series.strapline = f"<p>{typed.replace('<', '').replace('&', '')}</p>" * 2
    ready.briefing.series.full_clean()
    ready.briefing.series.save()
    blocks = ready.briefing.points.get_prep_value()
    blocks[0]["value"]["heading"] = typed[:200]
    ready.briefing.points = json.dumps(blocks)
    # As the editor's form does; the page's own texts are cleaned when it is saved.
    ready.briefing.points = ready.briefing.points.stream_block.clean(ready.briefing.points)
    ready.briefing.credit = typed[:200]
    ready.briefing.full_clean()
    ready.briefing.save()
    briefing = ready.publish()

    _, text, word, data = every_form(client, briefing)

    for form in (text, word, data["title"], data["credit"], client.get(briefing.url).content.decode()):
        assert "\u202e" not in form
        assert "\x0b" not in form
