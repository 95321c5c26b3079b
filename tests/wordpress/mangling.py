"""Mangled exports: what a broken disk, a bad editor or an enemy makes of a good one. The same seed, the same file."""

import itertools
import random
import re

from tests.factories import wordpress as factory
from tests.factories.wordpress import LINK, author, category, comment, export, item, pingback, summit

NASTY = [
    "\x00", "\ufffe", "&nbsp;", "&#0;", "&#xD800;", "<", ">", "]]>", "<![CDATA[", "<!--", "-->", "<?php",
    "<!DOCTYPE x>", "\U0001f6f6" * 50, "\u202e", "{{ 7*7 }}", "%s%n", "'; DROP TABLE x; --", "[gallery]",
    "[caption]", "[[", "<p" * 50,
]  # fmt: skip


def good() -> str:
    # Numbers begin anew, so that the same seed gives the same file.
    factory._numbers = itertools.count(1000)
    body = "<div><p>Nets &amp; boats</p><ul><li>one<li>two</ul>[gallery ids='1'] <img src='x.png'></div>"
    return export(
        author(),
        category("news", "News"),
        *summit(),
        item(body, *(comment(f"Number {n}.", id=n, parent=n - 1) for n in range(200, 204)), id=50),
        item("x", pingback(f"{LINK}/slipway-50/", id=300), id=51, type="page"),
        item("", id=52, type="attachment", status="inherit"),
    )


def mangled(seed: int) -> bytes:
    """One of many ways to spoil the export."""
    lots = random.Random(seed)
    text = good()
    kind = seed % 12
    if kind == 0:
        return text.encode()[: lots.randrange(len(text))]
    if kind == 1:
        parts = re.split(r"(?=<)", text)
        lots.shuffle(parts)
        return "".join(parts).encode()
    if kind == 2:
        records = re.findall(r"<item>.*?</item>", text, re.DOTALL)
        head = text[: text.index("<item>")]
        lots.shuffle(records)
        return (head + "".join(records * lots.randrange(1, 3)) + "</channel></rss>").encode()
    if kind == 3:
        return text.encode(lots.choice(["utf-16", "utf-32", "cp1252", "cp037", "utf-7"]), "replace")
    if kind == 4:
        named = lots.choice(
            ["UTF-16", "latin-1", "cp037", "utf-7", "idna", "zlib", "base64", "punycode", "x" * 60, "UTF-32"]
        )
        return text.replace("UTF-8", named).encode()
    if kind == 5:
        content = bytearray(text.encode())
        for _ in range(lots.randrange(1, 40)):
            content[lots.randrange(len(content))] = lots.randrange(256)
        return bytes(content)
    if kind == 6:
        depth = lots.choice([20, 100, 5_000])
        tag = lots.choice(["item", "b", "wp:comment", "channel"])
        return text.replace("<item>", f"<{tag}>" * depth + "<item>", 1).encode()
    if kind == 7:
        depth = lots.choice([50, 1_000])
        tag = lots.choice(["div", "ul><li", "blockquote", "a href=x", "table><tr><td", "span", "p", "b"])
        return text.replace("<div>", f"<{tag}>" * depth + "<div>").encode()
    if kind == 8:
        levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
        bomb = lots.choice(
            [f"<!DOCTYPE rss [{levels}]>", '<!DOCTYPE rss SYSTEM "http://127.0.0.1/x.dtd">',
             '<!DOCTYPE rss [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>', "<!DOCTYPE rss>"]
        )  # fmt: skip
        return text.replace("<rss", f"{bomb}<rss", 1).replace("Nets &amp;", "Nets ]]>&e9;<![CDATA[").encode()
    if kind == 9:
        for _ in range(lots.randrange(1, 12)):
            place = lots.randrange(len(text))
            text = text[:place] + lots.choice(NASTY) + text[place:]
        return text.encode("utf-8", "surrogatepass")
    if kind == 10:
        for _ in range(lots.randrange(1, 10)):
            tags = re.findall(r"<(?:wp|dc|content|excerpt):[a-z_]+>[^<]*</[^>]+>", text)
            chosen = lots.choice(tags)
            other = lots.choice([*tags, "", chosen * 3])
            text = text.replace(chosen, other, 1)
        return text.encode()
    values = [
        "",
        "-1",
        "99999999999999999999",
        "NaN",
        "0",
        "x" * 2_000,
        "é" * 300,
        "../../etc/passwd",
        "comment",
        "post",
    ]
    for _ in range(lots.randrange(1, 15)):
        spots = [found.span(1) for found in re.finditer(r"<wp:[a-z_]+>(?:<!\[CDATA\[)?([^<\]]*)", text)]
        start, end = lots.choice(spots)
        text = text[:start] + lots.choice(values) + text[end:]
    return text.encode()
