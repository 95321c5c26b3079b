"""Plain text becomes HTML that can do nothing but say what was typed."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discussion.text import ALLOWED_TAGS, has_link, normalise, render_comment

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><svg onload=alert(1)>',
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/'onmouseover='alert(1)",
    "https://example.org/<script>alert(1)</script>",
    "https://example.org/`onload=alert(1)`",
    "http://javascript:alert(1)@example.org/",
    "HTTPS://EXAMPLE.ORG/%0ajavascript:alert(1)",
    "*<img src=x onerror=alert(1)>*",
    "**<b onmouseover=alert(1)>x</b>**",
    "> <iframe src=//evil.example></iframe>",
    "- <style>@import 'https://evil.example'</style>",
    "1. <base href=//evil.example>",
    "<math><mtext></p><style><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<details open ontoggle=alert(1)>",
    "<form action=//evil.example><button>x",
    "<!--<img src='--><img src=x onerror=alert(1)>'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)",
    "＜script＞alert(1)＜/script＞",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<ｉｍｇ src=x onerror=alert(1)>",
    "{{ 7*7 }}{% include 'x' %}",
    "${7*7}",
    "]]>--><script>alert(1)</script>",
    "<a href='https://example.org' target=_blank rel=opener>x</a>",
    'https://example.org/?a=1&b=<c>&d="e"',
    "http://[::1]:80/<x>",
    "\u202e<tpircs>",
]


class Reader(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def read(text):
    reader = Reader()
    reader.feed(render_comment(text))
    reader.close()
    return reader


def assert_harmless(text):
    for tag, attributes in read(text).tags:
        assert tag in ALLOWED_TAGS
        if tag == "a":
            assert set(attributes) == {"href", "rel"}
            assert attributes["rel"] == "nofollow ugc noopener"
            assert re.match(r"^https?://", attributes["href"], re.IGNORECASE)
        elif tag in ("ol", "li") and attributes:
            [(name, number)] = attributes.items()
            assert (tag, name) in {("ol", "start"), ("li", "value")}
            assert number.isdigit()
        else:
            assert attributes == {}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("frame", ["{}", "*{}*", "> {}", "- {}\n- {}", "https://example.org/{}", "a\n\n1. {}\n\nb"])
def test_payload_comes_out_as_words(payload, frame):
    assert_harmless(frame.replace("{}", payload))


@given(st.text(alphabet=st.sampled_from("<>\"'&*>-1. \nahttps:/\\`x;=()"), max_size=120))
def test_whatever_is_typed_is_harmless(text):
    assert_harmless(text)


@given(st.text(max_size=200))
def test_no_word_is_lost(text):
    words = re.findall(r"[a-z]{3,}", normalise(text).replace("http", ""))
    rendered = read(normalise(text)).text

    assert all(word in rendered for word in words)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.", "<p>One.</p>"),
        ("One.\nTwo.\n\nThree.", "<p>One.<br>Two.</p><p>Three.</p>"),
        ("So *much* to say", "<p>So <em>much</em> to say</p>"),
        ("So **very** much", "<p>So <strong>very</strong> much</p>"),
        ("2 * 3 * 4 and a*b*c", "<p>2 * 3 * 4 and a*b*c</p>"),
        ("- one\n- two\n\nafter", "<ul><li>one</li><li>two</li></ul><p>after</p>"),
        ("1. one\n2) two", "<ol><li>one</li><li>two</li></ol>"),
        ("3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("1. one\n\n2. two", '<ol><li>one</li></ol><ol start="2"><li>two</li></ol>'),
        ("1. one\n1. again\n5. five", '<ol><li>one</li><li value="1">again</li><li value="5">five</li></ol>'),
        ("- one\n  goes on\n- two\n\tand on", "<ul><li>one<br>goes on</li><li>two<br>and on</li></ul>"),
        ("1. one\n   goes on\nafter", "<ol><li>one<br>goes on</li></ol><p>after</p>"),
        ("- one\nnot indented", "<ul><li>one</li></ul><p>not indented</p>"),
        ("Before:\n- one", "<p>Before:</p><ul><li>one</li></ul>"),
        ("> said\n> before\n\nNo.", "<blockquote><p>said<br>before</p></blockquote><p>No.</p>"),
        ("> > deep", "<blockquote><p>&gt; deep</p></blockquote>"),
        ("5 > 3 & 2 < 4", "<p>5 &gt; 3 &amp; 2 &lt; 4</p>"),
        (
            "See https://www.example.org/a_(b)?x=1&y=2.",
            '<p>See <a href="https://www.example.org/a_(b)?x=1&amp;y=2" rel="nofollow ugc noopener">'
            "example.org/a_(b)?x=1&amp;y=2</a>.</p>",
        ),
        (
            "(https://example.org/)",
            '<p>(<a href="https://example.org/" rel="nofollow ugc noopener">example.org</a>)</p>',
        ),
    ],
)
def test_text_is_set_as_it_was_meant(text, html):
    assert render_comment(text) == html


LINK = '<a href="https://e.org/" rel="nofollow ugc noopener">e.org</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*https://e.org/*", f"<p><em>{LINK}</em></p>"),
        ("**https://e.org/**", f"<p><strong>{LINK}</strong></p>"),
        (
            "*see https://e.org/ there*, and *https://e.org/*.",
            f"<p><em>see {LINK} there</em>, and <em>{LINK}</em>.</p>",
        ),
        ("* https://e.org/ and *", f"<ul><li>{LINK} and *</li></ul>"),
        ("\x00 https://e.org/ \x00", f"<p>{LINK}</p>"),
        # As phones and other languages set them.
        ("“https://e.org/” and ‘https://e.org/’", f"<p>“{LINK}” and ‘{LINK}’</p>"),
        ("„https://e.org/“, »https://e.org/«", f"<p>„{LINK}“, »{LINK}«</p>"),
        ("https://e.org/… https://e.org/—", f"<p>{LINK}… {LINK}—</p>"),
    ],
)
def test_marks_stand_around_links_as_around_words(text, html):
    assert render_comment(text) == html


@pytest.mark.parametrize(
    "address",
    [
        "https://google.com@evil.example",
        "https://google.com:443@evil.example/path",
        "https://google.com%2F@evil.example",
        "https://user:word@evil.example/a@b",
        "https://[::1",
        "https:///evil.example",
        "https://javascript:alert",
    ],
)
def test_address_that_hides_where_it_leads_is_no_link(address):
    assert read(f"Go to {address} now").tags == [("p", {})]
    assert read(f"Go to {address} now").text == f"Go to {address} now"


def test_at_sign_in_a_path_hides_nothing():
    assert ("a", {"href": "https://e.org/@mara", "rel": "nofollow ugc noopener"}) in read("https://e.org/@mara").tags


def test_name_of_a_site_too_long_to_show_ends_with_whose_it_is():
    assert read("https://google.com." + "a." * 40 + "evil.example/google.com").text.endswith("a.evil.example")


def test_long_link_is_shown_short_and_leads_far():
    address = "https://example.org/" + "a" * 200

    html = render_comment(address)

    assert f'href="{address}"' in html
    assert "…</a>" in html
    assert len(read(address).text) == 60


@pytest.mark.parametrize(
    "text",
    [
        "*" * 100_000,
        "a*" * 50_000,
        "> " * 50_000,
        "- x\n" * 25_000,
        "https://" * 12_500,
        "(" * 100_000,
        "_" * 100_000,
        "https://e.org/" + ")" * 100_000,
        " " * 100_000,
        "*a " * 33_000,
        "**a" * 33_000,
    ],
)
def test_a_hundred_kilobytes_are_set_in_no_time(text):
    start = time.process_time()
    render_comment(text[:10_000])
    normalise(text)

    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Plain words. With a stop.", False),
        ("Wait...what", False),
        ("At 10.30 in the hall, e.g. the large one", False),
        ("https://example.org", True),
        ("HTTP://EXAMPLE.ORG", True),
        ("www.example.org", True),
        ("buy at cheap-pills.com today", True),
        ("[url=x]y[/url]", True),
        ("<a href=x>", True),
    ],
)
def test_links_are_noticed(text, answer):
    assert has_link(text) is answer
