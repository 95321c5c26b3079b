"""Pictures and documents: those that were given, or are fetched from the old site."""

import io
import re
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.utils.text import slugify
from wagtail.documents import get_document_model

from content.models import SummitImage
from wordpress.actions.records import Run
from wordpress.choices import Outcome
from wordpress.exceptions import ImportRefused
from wordpress.fetching import fetch_file
from wordpress.markup import Picture
from wordpress.media import Media, UnusableMedia, checked_picture
from wordpress.survey import path_of

PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"}
# Where the files of a trial would be, if they were written.
NOT_WRITTEN = "tried/"
DOCUMENTS = {".csv", ".docx", ".odt", ".pdf", ".pptx", ".rtf", ".txt", ".xlsx", ".zip"}


class Files:
    def __init__(self, run: Run) -> None:
        self.run = run
        place = run.choices.media
        try:
            self.media = Media(Path(place) if place else None)
        except (UnusableMedia, OSError) as error:
            raise ImportRefused(f"The media cannot be used: {error}") from error
        # Files that were brought in, by the keys of their attachments; None where it could not be done.
        self.brought: dict[str, Any] = {}
        # Why files that no attachment tells of could not be.
        self.unusable: dict[str, str] = {}
        # Pictures by the addresses that texts had for them.
        self.shown: dict[str, SummitImage] = {}
        self.attachments_at: dict[str, str] = {}
        self.attached_to: dict[str, list[str]] = {}
        for attachment in run.found.attachments.values():
            self.attachments_at.setdefault(_unsized(attachment.address), attachment.key)
            if attachment.parent and PurePosixPath(urlsplit(attachment.address).path).suffix.lower() in PICTURES:
                self.attached_to.setdefault(attachment.parent, []).append(attachment.key)
        # By address: where the fetched file lies, or why there is none.
        self.fetched: dict[str, Path | str] = {}

    def fetch(self, folder: Path) -> None:
        """Fetch what the given media lack, before anything is written: another server decides how long that takes."""
        for attachment in self.run.found.attachments.values():
            address = attachment.address
            suffix = PurePosixPath(urlsplit(address).path).suffix.lower() if address.startswith("http") else ""
            before = self.run.before("attachment", attachment.key)
            if (before and (before.image_id or before.document_id)) or self.media.find(attachment.file, address):
                continue
            if suffix in PICTURES | DOCUMENTS and address not in self.fetched:
                try:
                    path = folder / str(len(self.fetched))
                    path.write_bytes(fetch_file(address))
                    self.fetched[address] = path
                except UnusableMedia as error:
                    self.fetched[address] = str(error)

    def picture(self, block: Picture, notes: list[str]) -> dict[str, Any]:
        key = block.attachment if block.attachment in self.run.found.attachments else ""
        key = key or self.attachments_at.get(_unsized(block.address), "")
        attachment = self.run.found.attachments.get(key)
        alternative = block.alternative or (attachment.alternative if attachment else "")
        caption = block.caption or (attachment.caption if attachment and not block.address else "")
        image = self.attachment(key) if key else self._stray(block.address)
        if isinstance(image, SummitImage):
            self.shown.setdefault(block.address, image)
            value = {"image": image.pk, "alt_text": alternative[:255], "decorative": not alternative}
            return {"type": "picture", "value": {"image": value, "caption": caption}}
        address = block.address or (attachment.address if attachment else "")
        words = caption or alternative or PurePosixPath(unquote(urlsplit(address).path)).name or "Picture"
        why = "" if key else self.unusable.get(self.media.find(address) or "", "")
        notes.append(f"A picture became a link to where it was: {address or 'nowhere'}{f'. {why}' if why else ''}")
        if not address.startswith("http"):
            return {"type": "paragraph", "value": f"<p>Picture: {_escaped(words)}</p>"}
        return {"type": "paragraph", "value": f'<p>Picture: <a href="{_escaped(address)}">{_escaped(words)}</a></p>'}

    def attachment(self, key: str) -> Any:
        """Bring a file in, once, whether a text or the file's own record asks first."""
        if key in self.brought:
            return self.brought[key]
        attachment = self.run.found.attachments[key]
        label = attachment.title or attachment.file or attachment.address or key
        before = self.run.before("attachment", key)
        found = (before.image or before.document) if before else None
        if before and found:
            self.brought[key] = found
            self.run.record("attachment", key, label, Outcome.UNCHANGED, image=before.image, document=before.document)
            return found
        self.brought[key] = None
        try:
            name, content = self._content(attachment.file, attachment.address)
            suffix = PurePosixPath(name).suffix.lower()
            notes = ["To be fetched from the old site; a link where that fails"] if content is None else []
            if suffix in PICTURES:
                image = self._save_image(name, content, label, description=attachment.alternative)
                self.run.record("attachment", key, label, Outcome.IMPORTED, image=image, is_made=True, notes=notes)
                self.brought[key] = image
            elif suffix in DOCUMENTS:
                document = self._save_document(name, content, label)
                self.run.record(
                    "attachment", key, label, Outcome.IMPORTED, document=document, is_made=True, notes=notes
                )
                self.brought[key] = document
            else:
                raise UnusableMedia(f"A kind of file that is not kept here: {suffix or 'without an ending'}")
        except UnusableMedia as error:
            self.run.skip("attachment", key, label, str(error))
        return self.brought[key]

    def document_at(self, address: str) -> Any:
        """The document that an address of the old site gave, if it was brought in."""
        key = self.attachments_at.get(_unsized(address))
        if key and PurePosixPath(urlsplit(address).path).suffix.lower() in DOCUMENTS:
            return self.attachment(key)
        return None

    def _stray(self, address: str) -> Any:
        """A picture that no attachment tells of, but whose file is there."""
        name = self.media.find(address) if address else None
        if not name:
            return None
        if name not in self.brought:
            self.brought[name] = None
            try:
                title = PurePosixPath(name).stem
                before = self.run.before("picture", name)
                image = before.image if before else None
                image = image or self._save_image(name, self.media.read(name), title)
                self.run.record(
                    "picture", name, title, Outcome.UNCHANGED if before else Outcome.IMPORTED, image=image,
                    is_made=not before, is_found=False,
                )  # fmt: skip
                self.brought[name] = image
            except UnusableMedia as error:
                self.unusable[name] = str(error)
        return self.brought[name]

    def _content(self, file: str, address: str) -> tuple[str, bytes | None]:
        """A file's name and what is in it; None while it is only tried what would be fetched."""
        name = self.media.find(file, address)
        if name:
            return PurePosixPath(name).name, self.media.read(name)
        if self.run.choices.is_fetching:
            name = PurePosixPath(unquote(urlsplit(address).path)).name
            if self.run.is_trial and address.startswith("http"):
                return name, None
            fetched = self.fetched.get(address, "It has no address to fetch it from")
            if isinstance(fetched, str):
                raise UnusableMedia(fetched)
            return name, fetched.read_bytes()
        raise UnusableMedia("Not among the given media" if self.media else "No media were given")

    def _save_image(self, name: str, content: bytes | None, title: str, description: str = "") -> SummitImage:
        """Keep a picture. A trial makes its row, which is taken back with all the rest, and writes no file."""
        width, height = checked_picture(content) if content is not None else (1, 1)
        name = _file_name(name)
        image = SummitImage(
            title=title[:255],
            description=description[:255],
            width=width,
            height=height,
            file_size=len(content or b""),
            uploaded_by_user=self.run.actor,
            file=NOT_WRITTEN + name,
        )
        if content is not None and not self.run.is_trial:
            image.file.save(name, ImageFile(io.BytesIO(content), name=name), save=False)
            image.file_size = image.file.size
        image.save()
        return image

    def _save_document(self, name: str, content: bytes | None, title: str) -> Any:
        name = _file_name(name)
        document = get_document_model()(
            title=title[:255],
            file_size=len(content or b""),
            uploaded_by_user=self.run.actor,
            file=NOT_WRITTEN + name,
        )
        if content is not None and not self.run.is_trial:
            document.file.save(name, ContentFile(content), save=False)
        document.save()
        return document


def _unsized(address: str) -> str:
    """An address of a file without its scheme, and without the size that WordPress adds to smaller copies."""
    path = path_of(address.partition("?")[0].partition("#")[0])
    return re.sub(r"-\d{2,5}x\d{2,5}(?=\.[a-z0-9]{2,5}$)", "", path, flags=re.IGNORECASE)


def _file_name(name: str) -> str:
    path = PurePosixPath(name)
    return f"{slugify(path.stem)[:60] or 'file'}{path.suffix.lower()}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
