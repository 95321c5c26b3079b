"""Citations in rich text: found, lettered, replaced, and carried through the editor and back."""

import uuid

import pytest
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.rich_text import RichText, expand_db_html, extract_references_from_rich_text

from briefings import citations
from briefings.blocks import DISCUSSION_FEATURES
from briefings.rich_text import ENTITY
from gathering.models import Excerpt

ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)


def test_codes_continue_after_z():
    assert [citations.code(3, index) for index in (0, 1, 25, 26, 27, 701, 702)] == [
        "3a",
        "3b",
        "3z",
        "3aa",
        "3ab",
        "3zz",
        "3aaa",
    ]


def test_cited_names_each_excerpt_once_in_order_of_appearance():
    html = f"<p>One.{citations.markup(TWO)} Two.{citations.markup(ONE)}</p><p>Again.{citations.markup(TWO)}</p>"

    assert citations.cited(html) == [TWO, ONE]


@pytest.mark.parametrize("reference", ["", "7", "not-an-id", "&quot;&gt;"])
def test_cited_keeps_a_reference_that_is_no_id(reference):
    assert citations.cited(f'<p>One.<a linktype="citation" excerpt="{reference}">†</a></p>') == [None]


def test_cited_passes_over_other_links():
    html = '<p><a href="https://example.org/?linktype=citation">there</a> and <a linktype="page" id="3">here</a></p>'

    assert citations.cited(html) == []
    assert citations.replace(html, lambda _: "never") == html


def test_without_leaves_the_text_and_takes_the_space_before_a_citation():
    assert citations.without(f"<p>at all. {citations.markup(ONE)} Count it.</p>") == "<p>at all. Count it.</p>"


def test_citation_survives_the_editor_and_back():
    converter = ContentstateConverter(features=DISCUSSION_FEATURES)
    html = (
        f'<p data-block-key="aaaaa">Nobody <b>wrote it</b> down.{citations.markup(ONE)} '
        f"Two did.{citations.markup(TWO)}{citations.markup(ONE)}</p>"
    )

    state = converter.from_database_format(html)

    assert state.count(f'"type": "{ENTITY}"') == 3
    assert state.count('"mutability": "IMMUTABLE"') == 3
    assert converter.to_database_format(state) == html


def test_citation_without_a_target_survives_the_editor_too():
    converter = ContentstateConverter(features=DISCUSSION_FEATURES)
    html = '<p data-block-key="aaaaa">Said.<a linktype="citation" excerpt="gone">†</a></p>'

    assert converter.to_database_format(converter.from_database_format(html)) == html


def test_editor_text_inside_a_citation_is_not_kept():
    converter = ContentstateConverter(features=DISCUSSION_FEATURES)
    state = converter.from_database_format(f'<p data-block-key="aaaaa">Said.{citations.markup(ONE)}</p>')

    html = converter.to_database_format(state.replace("Said.†", "Said.x"))

    assert html == f'<p data-block-key="aaaaa">Said.{citations.markup(ONE)}</p>'


def test_citation_is_refused_where_the_feature_is_off():
    converter = ContentstateConverter(features=["bold"])

    html = converter.to_database_format(converter.from_database_format(f"<p>Said.{citations.markup(ONE)}</p>"))

    assert "citation" not in html


def test_citation_outside_a_briefing_is_a_mark_without_address():
    assert expand_db_html(f"<p>Said.{citations.markup(ONE)}</p>") == (
        f'<p>Said.<a class="citation" data-excerpt="{ONE}">†</a></p>'
    )
    assert str(RichText('<a linktype="citation" excerpt="&lt;script&gt;">†</a>')).count("<script>") == 0


def test_citation_is_a_reference_to_its_excerpt():
    html = f'<p>{citations.markup(ONE)}<a linktype="citation" excerpt="broken">†</a></p>'

    assert list(extract_references_from_rich_text(html)) == [(Excerpt, str(ONE), "", "")]
