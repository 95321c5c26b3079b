"""Make the web fonts in static/fonts from the npm packages they come from.

    npm pack @fontsource-variable/newsreader @fontsource-variable/atkinson-hyperlegible-next
    python scripts/make_fonts.py UNPACKED_NEWSREADER UNPACKED_ATKINSON

The two arguments are the `package` folders. Needs fontTools and brotli, which WeasyPrint brings.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

OUT = Path(__file__).resolve().parent.parent / "static" / "fonts"

PUNCTUATION = {0x2010, 0x2011, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026, 0x2032, 0x2033, 0x20AC, 0x2212}
ASCII = set(range(0x20, 0x7F)) | {0xA0, 0xA3, 0xB7, 0xD7} | PUNCTUATION
LATIN_1 = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | PUNCTUATION

# name: (italic file, optical size, characters of the first file)
NEWSREADER = {
    "newsreader-display": ("normal", 60, ASCII),
    "newsreader-text": ("normal", 18, LATIN_1),
    "newsreader-italic": ("italic", 20, ASCII),
}


def whole(package: Path, pattern: str, location: dict, folder: Path, *, merge: bool = True) -> TTFont:
    """One font with all the Latin characters the package has, fixed or limited at a place on its axes."""
    paths = []
    for part in ("latin", "latin-ext") if merge else ("latin",):
        font = instancer.instantiateVariableFont(TTFont(package / "files" / pattern.format(part)), location)
        font.flavor = None
        path = folder / pattern.format(part).replace(".woff2", f"-{len(list(folder.iterdir()))}.ttf")
        font.save(path)
        paths.append(str(path))
    return Merger().merge(paths) if merge else TTFont(paths[0])


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
    print(f"{path.name:36} {len(font.getBestCmap()):4} characters {path.stat().st_size:7,} bytes")


def reload(font: TTFont, folder: Path) -> TTFont:
    path = folder / "whole.ttf"
    font.flavor = None
    font.save(path)
    return TTFont(path)


def main(newsreader: Path, atkinson: Path) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for face, (style, size, first) in NEWSREADER.items():
            font = whole(newsreader, f"newsreader-{{}}-standard-{style}.woff2", {"opsz": size, "wght": 400}, folder)
            everything = set(font.getBestCmap())
            save(reload(font, folder), first, face)
            save(reload(font, folder), everything - first, f"{face}-more")
            save(reload(font, folder), everything, f"{face}-print")

        # The web gets one file with both weights; paged media, where variable fonts are not dependable, one for each.
        pattern = "atkinson-hyperlegible-next-{}-wght-normal.woff2"
        for part, name_ in (("latin", "atkinson"), ("latin-ext", "atkinson-more")):
            source = TTFont(atkinson / "files" / pattern.format(part))
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
