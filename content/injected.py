"""Words and links that somebody smuggled into a text: spam phrases, hidden links, remnants of scripts.

Pure functions, for any text: bodies of pages, comments, mentions, imports. A finding says where it stands and which
parts of the source go if it is taken out. Nothing here decides that a text is bad; a person does.

Time grows with the length of the text alone, whatever stands in it: tags are taken one at a time, no expression looks
further than the next one, and what looks for an end that is not there does so once.
"""

import html
import ipaddress
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import unquote, urlsplit

# Longer texts are looked at in parts of this size, so that memory stays bounded.
PART_LENGTH = 500_000
EXCERPT_LENGTH = 70
LONGEST_QUOTE = 200


class Kind(StrEnum):
    """What is odd about a place in a text."""

    PHRASE = "phrase"
    HIDDEN = "hidden"
    SCRIPT = "script"
    LINK_IN_WORD = "link_in_word"
    EMPTY_LINK = "empty_link"
    MASKED_LINK = "masked_link"
    ODD_LINK = "odd_link"


REASONS = {
    Kind.PHRASE: "A phrase that advertisements use",
    Kind.HIDDEN: "Words or links that readers cannot see",
    Kind.SCRIPT: "A remnant of a script",
    Kind.LINK_IN_WORD: "A link that begins inside a word",
    Kind.EMPTY_LINK: "A link without words",
    Kind.MASKED_LINK: "A link that leads elsewhere than its words say",
    Kind.ODD_LINK: "A link to an address that advertisements use, or that hides whose it is",
}


@dataclass(frozen=True)
class Finding:
    """One odd place: `quote` as it stands, readable words `before` and `after`, and what goes if it is taken out."""

    kind: Kind
    quote: str
    before: str
    after: str
    start: int
    end: int
    cuts: tuple[tuple[int, int], ...]

    @property
    def reason(self) -> str:
        return REASONS[self.kind]


def find_injected_text(source: str, *, is_html: bool, own_hosts: Iterable[str] = ()) -> list[Finding]:
    """What in a text looks as if it had been injected, in order of place; each place once.

    `own_hosts` are hosts whose links are never odd. Plain text (`is_html=False`) is searched for phrases, addresses and
    scripts typed out.
    """
    found: list[Finding] = []
    for offset in range(0, len(source), PART_LENGTH):
        part = source[offset : offset + PART_LENGTH]
        text = _read_html(part) if is_html else _read_plain(part)
        hosts = {host.lower().removeprefix("www.") for host in own_hosts}
        found += [_moved(finding, offset) for finding in _distinct(_findings(text, hosts))]
    return found


def without(source: str, finding: Finding) -> str:
    """The text with a finding taken out. The finding must be one of this very text."""
    for start, end in sorted(finding.cuts, reverse=True):
        source = source[:start] + source[end:]
    return source


def is_empty_of_words(source: str) -> bool:
    """Whether nothing readable is left of a piece of HTML."""
    return not re.sub(r"<[^<>]*>", "", source).replace("&nbsp;", " ").strip()


# Reading


@dataclass
class _Element:
    name: str
    attributes: dict[str, str]
    start: int
    inner_start: int
    inner_end: int
    end: int
    # Where its words begin and end among the visible ones.
    text_start: int
    text_end: int
    has_picture: bool = False


@dataclass
class _Text:
    """A source with its words folded for comparison, and where each of their characters stands."""

    source: str
    is_html: bool
    # One character each: as shown, folded, and from where to where it stands in the source.
    shown: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    elements: list[_Element] = field(default_factory=list)

    def add(self, words: str, start: int) -> None:
        """Words as they stand in the source."""
        if words.isascii():
            self.shown.extend(words)
            self.folded.extend(words.lower())
            self.starts.extend(range(start, start + len(words)))
            self.ends.extend(range(start + 1, start + len(words) + 1))
            return
        for position, char in enumerate(words, start):
            self.add_char(char, position, position + 1)

    def add_char(self, char: str, start: int, end: int) -> None:
        if char in UNSEEN:
            return
        self.shown.append(char)
        self.folded.append(_fold(char))
        self.starts.append(start)
        self.ends.append(end)


UNSEEN = set("\u00ad\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
# Letters of other alphabets that pass for Latin ones.
_LOOKALIKES = dict(zip("аеорсухіјѕԁһӏвмтнкαοιερνκτυ", "aeopcyxijsdhlbmthkaoiepvktu", strict=True))
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>")
_ATTRIBUTE = re.compile(r"([^\s=/>\"']+)(?:\s*+=\s*+(\"[^\"]*\"|'[^']*'|[^\s>\"']+))?")
_HANDLER = re.compile(r"[\s/\"']on[a-z]{3,20}\s{0,3}=\s{0,3}(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+)", re.IGNORECASE)
_RAW_ENDS = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style", "noscript", "template")}
_BLOCKS = set(
    re.findall(
        r"\w+",
        "address article aside blockquote body br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr "
        "html li main nav ol p pre section table tbody td tfoot th thead tr ul",
    )
)
_VOID = set(re.findall(r"\w+", "area base br col embed hr img input link meta param source track wbr"))
_DEEPEST = 500


def _fold(char: str) -> str:
    if char.isascii():
        return char.lower()
    lowered = char.lower()
    if lowered in _LOOKALIKES:
        return _LOOKALIKES[lowered]
    plain = unicodedata.normalize("NFKD", lowered)[:1]
    return plain.lower() if plain else " "


def _read_plain(source: str) -> _Text:
    text = _Text(source, is_html=False)
    text.add(source, 0)
    return text


def _read_html(source: str) -> _Text:
    text = _Text(source, is_html=True)
    stack: list[_Element] = []
    raw_without_end: set[str] = set()
    position = 0
    while position < len(source):
        start = source.find("<", position)
        _add_words(text, position, start if start >= 0 else len(source))
        if start < 0:
            break
        if source.startswith("<!--", start):
            end = source.find("-->", start + 4)
            # Nothing closes it: browsers take the rest for a comment, and so nothing after it is shown.
            position = len(source) if end < 0 else end + 3
            continue
        tag = _TAG.match(source, start)
        if tag is None:
            text.add("<", start)
            position = start + 1
            continue
        position = tag.end()
        closing, name = bool(tag.group(1)), tag.group(2).lower()
        if name in _BLOCKS:
            text.add_char("\n", start, start)
        if closing:
            _close(text, stack, name, tag)
            continue
        element = _Element(
            name, _attributes(tag.group(3)), start, tag.end(), tag.end(), tag.end(), len(text.shown), len(text.shown)
        )
        text.elements.append(element)
        if name == "img":
            for outer in stack[-3:]:
                outer.has_picture = True
        if name in _RAW_ENDS and name not in raw_without_end:
            ending = _RAW_ENDS[name].search(source, position)
            if ending is None:
                raw_without_end.add(name)
            else:
                close = source.find(">", ending.end())
                element.inner_end = ending.start()
                element.end = position = len(source) if close < 0 else close + 1
        elif name not in _VOID and len(stack) < _DEEPEST:
            stack.append(element)
    return text


def _add_words(text: _Text, start: int, end: int) -> None:
    source = text.source
    if "&" not in source[start:end]:
        text.add(source[start:end], start)
        return
    for entity in _ENTITY.finditer(source, start, end):
        text.add(source[start : entity.start()], start)
        for char in html.unescape(entity.group()):
            text.add_char(char, entity.start(), entity.end())
        start = entity.end()
    text.add(source[start:end], start)


def _attributes(written: str) -> dict[str, str]:
    return {
        match.group(1).lower(): html.unescape((match.group(2) or "").strip("\"'"))
        for match in _ATTRIBUTE.finditer(written)
    }


def _close(text: _Text, stack: list[_Element], name: str, tag: re.Match[str]) -> None:
    # Tags that cross each other are common in what was pasted; only near ones are looked at, so that it stays quick.
    for depth in range(len(stack) - 1, max(len(stack) - 12, -1), -1):
        if stack[depth].name == name:
            element = stack[depth]
            element.inner_end, element.end, element.text_end = tag.start(), tag.end(), len(text.shown)
            del stack[depth:]
            return


# Judging

_LEET = {"a": "[a@4]", "e": "[e3]", "i": "[i1!|]", "l": "[l1|]", "o": "[o0]", "s": "[s5$]"}


def _name(word: str) -> str:
    """A trade name, also with figures for letters or marks between them."""
    return r"[.\-_*]?".join(_LEET.get(letter, letter) for letter in word)


_SELLING = (
    "buy|buying|order|order your|purchase|cheap|cheapest|discount|discounted|generic|online|best price|low cost|get|"
    "brand"
)
_SOLD = (
    "uk|usa|us|canada|australia|online|pills?|tablets?|tabs|price|prices|cost|for sale|sale|"
    "without (?:a )?prescription|no prescription|overnight|delivery|free shipping|discount|coupons?|generic|"
    "\\d{1,4} ?mg|cheap|buy|order"
)
_ALWAYS = "|".join(_name(word) for word in ("viagra", "cialis", "levitra", "kamagra"))
_MEDICINES = "|".join(
    _name(word)
    for word in re.findall(
        r"\w+",
        "sildenafil tadalafil vardenafil xanax valium ativan klonopin ambien tramadol oxycontin oxycodone hydrocodone "
        "phentermine propecia finasteride modafinil zolpidem adderall ritalin ozempic semaglutide",
    )
)
_BETWEEN = r"[\s,;:/&+-]{1,3}"
_PHRASES = [
    rf"(?:(?:{_SELLING}){_BETWEEN}){{0,3}}(?:{_ALWAYS})(?:{_BETWEEN}(?:{_SOLD}))*",
    rf"(?:(?:{_SELLING}){_BETWEEN}){{1,3}}(?:{_MEDICINES})(?:{_BETWEEN}(?:{_SOLD}))*",
    rf"(?:{_MEDICINES})(?:{_BETWEEN}(?:{_SOLD}))+",
    r"(?:canadian|online|internet|mexican|discount) (?:online )?(?:pharmac(?:y|ies)|drugstores?|chemist)"
    r"(?: (?:online|uk|no prescription|reviews))*",
    r"(?:cheap|generic|discount) (?:meds|pills|drugs online)(?: online)?|(?:male|penis) enhancement(?: pills)?",
    r"(?:weight loss|diet|slimming|fat burning) (?:pills?|supplements?) (?:online|for sale|that work|reviews)",
    r"(?:best |top |new |play |free )*(?:online|crypto|bitcoin|real money|no deposit|internet) "
    r"(?:casinos?|slots?|poker|roulette|blackjack|baccarat|gambling|betting|sportsbooks?)"
    r"(?: (?:games?|sites?|bonus(?:es)?|uk|usa|free spins|real money|no deposit|login|reviews?))*",
    r"(?:casinos?|slots?|poker|roulette|blackjack|betting)(?: sites?)? (?:online|bonus(?:es)?|free spins|no deposit|"
    r"real money|login|apk|gacor)(?: (?:online|uk|bonus(?:es)?|free|login))*",
    r"(?:judi|togel|situs|slot) (?:online|gacor|slot|terpercaya)(?: \w{3,12})?|free spins no deposit",
    r"(?:online|fast|easy|instant|guaranteed|cheap|quick|get|no fax|same day) (?:online )?"
    r"(?:payday|cash advance|title|personal|unsecured|bad credit) loans?(?: (?:online|uk|today|now|direct lenders?))*",
    r"(?:payday|cash advance|instant|quick|personal|bad credit|same day) (?:loans?|advances?) "
    r"(?:online|no credit check|guaranteed|same day|near me|direct lenders?|bad credit|today|for bad credit|uk)"
    r"(?: (?:online|approval|today|lenders?|uk))*",
    r"(?:buy|order|purchase|cheap|custom|write my|do my|pay (?:someone )?(?:for|to write))"
    r"(?: (?:an?|my|your|custom|cheap))* (?:essays?|term papers?|dissertations?|thesis|coursework|research papers?|"
    r"homework)(?: (?:online|writing|help|services?|for me|cheap|uk))*",
    r"(?:essay|dissertation|thesis|term paper|research paper|coursework) (?:writing|writers?)(?: (?:service|services|"
    r"help|company|online|cheap|uk))+",
    r"(?:cheap|replica|fake|wholesale|discount|outlet) (?:rolex|louis vuitton|gucci|chanel|ugg|nike|jordans?|"
    r"ray[- ]bans?|oakley|moncler|hermes|prada|designer handbags|luxury watches|nfl jerseys)"
    r"(?: (?:watches|bags|handbags|shoes|boots|sunglasses|jerseys|outlet|online|sale|store|for sale))*",
    r"(?:buy|cheap|get) (?:cheap |real |more |quality )*(?:backlinks|followers|instagram (?:followers|likes)|"
    r"facebook likes|youtube views|website traffic)(?: (?:online|cheap|now))*",
    r"(?:cheap|affordable|best) (?:seo|link building) (?:services?|packages?|agency|company)(?: (?:uk|online))?",
    r"(?:double|triple|multiply) your (?:bitcoins?|btc|crypto|investment|money)(?: (?:today|now|fast))?",
    r"(?:bitcoin|crypto|forex)(?: trading)? (?:signals|robots?|bots?|recovery (?:expert|service)s?)",
    r"(?:free|live|hot|watch|hd) (?:porn|sex (?:cams?|videos?|chat)|webcam girls?|nudes?|xxx)(?: \w{3,10})?",
    r"escorts? (?:services?|agency|agencies|girls)(?: in \w{3,20})?|call girls in \w{3,20}",
    r"(?:earn|make) (?:up to )?[$£€]\d[\d,]{1,7} (?:a|per|every) (?:day|week|hour) (?:from home|online|working)",
    r"click here (?:to|and) (?:buy|order|claim|win|download now)|limited time offer (?:buy|order|click)",
]
_PHRASE = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(f'(?:{phrase})' for phrase in _PHRASES)})(?![a-z0-9])")
# A cheap question first: most texts hold none of these.
_HINT = re.compile(
    rf"{_ALWAYS}|{_MEDICINES}|pharmac|drugstore|chemist|meds|pills|drugs|enhancement|supplement|casino|slot|poker|"
    r"roulette|blackjack|baccarat|gambl|betting|sportsbook|togel|judi|spins|loan|advance|essay|term paper|dissertation|"
    r"thesis|coursework|research paper|homework|replica|rolex|vuitton|gucci|chanel|ugg|nike|jordan|ray.ban|oakley|"
    r"moncler|hermes|prada|handbag|watches|jerseys|backlinks|followers|likes|views|traffic|seo|link building|bitcoin|"
    r"btc|crypto|forex|invest|money|porn|sex|webcam|nude|xxx|escort|call girl|from home|working|click here|limited time"
)
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)|"
    r"opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|text-indent\s*:\s*-\d{3,}|(?:left|top|right|margin-left|margin-top)\s*:\s*-\d{3,}|"
    r"(?:^|;)\s*(?:max-)?(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|!|$)|clip\s*:\s*rect\(\s*[01]|"
    r"(?:^|;)\s*color\s*:\s*(?:#fff(?:fff)?\b|white\b|transparent\b)",
    re.IGNORECASE,
)
_SCRIPT_TAGS = {"script", "object", "embed", "applet", "base", "meta"}
_SCRIPT_WORDS = re.compile(
    r"<\s{0,3}/?\s{0,3}(?:script|iframe)\b|<\?php|document\.write\s{0,3}\(|\beval\s{0,3}\(|string\.fromcharcode|"
    r"\bunescape\s{0,3}\(|base64_decode\s{0,3}\(|\batob\s{0,3}\(|window\.location|\bonerror\s{0,3}=|javascript:"
)
_SCRIPT_SCHEME = re.compile(r"^[\s\x00-\x20]*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"'`]{3,500}", re.IGNORECASE)
_ODD_HOST = re.compile(
    rf"{_ALWAYS}|{_MEDICINES}|casino|payday|(?:^|[.-])slots?(?:[.-]|\d|$)|poker|porn|(?:^|[.-])sex|xxx|pills|"
    r"pharmac(?:y|ies)-?(?:online|rx|24|no)|(?:online|canadian|cheap|rx)-?pharm|essay|replica|judi|togel|betting|"
    r"cheap-?(?:meds|jordan|jersey|watch|loan)|escort"
)
_LIKE_ADDRESS = re.compile(
    r"^\s*(?:https?://)?((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})(?::\d+)?(?:[/?#]\S*)?\s*$", re.IGNORECASE
)

# Endings of files that no host has, and those that some have.
_FILE_ENDINGS = set(
    re.findall(
        r"\w+",
        "jpg jpeg png gif webp avif svg tif tiff bmp heic pdf doc docx odt rtf txt xls xlsx ods csv ppt pptx odp mp3 "
        "mp4 wav ogg avi htm html php",
    )
)
_FILE_ENDINGS_OF_HOSTS = {"zip", "mov", "md"}


def _findings(text: _Text, own_hosts: set[str]) -> Iterator[Finding]:
    anchors = [element for element in text.elements if element.name == "a"]
    yield from _hidden_and_scripts(text)
    for anchor in anchors:
        yield from _odd_anchor(text, anchor, own_hosts)
    yield from _phrases(text, anchors)
    folded = "".join(text.folded)
    for match in _SCRIPT_WORDS.finditer(folded):
        yield _finding(text, Kind.SCRIPT, match.start(), match.end())
    if not text.is_html:
        for match in _ADDRESS.finditer("".join(text.shown)):
            if _is_odd_address(match.group(), own_hosts):
                yield _finding(text, Kind.ODD_LINK, match.start(), match.end())


def _hidden_and_scripts(text: _Text) -> Iterator[Finding]:
    for element in text.elements:
        if element.name in _SCRIPT_TAGS or _is_unseen_frame(element):
            yield _whole(text, Kind.SCRIPT, element)
            continue
        handlers = [
            name for name, value in element.attributes.items() if value and re.fullmatch(r"on[a-z]{3,20}", name)
        ]
        if handlers:
            # The words may be right, and the tag: only its trick goes.
            yield _trick(text, element)
        elif _SCRIPT_SCHEME.match(element.attributes.get("href", element.attributes.get("src", ""))):
            make = _whole if element.name in _VOID else _unwrapped
            yield make(text, Kind.SCRIPT, element)
        elif element.end > element.inner_start and (
            _HIDING.search(element.attributes.get("style", "")) or "hidden" in element.attributes
        ):
            inside = text.source[element.inner_start : element.inner_end]
            if not is_empty_of_words(inside) or "<a" in inside.lower():
                yield _whole(text, Kind.HIDDEN, element)


def _is_unseen_frame(element: _Element) -> bool:
    if element.name not in ("iframe", "frame"):
        return False
    sizes = {element.attributes.get(name, "").removesuffix("px") for name in ("width", "height")}
    return bool(
        sizes & {"0", "1", "2"} or _HIDING.search(element.attributes.get("style", "")) or "hidden" in element.attributes
    )


def _odd_anchor(text: _Text, anchor: _Element, own_hosts: set[str]) -> Iterator[Finding]:
    address = anchor.attributes.get("href", "")
    host = _host(address)
    if not host or _is_own(host, own_hosts):
        return
    words = "".join(text.shown[anchor.text_start : anchor.text_end])
    if _is_odd_address(address, own_hosts):
        yield _unwrapped(text, Kind.ODD_LINK, anchor)
        return
    if not words.strip() and not anchor.has_picture:
        if anchor.end > anchor.inner_start:
            yield _whole(text, Kind.EMPTY_LINK, anchor)
        return
    named = _LIKE_ADDRESS.match(words)
    if (
        named
        and not _is_file_name(words.strip(), address)
        and not _same_owner(named.group(1).lower().removeprefix("www."), host)
    ):
        yield _unwrapped(text, Kind.MASKED_LINK, anchor)
        return
    before = text.shown[anchor.text_start - 1] if anchor.text_start else ""
    if before.isalpha() and text.ends[anchor.text_start - 1] == anchor.start and words[:1].isalpha():
        yield _unwrapped(text, Kind.LINK_IN_WORD, anchor)


def _phrases(text: _Text, anchors: list[_Element]) -> Iterator[Finding]:
    # Blanks of every kind count as one kind, so that a phrase may not hide by breaking a line.
    folded = "".join(" " if char.isspace() and char != "\n" else char for char in text.folded)
    if not _HINT.search(folded):
        return
    for match in _PHRASE.finditer(folded):
        finding = _finding(text, Kind.PHRASE, match.start(), match.end())
        anchor = _anchor_around(anchors, finding.start)
        inside = "".join(text.shown[anchor.text_start : anchor.text_end]).strip() if anchor else ""
        if anchor and inside and len(inside) <= len(finding.quote) + 2:
            # The link has no other words: it goes with them.
            cuts = ((anchor.start, anchor.end),)
            finding = replace(finding, start=anchor.start, end=anchor.end, cuts=cuts)
        yield finding


def _anchor_around(anchors: list[_Element], place: int) -> _Element | None:
    position = bisect_right(anchors, place, key=lambda anchor: anchor.start) - 1
    return anchors[position] if position >= 0 and place < anchors[position].end else None


def _is_odd_address(address: str, own_hosts: set[str]) -> bool:
    host = _host(address)
    if not host or _is_own(host, own_hosts):
        return False
    if "@" in address.split("//", 1)[-1].split("/", 1)[0]:
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    else:
        return True
    if _ODD_HOST.search(host):
        return True
    words = re.sub(r"[/_\-+.=&?%]+", " ", address.split(host, 1)[-1][:300].lower())
    return bool(_PHRASE.search(words))


def _host(address: str) -> str:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") and not address.strip().startswith("//"):
        return ""
    try:
        return (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""


def _is_own(host: str, own_hosts: set[str]) -> bool:
    return host in own_hosts


def _is_file_name(words: str, address: str) -> bool:
    """Whether words that look like a host name a file: by an ending that no host has, or as the link itself does."""
    ending = words.rpartition(".")[2].lower()
    if "/" in words or ":" in words:
        return False
    if ending in _FILE_ENDINGS:
        return True
    path = urlsplit(address.strip()).path
    return ending in _FILE_ENDINGS_OF_HOSTS and unquote(path).rpartition("/")[2].lower() == words.lower()


def _same_owner(named: str, host: str) -> bool:
    return named == host or named.endswith("." + host) or host.endswith("." + named)


# Saying where


def _finding(text: _Text, kind: Kind, first: int, last: int) -> Finding:
    """A finding among the visible words; taken out with one of the blanks around it."""
    start, end = text.starts[first], text.ends[last - 1]
    cuts = _word_cuts(text, first, last)
    return Finding(kind, _shown(text, first, last), *_around(text, first, last), start, end, cuts)


def _word_cuts(text: _Text, first: int, last: int) -> tuple[tuple[int, int], ...]:
    # Tags between the words stay, so that what is left still opens and closes.
    if last < len(text.shown) and text.shown[last] == " " and (first == 0 or text.shown[first - 1].isspace()):
        last += 1
    elif first > 0 and text.shown[first - 1] == " " and not "".join(text.shown[last : last + 1]).isalnum():
        first -= 1
    cuts: list[tuple[int, int]] = []
    for start, end in zip(text.starts[first:last], text.ends[first:last], strict=True):
        if start == end:
            continue
        if cuts and cuts[-1][1] == start:
            cuts[-1] = (cuts[-1][0], end)
        elif not cuts or start >= cuts[-1][1]:
            cuts.append((start, end))
    return tuple(cuts)


def _whole(text: _Text, kind: Kind, element: _Element) -> Finding:
    """An element that goes with everything in it."""
    end = max(element.end, element.inner_start)
    quote = text.source[element.start : end]
    around = _around(text, element.text_start, max(element.text_end, element.text_start))
    return Finding(kind, _cut(quote), *around, element.start, end, ((element.start, end),))


def _unwrapped(text: _Text, kind: Kind, element: _Element) -> Finding:
    """A tag that goes while its words stay."""
    cuts = [(element.start, element.inner_start)]
    if element.end > element.inner_end:
        cuts.append((element.inner_end, element.end))
    end = max(element.end, element.inner_start)
    around = _around(text, element.text_start, max(element.text_end, element.text_start))
    return Finding(kind, _cut(text.source[element.start : end]), *around, element.start, end, tuple(cuts))


def _trick(text: _Text, element: _Element) -> Finding:
    """What a tag does when it is touched goes; the tag stays."""
    cuts = tuple(match.span() for match in _HANDLER.finditer(text.source, element.start, element.inner_start))
    start, end = (cuts[0][0], cuts[-1][1]) if cuts else (element.start, element.inner_start)
    around = _around(text, element.text_start, element.text_start)
    return Finding(Kind.SCRIPT, _cut(text.source[start:end].strip()), *around, start, end, cuts)


def _around(text: _Text, first: int, last: int) -> tuple[str, str]:
    before = _shown(text, max(first - EXCERPT_LENGTH, 0), first)
    after = _shown(text, last, min(last + EXCERPT_LENGTH, len(text.shown)))
    if first > EXCERPT_LENGTH:
        before = "… " + before.partition(" ")[2]
    if last + EXCERPT_LENGTH < len(text.shown):
        after = after.rpartition(" ")[0] + " …"
    return before, after


def _shown(text: _Text, first: int, last: int) -> str:
    return " ".join("".join(text.shown[first:last]).split())


def _cut(quote: str) -> str:
    quote = " ".join(quote.split())
    return quote if len(quote) <= LONGEST_QUOTE else quote[: LONGEST_QUOTE - 1] + "…"


def _moved(finding: Finding, offset: int) -> Finding:
    if not offset:
        return finding
    cuts = tuple((start + offset, end + offset) for start, end in finding.cuts)
    return replace(finding, start=finding.start + offset, end=finding.end + offset, cuts=cuts)


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """In order of place, without what stands inside another one: taking out the outer takes out the inner."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
        inside = any(
            start <= finding.start and finding.end <= end and (start, end) != (finding.start, finding.end)
            for other in kept[-3:]
            for start, end in other.cuts
        )
        same = any((other.start, other.end) == (finding.start, finding.end) for other in kept[-3:])
        if not inside and not same:
            kept.append(finding)
    return kept
