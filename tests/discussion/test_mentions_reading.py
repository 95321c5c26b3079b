"""What is read in pages of other sites."""

import pytest

from content.fetch import Fetched
from discussion.mentions.reading import Endpoint, find_endpoint, find_link, same_page_key

TARGET = "https://summit.example/events/harbour/libraries/"


def page(html, **headers):
    headers = {"content-type": "text/html; charset=utf-8", **headers}
    return Fetched("https://blog.example/posts/nine-sheds/", 200, headers, html.encode())


def test_link_is_found_with_title_site_and_the_words_around():
    found = find_link(
        page(
            f"""<html><head><title>Nine sheds | The Harbour Blog</title>
            <meta property="og:title" content="Nine sheds &amp; a boat">
            <meta property="og:site_name" content="The Harbour Blog">
            </head><body><h1>Nine</h1><nav><a href="/">Home</a></nav>
            <p>{"before " * 20}as <a class="x" href="{TARGET}"><b>the libraries</b> say</a>, and {"after " * 20}</p>
            <p>Another paragraph.</p></body></html>"""
        ),
        TARGET,
    )

    assert (found.title, found.site_name) == ("Nine sheds & a boat", "The Harbour Blog")
    assert found.excerpt == f"[…] {'before ' * 11}as the libraries say, and {'after ' * 10}[…]"


@pytest.mark.parametrize(
    "href",
    [
        TARGET,
        TARGET.removesuffix("/"),
        TARGET + "#comment-3",
        TARGET.replace("https", "http"),
        TARGET.replace("summit", "SUMMIT"),
        TARGET.replace("summit.example", "summit.example:443"),
        TARGET.replace("libraries", "libr%61ries"),
        "//summit.example/events/harbour/libraries/",
    ],
)
def test_link_may_be_written_in_many_ways(href):
    assert find_link(page(f'<p>See <a href="{href}">this</a>.</p>'), TARGET).excerpt == "See this."


@pytest.mark.parametrize(
    "html",
    [
        "<p>See https://summit.example/events/harbour/libraries/ typed out.</p>",
        f'<!-- <a href="{TARGET}">x</a> -->',
        f"<script>\"<a href='{TARGET}'>x</a>\"</script>",
        f'<textarea><a href="{TARGET}">x</a></textarea>',
        f'<p>&lt;a href="{TARGET}"&gt;x&lt;/a&gt;</p>',
        f'<a href="{TARGET}more/">x</a>',
        f'<a href="{TARGET}?page=2">x</a>',
        f'<a href="{TARGET.replace("summit.", "summit.evil.")}">x</a>',
        '<a href="https://[oops/">x</a>',
        '<a name="x">x</a>',
        f'<link rel="next" href="{TARGET}"><img src="{TARGET}">',
        "",
    ],
)
def test_what_is_no_link_is_none(html):
    assert find_link(page(html), TARGET) is None


def test_title_is_the_documents_or_the_heading_or_nothing():
    link = f'<p><a href="{TARGET}">x</a></p>'

    assert find_link(page(f"<title> Nine\n sheds </title>{link}"), TARGET).title == "Nine sheds"
    assert find_link(page(f"<h1>Nine <i>sheds</i></h1>{link}"), TARGET).title == "Nine sheds"
    assert find_link(page(link), TARGET).title == ""
    assert find_link(page(link), TARGET).site_name == "blog.example"
    assert len(find_link(page(f"<title>{'x' * 400}</title>{link}"), TARGET).title) == 255


def test_nothing_of_the_other_pages_markup_comes_along():
    found = find_link(
        page(f'<title><b>a</b></title><p><img src=x onerror=go()>&lt;script&gt; <a href="{TARGET}">x</a></p>'), TARGET
    )

    assert found.excerpt == "<script> x"


def test_other_kinds_of_document():
    text = Fetched("https://b.example/a", 200, {"content-type": "text/plain"}, f"Look at {TARGET}, all.".encode())
    picture = Fetched("https://b.example/a", 200, {"content-type": "image/png"}, TARGET.encode())

    assert find_link(text, TARGET).excerpt == f"Look at {TARGET}, all."
    assert find_link(picture, TARGET) is None


@pytest.mark.parametrize(
    ("html", "headers", "expected"),
    [
        ("", {"link": "</tell>; rel=webmention"}, "https://blog.example/tell"),
        ("", {"link": '<https://t.example/?a=1,2>; rel="webmention"'}, "https://t.example/?a=1,2"),
        (
            "",
            {"link": '<a>; rel="next", <b>; title="x"; rel="other webmention"'},
            "https://blog.example/posts/nine-sheds/b",
        ),
        ("", {"link": '<>; rel="webmention"'}, "https://blog.example/posts/nine-sheds/"),
        ('<link rel="webmention" href="/tell">', {}, "https://blog.example/tell"),
        (
            '<head><link rel="stylesheet webmention" href="tell"></head>',
            {},
            "https://blog.example/posts/nine-sheds/tell",
        ),
        (
            '<p><a rel="webmention" href="/tell">x</a></p><link rel="webmention" href="/no">',
            {},
            "https://blog.example/tell",
        ),
        ('<link rel="webmention" href="">', {}, "https://blog.example/posts/nine-sheds/"),
        ('<link rel="webmention"><a rel=webmention href=/tell>x</a>', {}, "https://blog.example/tell"),
        ('<link rel="webmention" href="/no">', {"link": "</tell>; rel=webmention"}, "https://blog.example/tell"),
        ('<link rel="pingback" href="/no"><link rel="webmention" href="/tell">', {}, "https://blog.example/tell"),
    ],
)
def test_webmention_endpoint_is_found(html, headers, expected):
    assert find_endpoint(page(html, **headers)) == Endpoint("webmention", expected)


@pytest.mark.parametrize(
    ("html", "headers"),
    [
        ('<link rel="pingback" href="https://blog.example/xmlrpc.php">', {}),
        ("", {"x-pingback": "https://blog.example/xmlrpc.php"}),
        ('<link rel="pingback" href="/no">', {"x-pingback": "/xmlrpc.php"}),
    ],
)
def test_pingback_endpoint_is_found(html, headers):
    assert find_endpoint(page(html, **headers)) == Endpoint("pingback", "https://blog.example/xmlrpc.php")


@pytest.mark.parametrize(
    ("html", "headers"),
    [
        ("", {}),
        ('<!-- <link rel="webmention" href="/tell"> -->', {}),
        ('<pre>&lt;link rel="webmention" href="/tell"&gt;</pre>', {}),
        ('<link rel="not-webmention" href="/tell"><a href="/webmention">x</a>', {}),
        ("", {"link": '</tell>; title="rel=webmention"'}),
    ],
)
def test_page_without_an_endpoint_has_none(html, headers):
    assert find_endpoint(page(html, **headers)) is None


def test_ways_of_writing_an_address_have_one_key():
    assert same_page_key("http://A.example:80/x/#y") == same_page_key("https://a.example/x")
    assert same_page_key("https://a.example/x?y") != same_page_key("https://a.example/x")
    assert same_page_key("https://a.example:8443/x") != same_page_key("https://a.example/x")
