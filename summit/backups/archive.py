"""A backup is one tar file: the database, the media, and a manifest that says what each must add up to."""

import contextlib
import hashlib
import hmac
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from summit.backups import databases
from summit.backups.databases import Digests

FORMAT = 1
MANIFEST = "manifest.json"
MEDIA = "media/"
CHUNK = 1 << 20


@dataclass
class Manifest:
    format: int
    made_at: str
    site: str
    vendor: str
    # Of the SECRET_KEY, by which people are known again: erasures and limits of another key find nobody.
    key: str
    migrations: list[list[str]]
    tables: Digests
    files: dict[str, dict[str, Any]]

    @property
    def rows(self) -> int:
        return sum(count for count, _ in self.tables.values())

    @property
    def media(self) -> list[str]:
        return [name for name in self.files if name.startswith(MEDIA)]


def key_print(key: str | None = None) -> str:
    return hmac.new((key or settings.SECRET_KEY).encode(), b"summit.backups", hashlib.sha256).hexdigest()[:16]


def is_of_our_key(manifest: Manifest) -> bool:
    """Made with our key, or with one that was ours and is kept for what was said under it."""
    return manifest.key in {key_print(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}


def write(path: Path) -> Manifest:
    """Write everything into a new file, read it again to see that it can be, and only then give it its name."""
    connection = connections["default"]
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        # Only who makes it may read it: it holds what everybody said, and their addresses.
        Path(folder).chmod(0o700)
        name = databases.copy_name(connection)
        copy, whole = Path(folder) / name, Path(folder) / "whole.tar"
        tables = databases.copy_out(connection, copy)
        manifest = Manifest(
            format=FORMAT,
            made_at=timezone.now().isoformat(timespec="seconds"),
            site=settings.BASE_URL,
            vendor=connection.vendor,
            key=key_print(),
            migrations=sorted([app, step] for app, step in MigrationRecorder(connection).applied_migrations()),
            tables=tables,
            files={},
        )
        with tarfile.open(whole, "w") as archive:
            manifest.files[name] = _add(archive, copy, name)
            copy.unlink()
            for file in media_files():
                # One that is deleted while this runs is no part of it.
                with contextlib.suppress(FileNotFoundError):
                    inside = MEDIA + file.relative_to(settings.MEDIA_ROOT).as_posix()
                    manifest.files[inside] = _add(archive, file, inside)
            described = Path(folder) / MANIFEST
            described.write_text(json.dumps(asdict(manifest), indent=1))
            archive.add(described, MANIFEST)
        check(whole, read_manifest(whole))
        whole.chmod(0o600)
        with whole.open("rb") as written:
            os.fsync(written.fileno())
        whole.replace(path)
    return manifest


def media_files() -> Iterator[Path]:
    root = Path(settings.MEDIA_ROOT)
    return (path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink())


def read_manifest(path: Path) -> Manifest:
    try:
        with tarfile.open(path) as archive:
            described = archive.extractfile(MANIFEST)
            assert described is not None  # noqa: S101 a file, or a KeyError before
            manifest = Manifest(**json.load(described))
        manifest.tables = {name: (int(count), str(digest)) for name, (count, digest) in manifest.tables.items()}
        if manifest.format == FORMAT:
            _see_that_it_is_whole(manifest)
    except FileNotFoundError as error:
        raise CommandError(f"There is no file {path}.") from error
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (tarfile.TarError, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        raise CommandError(f"{path} is no backup of Summit, or it is not whole.") from error
    if manifest.format != FORMAT:
        raise CommandError(f"{path} was written by another version of Summit (format {manifest.format}).")
    return manifest


def _see_that_it_is_whole(manifest: Manifest) -> None:
    """Some exception, if it lacks what every backup has."""
    told = [file["sha256"] for file in manifest.files.values()]
    told += [word for app, step in manifest.migrations for word in (app, step)]
    is_text = all(isinstance(word, str) for word in told)
    if not is_text or not manifest.tables or databases.COPIES[manifest.vendor] not in manifest.files:
        raise ValueError


def check(path: Path, manifest: Manifest) -> None:
    """Read every file of a backup and see that it is what was put in."""
    with tarfile.open(path) as archive:
        held = {member.name: member for member in archive if member.isfile()}
        for name, expected in manifest.files.items():
            if name not in held:
                raise CommandError(f"{path} is damaged: {name} is missing.")
            with _opened(archive, held[name]) as file:
                if _digest(file) != expected["sha256"]:
                    raise CommandError(f"{path} is damaged: {name} is not what was kept.")


@contextlib.contextmanager
def extracted(path: Path, name: str, folder: Path) -> Iterator[Path]:
    """One file of the archive in a folder, and gone again."""
    target = folder / Path(name).name
    with tarfile.open(path) as archive, _opened(archive, archive.getmember(name)) as read, target.open("wb") as written:
        while chunk := read.read(CHUNK):
            written.write(chunk)
    try:
        yield target
    finally:
        target.unlink(missing_ok=True)


def put_media_back(path: Path, manifest: Manifest) -> int:
    """Make the media folder hold what the backup holds, and nothing else. Answers how many files were written."""
    root = Path(settings.MEDIA_ROOT).resolve()
    root.mkdir(parents=True, exist_ok=True)
    wanted = set()
    with tarfile.open(path) as archive:
        for name in manifest.media:
            target = (root / name.removeprefix(MEDIA)).resolve()
            if not target.is_relative_to(root):
                raise CommandError(f"{path} would write outside the media folder.")
            wanted.add(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.partial")
            with _opened(archive, archive.getmember(name)) as read, partial.open("wb") as written:
                while chunk := read.read(CHUNK):
                    written.write(chunk)
            partial.replace(target)
    for file in list(media_files()):
        if file.resolve() not in wanted:
            file.unlink()
    return len(wanted)


def _add(archive: tarfile.TarFile, file: Path, name: str) -> dict[str, Any]:
    with file.open("rb") as read:
        digest = _digest(read)
        read.seek(0)
        member = archive.gettarinfo(name=str(file), arcname=name, fileobj=read)
        # Who owned it there means nothing elsewhere.
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        archive.addfile(member, read)
    return {"bytes": member.size, "sha256": digest}


@contextlib.contextmanager
def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[IO[bytes]]:
    file = archive.extractfile(member)
    if file is None:
        raise CommandError(f"{member.name} of the backup is no file.")
    with file:
        yield file


def _digest(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()
