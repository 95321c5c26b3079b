"""A briefing as a Word document: real headings, each citation a real footnote with its code, nothing fetched.

The file is written part by part (ECMA-376): the libraries there are know no footnotes.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from wagtail.rich_text import expand_db_html

from briefings import citations
from briefings.models import BriefingPage
from briefings.selectors import Citation, Evidence, absolute, edition_of, evidence_of

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DUBLIN = "http://purl.org/dc/elements/1.1/"
_TERMS = "http://purl.org/dc/terms/"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_WORD = "http://schemas.microsoft.com/office/word"
_XML = "http://www.w3.org/XML/1998/namespace"

for _prefix, _address in (("w", _MAIN), ("r", _RELATIONS), ("cp", _CORE), ("dc", _DUBLIN), ("dcterms", _TERMS)):
    ET.register_namespace(_prefix, _address)

# A zip remembers when its files were made; without that, the same briefing makes the same file.
_NO_TIME = (1980, 1, 1, 0, 0, 0)

# What XML may not hold, however it is written.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def as_document(briefing: BriefingPage, evidence: Evidence | None = None) -> bytes:
    """The briefing as the bytes of a .docx. Says no more about anybody than the page does."""
    return _Document(briefing, evidence or evidence_of(briefing)).packed()


def _w(tag: str, *children: ET.Element, **attributes: object) -> ET.Element:
    made = ET.Element(f"{{{_MAIN}}}{tag}", {f"{{{_MAIN}}}{name}": str(value) for name, value in attributes.items()})
    made.extend(children)
    return made


def _text(text: str, *properties: ET.Element) -> ET.Element:
    words = _w("t")
    words.text = _FORBIDDEN.sub("", text)
    words.set(f"{{{_XML}}}space", "preserve")
    return _w("r", *([_w("rPr", *properties)] if properties else []), words)


def _styled(name: str) -> ET.Element:
    return _w("rStyle", val=name)


def _paragraph(style: str, *runs: ET.Element) -> ET.Element:
    return _w("p", _w("pPr", _w("pStyle", val=style)), *runs)


class _Relations:
    """The addresses that one part leads to."""

    def __init__(self, *fixed: tuple[str, str]) -> None:
        self.rows = [(kind, target, "") for kind, target in fixed]

    def to(self, address: str) -> str:
        row = (f"{_RELATIONS}/hyperlink", address, "External")
        if row not in self.rows:
            self.rows.append(row)
        return f"rId{self.rows.index(row) + 1}"

    def xml(self) -> bytes:
        root = ET.Element("Relationships", {"xmlns": f"{_PACKAGE}/relationships"})
        for number, (kind, target, mode) in enumerate(self.rows, start=1):
            attributes = {"Id": f"rId{number}", "Type": kind, "Target": target}
            ET.SubElement(root, "Relationship", attributes | ({"TargetMode": mode} if mode else {}))
        return _as_bytes(root)


class _Document:
    def __init__(self, briefing: BriefingPage, evidence: Evidence) -> None:
        self.briefing, self.evidence = briefing, evidence
        self.colour = briefing.colour_at(evidence.event).lstrip("#").upper()
        self.relations = _Relations(
            (f"{_RELATIONS}/styles", "styles.xml"),
            (f"{_RELATIONS}/settings", "settings.xml"),
            (f"{_RELATIONS}/footnotes", "footnotes.xml"),
            (f"{_RELATIONS}/fontTable", "fontTable.xml"),
        )
        self.note_relations = _Relations()
        self.notes: list[ET.Element] = []
        self.numbers: dict[str, int] = {}

    # The text

    def body(self) -> ET.Element:
        briefing, evidence = self.briefing, self.evidence
        event, total = evidence.event, evidence.coverage.total
        body = _w("body")
        body.extend(self.rich("Strapline", briefing.strapline))
        body.append(_paragraph("Title", _text(f"{briefing.number}  {briefing.title}")))
        body.append(_paragraph("Subtitle", _text(f"{event.title}, {event.dates_label}")))
        body.extend(self.rich("Opening", briefing.opening))
        for point, block in zip(evidence.points, briefing.points, strict=True):
            body.append(_paragraph("Heading1", _text(f"{point.number}  {point.heading}")))
            body.extend(self.rich("Normal", block.value["discussion"].source, point.citations))
            people = f"{point.rest.people} {'person' if point.rest.people == 1 else 'people'}"
            entries = f"{point.rest.entries} {'entry' if point.rest.entries == 1 else 'entries'}"
            against = f", {point.rest.opposing} against" if point.rest.opposing else ""
            body.append(_paragraph("Evidence", _text(f"This rests on {people}, {entries}{against}.")))
        if briefing.has_closing:
            body.append(_paragraph("Heading1", _text("In closing")))
            body.extend(self.rich("Normal", briefing.closing))
            if briefing.credit:
                body.append(_paragraph("Evidence", _text(briefing.credit)))
        body.append(_paragraph("Heading1", _text("How it was made")))
        address = absolute(briefing.path_printed_in(edition_of(briefing)))
        body.append(
            _paragraph(
                "Normal",
                _text(
                    f"{total.entries} {'entry' if total.entries == 1 else 'entries'} from {total.people} "
                    f"{'person' if total.people == 1 else 'people'}. Each, and what became of it, stands at "
                ),
                self.link(address, address, self.relations),
                _text("."),
            )
        )
        if evidence.partners:
            names = ", ".join(link.partner.name for link in evidence.partners)
            body.append(_paragraph("Evidence", _text(f"With {names}.")))
        body.append(
            _w(
                "sectPr",
                _w("pgSz", w=11906, h=16838),
                _w("pgMar", top=1134, right=1134, bottom=1134, left=1134, header=567, footer=567, gutter=0),
            )
        )
        return body

    def rich(self, style: str, html: str, cited: Iterable[Citation] = ()) -> list[ET.Element]:
        """Rich text as paragraphs. A citation becomes a footnote where it first stands, and its code after that."""
        by_excerpt = {citation.excerpt_id: citation for citation in cited}
        by_code = {citation.code: citation for citation in by_excerpt.values()}
        order = citations.cited(html)
        codes = {pk: by_excerpt[pk].code for pk in order if pk in by_excerpt}
        marked = citations.replace(html, lambda pk: f'<cite title="{codes[pk]}"></cite>' if pk in codes else "")
        reader = _RichText(self, style, by_code)
        reader.feed(expand_db_html(marked))
        reader.close()
        return reader.paragraphs

    def link(self, text: str, address: str, relations: _Relations) -> ET.Element:
        made = _w("hyperlink", _text(text, _styled("Hyperlink")))
        made.set(f"{{{_RELATIONS}}}id", relations.to(address))
        return made

    def note(self, citation: Citation) -> list[ET.Element]:
        """A footnote that begins with the citation's code, and a bookmark for those who come back to it.

        Word numbers it: marks of one's own are lost or doubled by half of what opens such files.
        """
        number = len(self.notes) + 1
        code = _text(f" {citation.code}  ", _font("Atkinson Hyperlegible Next"), _w("b"))
        words = [_text(citation.gone)]
        if not citation.gone:
            words = [_text(f"“{citation.text}” {citation.attribution}, ")]
            place = self.link(citation.place, citation.url, self.note_relations) if citation.url else None
            words.append(place if place is not None else _text(citation.place))
            words.append(_text(f"; {citation.same}." if citation.same else "."))
            if citation.role != "supports":
                words.append(_text(f" {citation.role.capitalize()}.", _w("b")))
        mark = _w("r", _w("rPr", _styled("FootnoteReference")), _w("footnoteRef"))
        self.notes.append(_w("footnote", _paragraph("FootnoteText", mark, code, *words), id=number))
        self.numbers[citation.code] = number
        return [
            _w("bookmarkStart", id=number, name=f"cite_{citation.code}"),
            _w("r", _w("rPr", _styled("FootnoteReference")), _w("footnoteReference", id=number)),
            _w("bookmarkEnd", id=number),
        ]

    def again(self, citation: Citation) -> ET.Element:
        """The number of a footnote that stands already, and the way to it."""
        number = str(self.numbers[citation.code])
        return _w("hyperlink", _text(number, _styled("FootnoteReference")), anchor=f"cite_{citation.code}")

    # The file

    def packed(self) -> bytes:
        document = _w("document", self.body())
        notes = _w(
            "footnotes",
            _w("footnote", _w("p", _w("r", _w("separator"))), type="separator", id=-1),
            _w("footnote", _w("p", _w("r", _w("continuationSeparator"))), type="continuationSeparator", id=0),
            *self.notes,
        )
        package = _Relations(
            (f"{_RELATIONS}/officeDocument", "word/document.xml"),
            (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        )
        parts = {
            "[Content_Types].xml": _content_types(),
            "_rels/.rels": package.xml(),
            "docProps/core.xml": self.core(),
            "word/document.xml": _as_bytes(document),
            "word/styles.xml": _as_bytes(_styles(self.colour)),
            "word/settings.xml": _as_bytes(_settings()),
            "word/footnotes.xml": _as_bytes(notes),
            "word/fontTable.xml": _as_bytes(_font_table()),
            "word/_rels/document.xml.rels": self.relations.xml(),
            "word/_rels/footnotes.xml.rels": self.note_relations.xml(),
        }
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package_file:
            for name, content in parts.items():
                info = zipfile.ZipInfo(name, _NO_TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                package_file.writestr(info, content)
        return target.getvalue()

    def core(self) -> bytes:
        root = ET.Element(f"{{{_CORE}}}coreProperties")
        host = self.evidence.event.host or self.evidence.event.title
        for name, text in (
            (f"{{{_DUBLIN}}}title", f"Briefing {self.briefing.number}: {self.briefing.title}"),
            (f"{{{_DUBLIN}}}creator", host),
            (f"{{{_DUBLIN}}}language", "en-GB"),
        ):
            ET.SubElement(root, name).text = _FORBIDDEN.sub("", text)
        for name, moment in (
            ("created", self.briefing.first_published_at),
            ("modified", self.briefing.last_published_at),
        ):
            if moment is not None:
                made = ET.SubElement(root, f"{{{_TERMS}}}{name}", {f"{{{_INSTANCE}}}type": "dcterms:W3CDTF"})
                made.text = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        return _as_bytes(root)


class _RichText(HTMLParser):
    """Wagtail's rich text, as paragraphs of runs. Knows what a briefing's fields allow."""

    def __init__(self, document: _Document, style: str, by_code: dict[str, Citation]) -> None:
        super().__init__()
        self.document, self.style, self.by_code = document, style, by_code
        self.paragraphs: list[ET.Element] = []
        self.runs: list[ET.Element] | None = None
        self.open: list[str] = []
        self.address = ""
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "p":
            self.end()
            self.runs = []
        elif tag == "br":
            self.here().append(_w("r", _w("br")))
        elif tag == "a":
            self.address = absolute(values.get("href"))
        elif tag == "cite":
            citation = self.by_code[values.get("title") or ""]
            if citation.code in self.seen:
                self.here().append(self.document.again(citation))
            else:
                self.seen.add(citation.code)
                self.here().extend(self.document.note(citation))
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.end()
        elif tag == "a":
            self.address = ""
        elif tag in self.open:
            self.open.remove(tag)

    def handle_data(self, data: str) -> None:
        if self.runs is None and not data.strip():
            return
        if self.address:
            self.here().append(self.document.link(data, self.address, self.document.relations))
            return
        properties = [_w("b")] if {"b", "strong"} & set(self.open) else []
        properties += [_w("i")] if {"i", "em"} & set(self.open) else []
        self.here().append(_text(data, *properties))

    def here(self) -> list[ET.Element]:
        if self.runs is None:
            self.runs = []
        return self.runs

    def end(self) -> None:
        if self.runs:
            self.paragraphs.append(_paragraph(self.style, *self.runs))
        self.runs = None

    def close(self) -> None:
        super().close()
        self.end()


def _style(
    name: str,
    label: str,
    kind: str = "paragraph",
    *,
    based_on: str = "",
    level: int | None = None,
    paragraph: Iterable[ET.Element] = (),
    run: Iterable[ET.Element] = (),
) -> ET.Element:
    made = _w("style", _w("name", val=label), type=kind, styleId=name)
    if name == "Normal":
        made.set(f"{{{_MAIN}}}default", "1")
    if based_on:
        made.append(_w("basedOn", val=based_on))
    if level is not None:
        made.append(_w("next", val="Normal"))
    made.append(_w("qFormat"))
    properties = list(paragraph)
    if level is not None:
        properties.append(_w("outlineLvl", val=level))
    if properties:
        made.append(_w("pPr", *properties))
    if run := list(run):
        made.append(_w("rPr", *run))
    return made


def _font(name: str) -> ET.Element:
    return _w("rFonts", ascii=name, hAnsi=name, cs=name)


def _styles(colour: str) -> ET.Element:
    """The series in Word: serif for the text, sans for what stands beside it, sizes in half points."""
    serif, sans = "Newsreader", "Atkinson Hyperlegible Next"
    defaults = _w(
        "docDefaults",
        _w("rPrDefault", _w("rPr", _font(serif), _w("sz", val=22), _w("lang", val="en-GB"))),
        _w("pPrDefault", _w("pPr", _w("spacing", after=120, line=300, lineRule="auto"))),
    )
    return _w(
        "styles",
        defaults,
        _style("Normal", "Normal"),
        _style("Strapline", "Strapline", based_on="Normal", run=[_w("sz", val=30)]),
        _style(
            "Title",
            "Title",
            based_on="Normal",
            paragraph=[_w("spacing", before=240, after=120, line=240, lineRule="auto")],
            run=[_w("color", val=colour), _w("sz", val=64)],
        ),
        _style(
            "Subtitle",
            "Subtitle",
            based_on="Normal",
            paragraph=[_w("spacing", after=360)],
            run=[_font(sans), _w("color", val="4A463F"), _w("sz", val=20)],
        ),
        _style("Opening", "Opening", based_on="Normal", run=[_w("sz", val=26)]),
        _style(
            "Heading1",
            "heading 1",
            based_on="Normal",
            level=0,
            paragraph=[_w("keepNext"), _w("spacing", before=360, after=80, line=260, lineRule="auto")],
            run=[_w("sz", val=34)],
        ),
        _style(
            "Evidence",
            "Evidence",
            based_on="Normal",
            run=[_font(sans), _w("color", val="4A463F"), _w("sz", val=19)],
        ),
        _style(
            "FootnoteText",
            "footnote text",
            based_on="Normal",
            paragraph=[_w("spacing", after=40, line=240, lineRule="auto")],
            run=[_w("sz", val=19)],
        ),
        _style(
            "FootnoteReference",
            "footnote reference",
            "character",
            run=[_font(sans), _w("b"), _w("color", val=colour), _w("vertAlign", val="superscript")],
        ),
        _style("Hyperlink", "Hyperlink", "character", run=[_w("color", val=colour), _w("u", val="single")]),
    )


def _font_table() -> ET.Element:
    """What stands in where the series' fonts are not installed: a serif for the serif, a sans for the sans."""
    stand_ins = (("Newsreader", "Georgia", "roman"), ("Atkinson Hyperlegible Next", "Verdana", "swiss"))
    return _w(
        "fonts",
        *(
            _w("font", _w("altName", val=instead), _w("family", val=family), name=name)
            for name, instead, family in stand_ins
        ),
    )


def _settings() -> ET.Element:
    return _w(
        "settings",
        _w("footnotePr", _w("footnote", id=-1), _w("footnote", id=0)),
        _w("compat", _w("compatSetting", name="compatibilityMode", uri=_WORD, val=15)),
        _w("themeFontLang", val="en-GB"),
    )


def _content_types() -> bytes:
    root = ET.Element("Types", {"xmlns": f"{_PACKAGE}/content-types"})
    ET.SubElement(
        root,
        "Default",
        {"Extension": "rels", "ContentType": "application/vnd.openxmlformats-package.relationships+xml"},
    )
    ET.SubElement(root, "Default", {"Extension": "xml", "ContentType": "application/xml"})
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    names = {
        "document": "document.main",
        "styles": "styles",
        "settings": "settings",
        "footnotes": "footnotes",
        "fontTable": "fontTable",
    }
    for part, name in names.items():
        ET.SubElement(root, "Override", {"PartName": f"/word/{part}.xml", "ContentType": f"{kind}.{name}+xml"})
    ET.SubElement(
        root,
        "Override",
        {
            "PartName": "/docProps/core.xml",
            "ContentType": "application/vnd.openxmlformats-package.core-properties+xml",
        },
    )
    return _as_bytes(root)


def _as_bytes(root: ET.Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + ET.tostring(root, encoding="utf-8")
