"""Takes out of a picture what it says besides the picture: where and by whom it was taken, notes, small copies.

Nothing is drawn anew where that can be avoided: the parts of a file that hold the picture are kept byte by byte, with
its colours, its frames and which way up it is. Whatever stands behind its end goes too.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from PIL import Image
from PIL.ExifTags import Base
from wagtail.images.models import WagtailImageField, WagtailImageFieldFile

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What draws the picture, its colours, its resolution and its frames.
PNG_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs mDCV cLLI acTL fcTL fdAT".split()
)
WEBP_CHUNKS = frozenset([b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
WEBP_EXIF, WEBP_XMP = 0x08, 0x04
# How often an animation is shown.
GIF_APPLICATIONS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
JPEG_KEPT = {0xE0: b"JFIF\x00", 0xE2: b"ICC_PROFILE\x00", 0xEE: b"Adobe"}
EXIF = b"Exif\x00\x00"


class PictureFile(WagtailImageFieldFile):
    """A picture's file. However it comes here, only the picture is kept."""

    def save(self, name: str, content: File, save: bool = True) -> None:
        super().save(name, _cleaned(content), save)


class RenditionFile(PictureFile):
    """A copy of a picture. What it was drawn into is a temporary file that nobody else closes."""

    def save(self, name: str, content: File, save: bool = True) -> None:
        super().save(name, content, save)
        content.close()


class PictureFileField(WagtailImageField):
    attr_class = PictureFile

    def deconstruct(self) -> Any:
        """As the field it is to the database."""
        name, _, arguments, options = super().deconstruct()
        return name, "wagtail.images.models.WagtailImageField", arguments, options


class RenditionFileField(PictureFileField):
    attr_class = RenditionFile


def _cleaned(content: File) -> File:
    content.seek(0)
    found = content.read()
    content.seek(0)
    clean = without_metadata(found)
    return content if clean == found else ContentFile(clean, name=content.name)


def without_metadata(picture: bytes) -> bytes:
    """The same picture, and nothing else. What is no picture of a kind we know is left as it is."""
    try:
        if picture.startswith(b"\xff\xd8\xff"):
            return b"".join(_jpeg(picture))
        if picture.startswith(PNG_SIGNATURE):
            return b"".join(_png(picture))
        if picture.startswith(b"RIFF") and picture[8:12] == b"WEBP":
            return _webp(picture)
        if picture.startswith((b"GIF87a", b"GIF89a")):
            return b"".join(_gif(picture))
    except (struct.error, IndexError):
        # Its end is missing, or it is made up. Whoever can draw it can draw it anew.
        return _drawn_anew(picture)
    return _drawn_anew(picture) if picture[4:12] in (b"ftypavif", b"ftypavis") else picture


def _jpeg(picture: bytes) -> Iterator[bytes]:
    yield picture[:2]
    at, is_placed, exif = 2, False, _exif_of_jpeg(picture)
    while at + 1 < len(picture):
        kind = picture[at + 1]
        if picture[at] != 0xFF or kind == 0xD9:
            break
        # Bytes may be filled up between segments.
        if kind == 0xFF:
            at += 1
            continue
        end = at + 2 + struct.unpack_from(">H", picture, at + 2)[0]
        if not is_placed and kind != 0xE0:
            is_placed = True
            yield exif
        is_note = kind == 0xFE or 0xE0 <= kind <= 0xEF
        if not is_note or (kind in JPEG_KEPT and picture.startswith(JPEG_KEPT[kind], at + 4)):
            yield picture[at:end]
        at = end
        if kind == 0xDA:
            # The scan goes on to the next mark that is neither a stuffed byte nor a restart.
            while True:
                at = picture.find(b"\xff", at)
                if at < 0 or at + 1 == len(picture):
                    yield picture[end:]
                    at = len(picture)
                    break
                if picture[at + 1] == 0 or 0xD0 <= picture[at + 1] <= 0xD7:
                    at += 2
                    continue
                yield picture[end:at]
                break
    yield b"\xff\xd9"


def _exif_of_jpeg(picture: bytes) -> bytes:
    """What is kept of its first segment of metadata, as a segment."""
    at = 2
    while at + 4 <= len(picture) and picture[at + 1] != 0xDA:
        length = struct.unpack_from(">H", picture, at + 2)[0]
        if picture[at + 1] == 0xE1 and picture.startswith(EXIF, at + 4):
            body = _which_way_up(picture[at + 10 : at + 2 + length])
            return b"\xff\xe1" + struct.pack(">H", len(EXIF + body) + 2) + EXIF + body if body else b""
        at += 2 + length
    return b""


def _png(picture: bytes) -> Iterator[bytes]:
    yield PNG_SIGNATURE
    at, kind = len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", picture, at)
        end = at + 12 + length
        if kind in PNG_CHUNKS:
            yield picture[at:end]
        exif = _which_way_up(picture[at + 8 : end - 4]) if kind == b"eXIf" else b""
        if exif:
            yield struct.pack(">I4s", len(exif), kind) + exif + struct.pack(">I", zlib.crc32(kind + exif))
        at = end


def _webp(picture: bytes) -> bytes:
    exif, vp8x = b"", None
    kept, at, last = [], 12, min(len(picture), 8 + struct.unpack_from("<I", picture, 4)[0])
    while at + 8 <= last:
        kind, length = struct.unpack_from("<4sI", picture, at)
        end = at + 8 + length + length % 2
        chunk = picture[at:end]
        if kind == b"VP8X":
            vp8x = len(kept)
        if kind == b"EXIF":
            exif = _which_way_up(chunk[8 : 8 + length].removeprefix(EXIF))
        elif kind in WEBP_CHUNKS:
            kept.append(chunk)
        at = end
    if vp8x is not None:
        flags = kept[vp8x][8] & ~(WEBP_EXIF | WEBP_XMP) | (WEBP_EXIF if exif else 0)
        kept[vp8x] = kept[vp8x][:8] + bytes([flags]) + kept[vp8x][9:]
    if exif:
        kept.append(struct.pack("<4sI", b"EXIF", len(exif)) + exif)
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _gif(picture: bytes) -> Iterator[bytes]:
    flags = picture[10]
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    yield picture[:at]
    while at < len(picture) and picture[at] in (0x21, 0x2C):
        start, label = at, picture[at + 1]
        is_frame = picture[at] == 0x2C
        if is_frame:
            table = picture[at + 9]
            at += 11 + (3 << (table & 7) + 1 if table & 0x80 else 0)
        else:
            at += 2
        while picture[at]:
            at += 1 + picture[at]
        at += 1
        is_loop = label == 0xFF and picture[start + 3 : start + 14] in GIF_APPLICATIONS
        if is_frame or label == 0xF9 or is_loop:
            yield picture[start:at]
    yield b";"


def _which_way_up(metadata: bytes) -> bytes:
    """Metadata that say which way up the picture is, and nothing else; nothing if it is upright."""
    exif = Image.Exif()
    try:
        exif.load(metadata)
        turned = exif.get(Base.Orientation)
    except Exception:  # noqa: BLE001 what cannot be read says nothing
        return b""
    if turned not in range(2, 9):
        return b""
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<HHHIHHI", 1, Base.Orientation, 3, 1, turned, 0, 0)


def _drawn_anew(picture: bytes) -> bytes:
    """The picture as this machine writes it; as it is, if it says nothing else or cannot be drawn."""
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            exif = _which_way_up(opened.info.get("exif", b"").removeprefix(EXIF))
            told = [opened.info.pop(name, None) for name in ("exif", "xmp", "comment")]
            if opened.format == "AVIF" and not any(told):
                return picture
            out = io.BytesIO()
            opened.save(
                out,
                opened.format,
                quality=95,
                exif=exif,
                icc_profile=opened.info.get("icc_profile"),
                save_all=getattr(opened, "n_frames", 1) > 1,
                duration=opened.info.get("duration", 0),
            )
            return out.getvalue()
    except Exception:  # noqa: BLE001 forms and imports refuse what cannot be drawn
        return picture
