"""The pictures and documents of a blog, from a folder or a zip of its uploads."""

import io
import lzma
import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from PIL import Image

LARGEST_FILE = 40 * 1024 * 1024
LARGEST_RATIO = 200
MOST_PIXELS = 60_000_000
MOST_FILES = 200_000
_sized = re.compile(r"-(?:\d{2,5}x\d{2,5}|scaled|e\d{10,})(?=\.[a-z0-9]{2,5}$)", re.IGNORECASE)


class UnusableMedia(Exception):
    """A file, or all of the media, cannot be used. The message says why."""


class Media:
    """Finds a blog's files by their addresses. Without a place to look, finds none."""

    def __init__(self, place: Path | None = None) -> None:
        self.archive: zipfile.ZipFile | None = None
        self.paths: dict[str, list[str]] = {}
        self.place = place
        if place is None:
            return
        if place.is_dir():
            names = self._names_in_folder(place)
        elif zipfile.is_zipfile(place):
            try:
                self.archive = zipfile.ZipFile(place)
            except zipfile.BadZipFile as error:
                raise UnusableMedia("The zip file is broken. Pack the folder wp-content/uploads again.") from error
            names = [entry.filename for entry in self.archive.infolist() if not entry.is_dir()]
        else:
            raise UnusableMedia("This is neither a folder nor a zip file.")
        if len(names) > MOST_FILES:
            raise UnusableMedia(f"There are more than {MOST_FILES:,} files.")
        for name in names:
            self.paths.setdefault(PurePosixPath(name).name.lower(), []).append(name)

    def _names_in_folder(self, place: Path) -> list[str]:
        root = place.resolve()
        # A link may lead out of the folder, to files that are nobody's uploads.
        return [
            path.relative_to(place).as_posix()
            for path in sorted(place.rglob("*"))
            if path.is_file() and path.resolve().is_relative_to(root)
        ]

    def __bool__(self) -> bool:
        return self.place is not None

    def find(self, *addresses: str) -> str | None:
        """The name of the file that stood at the first of these addresses that we have, in whatever size."""
        for address in addresses:
            path = unquote(urlsplit(address).path)
            for candidate in dict.fromkeys([path, _sized.sub("", path)]):
                names = self.paths.get(PurePosixPath(candidate).name.lower(), [])
                if names:
                    return max(names, key=lambda name: _shared_end(name, candidate))
        return None

    def read(self, name: str) -> bytes:
        if self.archive is not None:
            entry = self.archive.getinfo(name)
            if entry.file_size > LARGEST_FILE:
                raise UnusableMedia(f"The file is larger than {LARGEST_FILE // 1024 // 1024} MB")
            if entry.compress_size and entry.file_size / entry.compress_size > LARGEST_RATIO:
                raise UnusableMedia("The file is packed as attacks are packed")
            try:
                return self.archive.read(entry)
            except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError) as error:
                raise UnusableMedia("The file in the zip is broken or locked") from error
        path = (self.place or Path()) / name
        if path.stat().st_size > LARGEST_FILE:
            raise UnusableMedia(f"The file is larger than {LARGEST_FILE // 1024 // 1024} MB")
        return path.read_bytes()


def checked_picture(content: bytes) -> tuple[int, int]:
    """The size of a picture that is one, and no larger than can be drawn."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise UnusableMedia("The picture has more pixels than can be drawn")
            picture.verify()
    except UnusableMedia:
        raise
    except Exception as error:  # Pillow's readers raise whatever they like
        raise UnusableMedia("The file is not the picture it says it is") from error
    return width, height


def _shared_end(name: str, path: str) -> int:
    """How many parts of the two paths agree, from the end."""
    parts, others = PurePosixPath(name.lower()).parts[::-1], PurePosixPath(path.lower()).parts[::-1]
    count = 0
    for one, other in zip(parts, others, strict=False):
        if one != other:
            break
        count += 1
    return count
