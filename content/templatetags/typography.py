import re

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

MARKS = "\"'“”‘’«»"


@register.filter
def quoted(text: str) -> str:
    """The text between one pair of quotation marks, whether or not they were typed."""
    return f"“{text.strip().strip(MARKS).strip()}”"


_notes = re.compile(r'(<section class="block footnotes".*?<ol>)(.*)(</ol>\s*</section>)', re.DOTALL)
# Figures raised by the keyboard are marks as well, but not those of square metres.
_mark = re.compile(r"<[^>]*>|\[(\d{1,2})\]|(?<=\S)(?<!\bm)(?<!\bkm)([¹²³⁰⁴-⁹]{1,2})")
_plain_figures = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@register.filter
def linked_notes(html: str) -> SafeString:
    """A text whose marks lead to its footnotes and back. Marks that no footnote answers stay as they are.

    The words stay the same, so that what is quoted and compared is what is shown.
    """
    found = _notes.search(html)
    if found is None:
        return mark_safe(html)  # noqa: S308 rendered by templates
    notes = re.split(r"(?=<li>)", found[2])
    total = sum(note.startswith("<li>") for note in notes)
    linked = 0
    in_link = False

    def link(mark: re.Match[str]) -> str:
        nonlocal linked, in_link
        number = mark[1] or (mark[2] or "").translate(_plain_figures)
        if not number:
            if re.match(r"</?a\b", mark[0]):
                in_link = mark[0][1] != "/"
            return mark[0]
        if in_link or int(number) != linked + 1 or int(number) > total:
            return mark[0]
        linked += 1
        return (
            f'<a class="note-mark" id="note-mark-{linked}" href="#note-{linked}" aria-label="Footnote {linked}">'
            f"{mark[0]}</a>"
        )

    text = _mark.sub(link, html[: found.start()])
    number = 0
    for position, note in enumerate(notes):
        if note.startswith("<li>"):
            number += 1
            if number <= linked:
                back = f' <a href="#note-mark-{number}" aria-label="Back to where footnote {number} stands">↑</a>'
                note = re.sub(r"(?:</p>)?\s*</li>", lambda end, back=back: back + end[0], note, count=1)
            notes[position] = note.replace("<li>", f'<li id="note-{number}">', 1)
    return mark_safe(text + found[1] + "".join(notes) + found[3] + html[found.end() :])  # noqa: S308 see above
