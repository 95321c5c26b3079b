"""Words and links smuggled into a text."""

import random
import time

import pytest

from content.injected import REASONS, Kind, find_injected_text, without


def found(source, *, is_html=True, **options):
    return find_injected_text(source, is_html=is_html, **options)


def test_phrase_in_the_middle_of_a_sentence_is_found_and_leaves_the_sentence_whole():
    source = "<p>Half of our wards order kamagra online uk now have a warm room.</p>"

    [finding] = found(source)

    assert (finding.kind, finding.quote) == (Kind.PHRASE, "order kamagra online uk")
    assert (finding.before, finding.after) == ("Half of our wards", "now have a warm room.")
    assert without(source, finding) == "<p>Half of our wards now have a warm room.</p>"


@pytest.mark.parametrize(
    "words",
    [
        "cheap viagra",
        "V1AGRA",
        "v.i.a.g.r.a",
        "vi\u200bagra",
        "viаgrа",  # two Cyrillic letters
        "via&#103;ra",
        "via<b>gra</b>",
        "buy tramadol online",
        "canadian pharmacy",
        "best online casino bonus",
        "slot gacor",
        "payday loans direct lenders",
        "instant personal loans online",
        "write my essay",
        "dissertation writing service",
        "replica louis vuitton handbags",
        "buy cheap backlinks",
        "double your bitcoin",
        "escort services",
        "make $5,000 a week from home",
    ],
)
def test_phrase_of_advertisements_is_found(words):
    [finding] = found(f"<p>The rota {words} is on the door.</p>")

    assert finding.kind == Kind.PHRASE


@pytest.mark.parametrize(
    "words",
    [
        "A specialist told the socialists that initialising takes time.",
        "The council has no view on the casino, and a firm one on payday loans.",
        "Two in five of those in debt have a personal loan; one in nine a payday lender.",
        "We asked a pharmacist why the surgery had stopped tramadol prescriptions.",
        "Gambling harm is a matter of public health: betting shops stand in the poorest streets.",
        "Essays by delegates are printed in full. My homework was the thesis of proposition 3.",
        "The library lends slots at its bench, by the hour, online or by telephone.",
        "Order online or at the desk. Cheap and cheerful, no prescription for everybody.",
        "See www.example.org, or write to clerk@example.org; the price is £40 a week.",
    ],
)
def test_honest_words_are_left_alone(words):
    assert found(f"<p>{words}</p>") == []
    assert found(words, is_html=False) == []


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : None !important",
        "visibility:hidden",
        "font-size:0",
        "font-size: 1px;",
        "opacity:0",
        "position:absolute; left:-9999px",
        "text-indent:-5000px",
        "height:0;overflow:hidden",
        "color:#fff",
    ],
)
def test_hidden_words_are_found_and_go_with_all_they_hold(style):
    source = f'<p>Before.</p><div style="{style}">see <a href="https://a.example/">this</a></div><p>After.</p>'

    [finding] = found(source)

    assert (finding.kind, without(source, finding)) == (Kind.HIDDEN, "<p>Before.</p><p>After.</p>")


@pytest.mark.parametrize("name", ["dsc.jpg", "Minutes.of.June.PDF", "photos.zip"])
def test_name_of_a_file_is_no_host(name):
    assert found(f'<p><a href="https://files.example/2011/{name}">{name}</a></p>') == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://evil.example/photos", "photos.zip"),
        ("https://evil.example/www.gov.uk", "www.gov.uk"),
        ("https://evil.example/a.jpg", "https://www.gov.uk/a.jpg"),
        ("https://evil.example/a.jpg", "www.gov.uk/a.jpg"),
    ],
)
def test_name_of_a_host_is_no_file(address, words):
    [finding] = found(f'<p><a href="{address}">{words}</a></p>')

    assert finding.kind == Kind.MASKED_LINK


def test_ordinary_styles_hide_nothing():
    assert found('<p style="font-size:10px; color:#fff1f0; height:100px; opacity:0.8">Small print</p>') == []


@pytest.mark.parametrize(
    ("source", "kind", "left"),
    [
        ("<p>a</p><script>x('</p>')</script><p>b</p>", Kind.SCRIPT, "<p>a</p><p>b</p>"),
        ('<p onclick="go()" id="x">a</p>', Kind.SCRIPT, '<p id="x">a</p>'),
        ('<p><a href=" java&#115;cript:go()">a</a></p>', Kind.SCRIPT, "<p>a</p>"),
        ('<iframe src="https://a.example/" width="1"></iframe><p>a</p>', Kind.SCRIPT, "<p>a</p>"),
        ("<p>a eval(unesc) b</p>", Kind.SCRIPT, "<p>a unesc) b</p>"),
        ('<p>a netw<a href="https://a.example/">ork</a> b</p>', Kind.LINK_IN_WORD, "<p>a network b</p>"),
        ('<p>a <a href="https://a.example/"> </a>b</p>', Kind.EMPTY_LINK, "<p>a b</p>"),
        ('<p><a href="https://a.example/">www.gov.uk/x</a></p>', Kind.MASKED_LINK, "<p>www.gov.uk/x</p>"),
        ('<p><a href="http://203.0.113.9/a">rota</a></p>', Kind.ODD_LINK, "<p>rota</p>"),
        ('<p><a href="https://gov.uk@a.example/">rota</a></p>', Kind.ODD_LINK, "<p>rota</p>"),
        ('<p><a href="https://best-casino.example/">rota</a></p>', Kind.ODD_LINK, "<p>rota</p>"),
        ('<p>a <a href="https://a.example/">cheap levitra</a> b</p>', Kind.PHRASE, "<p>a  b</p>"),
    ],
)
def test_odd_markup_is_found_and_can_be_taken_out(source, kind, left):
    [finding] = found(source)

    assert (finding.kind, without(source, finding)) == (kind, left)
    assert finding.reason == REASONS[kind]


@pytest.mark.parametrize(
    "source",
    [
        '<p>The <a href="https://a.example/">council</a>s agree, <a href="https://b.example/">so do we</a>.</p>',
        '<p>At <a href="https://www.gov.uk/x">gov.uk</a> or <a href="https://data.gov.uk/">https://www.data.gov.uk</a></p>',
        '<p><a href="https://a.example/"><img src="/m/a.png" alt=""></a><a id="note-1"></a></p>',
        '<p>P<a linktype="page" id="3">age</a> 3, <a href="/casino/">next</a> <a href="mailto:x@a.example">x</a></p>',
        '<iframe src="https://video.example/1" width="560" height="315"></iframe>',
        "<!-- viagra, in a comment that no reader sees --><p>3 < 4 & 5 > 4</p>",
    ],
)
def test_honest_markup_is_left_alone(source):
    assert found(source) == []


def test_own_hosts_are_never_odd():
    source = '<p><a href="https://www.casino-debate.example/">us</a></p>'

    assert [finding.kind for finding in found(source)] == [Kind.ODD_LINK]
    assert found(source, own_hosts=["casino-debate.example"]) == []


def test_plain_text_is_searched_for_addresses_and_scripts_too():
    text = "Look: http://cheap-meds.example/x and <script>go()</script>, or https://www.gov.uk/casino."

    assert [(finding.kind, finding.quote) for finding in found(text, is_html=False)] == [
        (Kind.ODD_LINK, "http://cheap-meds.example/x"),
        (Kind.SCRIPT, "<script"),
        (Kind.SCRIPT, "</script"),
    ]


def test_findings_stand_in_order_and_once_each():
    source = (
        '<p>Buy cialis.</p><p hidden>buy cialis <a href="https://pills.example/">here</a></p><p>Online casino.</p>' * 2
    )

    kinds = [finding.kind for finding in found(source)]

    assert kinds == [Kind.PHRASE, Kind.HIDDEN, Kind.PHRASE] * 2


def test_long_texts_keep_their_places():
    source = "<p>" + "word " * 120_000 + "</p><p>cheap viagra</p>"

    [finding] = found(source)

    assert without(source, finding) == "<p>" + "word " * 120_000 + "</p><p></p>"


def test_texts_made_to_be_slow_are_not():
    """What grew with the square of the length would take minutes."""
    parts = [
        "<a ",
        "<!--",
        "<script>",
        '"',
        '<a href="',
        "viagra ",
        "buy ",
        "<b>",
        "</b>",
        " onload=",
        "&",
        "<p a=",
        "eval  (",
    ]
    for part in parts:
        source = part * (100_000 // len(part))
        start = time.process_time()
        found(source)
        assert time.process_time() - start < 8, part


def test_anything_at_all_can_be_read_and_taken_out():
    draw = random.Random(4)
    pieces = [
        "<a href='https://x.example/'>",
        "</a>",
        "<b",
        ">",
        "viagra",
        "net",
        '<p style="display:none">',
        "</p>",
        "&#118;",
    ]
    pieces += ["<script>", "</script>", '"', "'", "<!--", "-->", " online ", "é", "\u200b", "<", "&amp;"]
    for _ in range(200):
        source = "".join(draw.choice(pieces) for _ in range(30))
        for finding in found(source):
            rest = without(source, finding)
            assert len(rest) < len(source)
            assert 0 <= finding.start < finding.end <= len(source)
