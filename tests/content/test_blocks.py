import pytest

from content.blocks import SafeHtmlBlock, safe_html


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (
            '<table><tr><td colspan="2">x</td></tr></table>',
            '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>',
        ),
        ("<p onclick=evil()>x<script>evil()</script></p>", "<p>x</p>"),
        ('<img src="https://elsewhere.example/pixel.gif">', ""),
        ('<iframe src="https://elsewhere.example/"></iframe>', ""),
        ('<a href="javascript:evil()">x</a>', '<a rel="noopener">x</a>'),
        ('<p style="position:fixed">x</p>', "<p>x</p>"),
    ],
)
def test_html_is_kept_without_what_could_harm(typed, kept):
    assert safe_html(typed) == kept


def test_html_block_cleans_what_an_editor_types_and_what_was_stored_before():
    block = SafeHtmlBlock()

    assert block.clean("<dl><dt>Key</dt><dd>Held by Ada<script>evil()</script></dd></dl>") == (
        "<dl><dt>Key</dt><dd>Held by Ada</dd></dl>"
    )
    assert "<script" not in block.render(block.to_python("<b>x</b><script>evil()</script>"))
