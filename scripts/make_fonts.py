"""Make the web fonts in static/fonts from the npm packages they come from.

    npm pack @fontsource-variable/newsreader @fontsource-variable/atkinson-hyperlegible-next
    python scripts/make_fonts.py UNPACKED_NEWSREADER UNPACKED_ATKINSON

The two arguments are the `package` folders. Needs fontTools and brotli, which WeasyPrint brings.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# The same packages make the same files.
os.environ.setdefault("SOURCE_DATE_EPOCH", "1760000000")

OUT = Path(__file__).resolve().parent.parent / "static" / "fonts"

PUNCTUATION = {0x2010, 0x2011, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026, 0x2032, 0x2033, 0x20AC, 0x2212}
ASCII = set(range(0x20, 0x7F)) | {0xA0, 0xA3, 0xB7, 0xD7} | PUNCTUATION
LATIN_1 = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | PUNCTUATION

# Fixed styles: (slope, optical size). Paged media take them all, the web the italic, which stands at text sizes only.
FIXED = {"newsreader-display": ("normal", 60), "newsreader-text": ("normal", 18), "newsreader-italic": ("italic", 20)}
OPTICAL_SIZES = (18, 72)


def opened(path: Path | str) -> TTFont:
    """A font that keeps its own date, so that the same package makes the same files."""
    return TTFont(path, recalcTimestamp=False)


def whole(package: Path, pattern: str, location: dict, folder: Path, *, merge: bool = True) -> TTFont:
    """One font with all the Latin characters the package has, fixed or limited at a place on its axes."""
    paths = []
    for part in ("latin", "latin-ext") if merge else ("latin",):
        font = instancer.instantiateVariableFont(opened(package / "files" / pattern.format(part)), location)
        font.flavor = None
        path = folder / pattern.format(part).replace(".woff2", f"-{len(list(folder.iterdir()))}.ttf")
        font.save(path)
        paths.append(str(path))
    return Merger().merge(paths) if merge else opened(paths[0])


def save(font: TTFont, characters: set[int], name: str) -> None:
    """Write the part of a font that draws `characters`."""
    options = subset.Options(layout_features=["*"], notdef_outline=True, hinting=False, desubroutinize=True)
    options.drop_tables += ["gasp", "prep"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.flavor = "woff2"
    path = OUT / f"{name}.woff2"
    font.save(path)
    print(f"{path.name:32} {path.stat().st_size:7,} bytes  {ranges_of(set(font.getBestCmap()))}")


def ranges_of(characters: set[int]) -> str:
    """The characters as CSS says them in `unicode-range`."""
    ranges: list[list[int]] = []
    for character in sorted(characters):
        if ranges and ranges[-1][1] == character - 1:
            ranges[-1][1] = character
        else:
            ranges.append([character, character])
    return ", ".join(f"U+{low:04X}" + (f"-{high:04X}" if high > low else "") for low, high in ranges)


def reload(font: TTFont, folder: Path) -> TTFont:
    path = folder / "whole.ttf"
    font.flavor = None
    font.save(path)
    return opened(path)


def main(newsreader: Path, atkinson: Path) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for face, (style, size) in FIXED.items():
            font = whole(newsreader, f"newsreader-{{}}-standard-{style}.woff2", {"opsz": size, "wght": 400}, folder)
            everything = set(font.getBestCmap())
            save(reload(font, folder), everything, f"{face}-print")
            if style == "italic":
                save(reload(font, folder), ASCII, face)
                save(reload(font, folder), everything - ASCII, f"{face}-more")

        # The roman keeps its axis of optical sizes: a title is drawn finer than text, by the browser, from one file.
        for part, first in (("latin", ASCII), ("latin-ext", set())):
            source = newsreader / "files" / f"newsreader-{part}-standard-normal.woff2"
            font = instancer.instantiateVariableFont(opened(source), {"opsz": OPTICAL_SIZES, "wght": 400})
            characters = set(font.getBestCmap())
            if first:
                save(reload(font, folder), first, "newsreader")
            save(reload(font, folder), characters - first, "newsreader-latin" if first else "newsreader-ext")

        # The web gets one file with both weights; paged media, where variable fonts are not dependable, one for each.
        pattern = "atkinson-hyperlegible-next-{}-wght-normal.woff2"
        for part, name_ in (("latin", "atkinson"), ("latin-ext", "atkinson-more")):
            source = opened(atkinson / "files" / pattern.format(part))
            font = instancer.instantiateVariableFont(source, {"wght": (400, 700)})
            characters = set(font.getBestCmap())
            save(reload(font, folder), LATIN_1 if part == "latin" else characters - LATIN_1, name_)
        for weight in (400, 600):
            font = whole(atkinson, pattern, {"wght": weight}, folder)
            save(reload(font, folder), set(font.getBestCmap()), f"atkinson-{weight}-print")
    shutil.copy(newsreader / "LICENSE", OUT / "OFL-Newsreader.txt")
    shutil.copy(atkinson / "LICENSE", OUT / "OFL-Atkinson-Hyperlegible-Next.txt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
