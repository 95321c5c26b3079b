import pytest

from wordpress.markup import (
    Facilitator,
    Footnotes,
    Heading,
    Html,
    Paragraph,
    Picture,
    Quotation,
    convert,
    is_hard_wrapped,
    plain_text,
)


def blocks(source, **more):
    return convert(source, **more).blocks


def test_blank_lines_part_paragraphs():
    assert blocks("One.\n\nTwo <b>loud</b>.\r\n\r\n\r\nThree.") == [
        Paragraph("<p>One.</p>"),
        Paragraph("<p>Two <b>loud</b>.</p>"),
        Paragraph("<p>Three.</p>"),
    ]


def test_lists_in_lists_are_read_once_however_deep():
    source = "<ul><li>" * 12 + "x <a href='#gone'>link</a>"

    converted = convert(source)

    assert list(converted.notes.values()) == [1]


def test_words_of_a_list_in_none_of_its_items_are_kept():
    assert blocks("<ul>nets<li>boats</li>\n and <b>oars</b></ul>") == [
        Paragraph("<ul><li>nets</li><li>boats</li><li>and</li><li><b>oars</b></li></ul>")
    ]


def test_lines_broken_by_a_person_stay_broken():
    assert blocks("Roses are red,\nviolets are blue.") == [Paragraph("<p>Roses are red,<br>violets are blue.</p>")]


def test_hard_wrapped_lines_are_joined():
    source = (
        "Local authorities exist in a networked world; a world of web\n"
        "technology, smartphones and social media; a world where we are\n"
        "constantly expected to play a part in shaping the services that\n"
        "meet our needs."
    )

    assert blocks(source) == [Paragraph(f"<p>{source.replace(chr(10), ' ')}</p>")]


def test_word_broken_at_its_hyphen_is_joined_there():
    lines = ["We hear a lot about designing services with the people and co-", "producing them with the people"]

    assert blocks("\n".join(lines)) == [Paragraph(f"<p>{''.join(lines)}</p>")]


@pytest.mark.parametrize(
    "lines",
    [
        ["Short", "lines", "of an address"],
        [
            "A line that ends before the margin is reached by a lot.",
            "Another that is far longer than the one before it was.",
        ],
        ["- one thing on the list that is quite long as these things go", "- another thing"],
    ],
)
def test_lines_that_nobody_wrapped_are_told(lines):
    assert not is_hard_wrapped(lines) or lines[0].startswith("-")
    assert blocks("\n".join(lines)) == [Paragraph(f"<p>{'<br>'.join(lines)}</p>")]


def test_whole_paragraphs_on_a_line_each_are_parted():
    long = "Yesterday the team spent the day together at the boat house. " * 4

    assert len(blocks(f"{long}\n{long}\n{long}")) == 3


def test_block_markup_becomes_blocks():
    source = (
        "<!-- wp:paragraph -->\n<p>One\nline.</p>\n<!-- /wp:paragraph -->\n\n"
        '<!-- wp:heading {"level":3} -->\n<h3>On the <em>quay</em></h3>\n<!-- /wp:heading -->\n\n'
        "<!-- wp:list -->\n<ul>\n<!-- wp:list-item -->\n<li>nets</li>\n"
        "<!-- /wp:list-item -->\n<li>boats</li>\n</ul>\n<!-- /wp:list -->\n"
        '<!-- wp:quote -->\n<blockquote class="wp-block-quote"><p>Lend it.</p>'
        "<cite>Ada Finch</cite></blockquote>\n<!-- /wp:quote -->"
    )

    assert blocks(source) == [
        Paragraph("<p>One<br>line.</p>"),
        Heading("On the quay"),
        Paragraph("<ul><li>nets</li><li>boats</li></ul>"),
        Quotation("Lend it.", "Ada Finch"),
    ]


def test_block_that_shows_what_stands_elsewhere_is_named():
    converted = convert('<!-- wp:latest-posts {"postsToShow":3} /-->\n<!-- wp:spacer /-->')

    assert converted.blocks == []
    assert list(converted.notes) == ["The block “latest-posts” shows what stands elsewhere; it has no words of its own"]


def test_captions_become_pictures():
    picture = '<a href="/x.jpg"><img class="wp-image-7" src="https://o.example/x-300x200.jpg" alt="A net" /></a>'

    assert blocks(f'Before\n\n[caption id="a" width="300"]{picture} Mended <em>twice</em>[/caption]\n\nAfter') == [
        Paragraph("<p>Before</p>"),
        Picture("https://o.example/x-300x200.jpg", "7", "A net", "Mended twice"),
        Paragraph("<p>After</p>"),
    ]
    assert blocks(f"<figure>{picture}<figcaption>Mended</figcaption></figure>")[0].caption == "Mended"


def test_galleries_become_pictures():
    assert blocks('[gallery ids="3, 4"]') == [Picture(attachment="3"), Picture(attachment="4")]
    assert blocks("[gallery]", attached=["9"]) == [Picture(attachment="9")]
    assert convert("[gallery]").notes
    nested = '<figure><ul><li><figure><img src="https://o.example/a.jpg"></figure></li></ul></figure>'
    assert blocks(nested) == [Picture("https://o.example/a.jpg")]


def test_pictures_in_a_sentence_stand_after_what_comes_before_them():
    assert blocks('One <img src="https://o.example/a.jpg" alt="A"> two') == [
        Paragraph("<p>One</p>"),
        Picture("https://o.example/a.jpg", "", "A"),
        Paragraph("<p>two</p>"),
    ]


def test_picture_behind_words_is_kept():
    source = '<div class="wp-block-cover" style="background-image:url(https://o.example/a.jpg)"><p>Words</p></div>'

    assert blocks(source) == [Picture("https://o.example/a.jpg"), Paragraph("<p>Words</p>")]


@pytest.mark.parametrize(
    "source",
    [
        "https://video.example/watch?v=1",
        "[embed]https://video.example/watch?v=1[/embed]",
        '[video src="https://video.example/watch?v=1"]',
        '<iframe src="https://video.example/watch?v=1" width="5"></iframe>',
        '<iframe src="//video.example/watch?v=1"></iframe>',
        '<video controls><source src="https://video.example/watch?v=1"></video>',
        '<object data="https://video.example/watch?v=1"></object>',
        '<!-- wp:embed {"url":"x"} --><figure>\nhttps://video.example/watch?v=1\n</figure><!-- /wp:embed -->',
    ],
)
def test_embeds_become_links(source):
    converted = convert(source)

    assert converted.blocks == [
        Paragraph('<p><a href="https://video.example/watch?v=1">video.example/watch?v=1</a></p>')
    ]
    assert converted.notes["An embed became a link"] == 1


def test_unknown_shortcodes_stay_as_text_and_are_named():
    converted = convert('[contact-form to="x"] and [sic] and […] and [1]')

    assert converted.blocks == [Paragraph('<p>[contact-form to="x"] and [sic] and […] and [1]</p>')]
    assert list(converted.notes) == ["The shortcode [contact-form] was kept as text"]


def test_escaped_shortcodes_and_those_in_code_are_text():
    assert blocks('Type [[gallery ids="1"]].') == [Paragraph('<p>Type [gallery ids="1"].</p>')]
    assert blocks('<pre>[gallery ids="1"]</pre>') == [Html('<pre>[gallery ids="1"]</pre>')]


def test_footnotes_marked_by_asterisks_are_gathered_and_numbered():
    source = "In the Journal of 18 March* he wrote.** So be it.\n\n* On paper only.\n\n** A *long* letter."

    assert blocks(source) == [
        Paragraph("<p>In the Journal of 18 March¹ he wrote.² So be it.</p>"),
        Footnotes(("On paper only.", "A *long* letter.")),
    ]


def test_last_paragraph_with_an_asterisk_that_nothing_refers_to_stays():
    assert blocks("One.\n\n* Two.") == [Paragraph("<p>One.</p>"), Paragraph("<p>* Two.</p>")]


def test_footnotes_of_wordpress_are_gathered():
    source = '<p>Nets<sup data-fn="ab"><a href="#ab" id="ab-link">1</a></sup> matter.</p><!-- wp:footnotes /-->'

    assert blocks(source, footnotes='[{"id":"ab","content":"Mended <em>twice<\\/em>"}]') == [
        Paragraph("<p>Nets¹ matter.</p>"),
        Footnotes(("Mended <i>twice</i>",)),
    ]


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (
            "Proposition facilitator: Carrie Quay, Director, FutureHarbour",
            [("Carrie Quay", "Director", "FutureHarbour")],
        ),
        ("<p><strong>Facilitator:</strong> Carrie Quay, Director</p>", [("Carrie Quay", "Director", "")]),
        ("proposition facilitators: A. B, Chair, X, Ltd; C. D", [("A. B", "Chair", "X, Ltd"), ("C. D", "", "")]),
    ],
)
def test_facilitator_at_the_head_is_taken(head, found):
    converted = convert(f"{head}\n\nThe statement.", takes_facilitators=True)

    assert converted.facilitators == [Facilitator(*one) for one in found]
    assert converted.blocks == [Paragraph("<p>The statement.</p>")]


def test_facilitator_on_the_first_line_of_a_paragraph_is_taken():
    converted = convert("Proposition facilitator: Carrie Quay\nThe statement.", takes_facilitators=True)

    assert converted.facilitators == [Facilitator("Carrie Quay")]
    assert converted.blocks == [Paragraph("<p>The statement.</p>")]


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("<table><tr><td>x</td></tr></table>", "<table><tr><td>x</td></tr></table>"),
        ("<pre>a\n  b</pre>", "<pre>a\n  b</pre>"),
        ("<dl><dt>Key<dd>Ada</dl>", "<dl><dt>Key</dt><dd>Ada</dd></dl>"),
        ("H<sub>2</sub>O", "<p>H<sub>2</sub>O</p>"),
        ('<blockquote>See <a href="https://x.example/">this</a></blockquote>',
         '<blockquote>See <a href="https://x.example/">this</a></blockquote>'),
    ],
)  # fmt: skip
def test_what_no_block_holds_becomes_html(source, kept):
    assert blocks(source) == [Html(kept)]


def test_looks_go_and_words_stay():
    assert blocks('<div style="color:red"><span class="x"><font size=7>Words</font></span></div>') == [
        Paragraph("<p>Words</p>")
    ]


def test_scripts_and_forms_are_left_out_and_named():
    converted = convert("A<script>evil()</script><style>b{}</style><form><input name=x> Send</form><svg><path></svg>")

    assert converted.blocks == [Paragraph("<p>A</p>"), Paragraph("<p>Send</p>")]
    assert set(converted.notes) == {
        "A script was left out",
        "A style was left out",
        "A form was left out; its words were kept",
        "A form's field was left out; its words were kept",
        "A drawing in the text (SVG) was left out",
    }


def test_dangerous_addresses_become_words():
    converted = convert('<a href="javascript:evil()">x</a> <a href="data:text/html,evil">y</a> <img src="data:,x">')

    assert converted.blocks == [Paragraph("<p>x y</p>")]
    assert len(converted.notes) == 3


def test_links_to_our_own_pages_become_ours():
    converted = convert(
        '<a href="https://old.example.org/a/">there</a>', link_for=lambda address: {"linktype": "page", "id": "7"}
    )

    assert converted.blocks == [Paragraph('<p><a linktype="page" id="7">there</a></p>')]


def test_words_before_the_more_mark_are_the_beginning():
    assert convert("One <b>two</b>.<!--more-->Three.").beginning == "One two."


@pytest.mark.parametrize(
    "source",
    ["<p>One<p>Two", "<b><p>One</b></p>Two</i>", "One</div></div><p>Two", "<<p>>One</p><p",
     "<ul><li>One<li>Two", "&#0; &bogus; One Two"],
)  # fmt: skip
def test_broken_html_keeps_its_words(source):
    words = " ".join(str(block) for block in blocks(source))

    assert "One" in words
    assert "Two" in words or "Two" not in source


def test_nesting_beyond_measure_keeps_the_words():
    converted = convert("<div>" * 3000 + "<b>deep</b>" + "</div>" * 3000)

    assert converted.blocks == [Paragraph("<p>deep</p>")]
    assert list(converted.notes) == ["Nested deeper than we follow: the words were kept, the nesting was not"]


def test_comments_become_plain_text():
    source = (
        'I <em>do</em> agree with <a href="https://x.example/y">this</a>.\n\n'
        "<blockquote>Lend it.</blockquote><ul><li>nets</li><li>boats</li></ul><script>evil()</script>"
    )

    assert plain_text(source) == "I *do* agree with this (https://x.example/y).\n\n> Lend it.\n\n- nets\n- boats"
