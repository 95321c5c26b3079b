"""Where uploaded exports wait. Below no address: an export holds what its blog never published."""

import time
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from wordpress.models import Batch

KEPT_SECONDS = 7 * 24 * 60 * 60
LARGEST_UPLOAD = 200 * 1024 * 1024


def folder() -> Path:
    place = Path(settings.VAR_DIR) / "imports"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def path_of(batch: Batch) -> Path:
    return folder() / f"{batch.uuid}.xml"


def media_path_of(batch: Batch) -> Path:
    return folder() / f"{batch.uuid}.zip"


def keep(file: BinaryIO, path: Path) -> Path:
    """Write an upload down, and clear away those that nobody brought in for a week."""
    for old in folder().iterdir():
        if old.is_file() and old.stat().st_mtime < time.time() - KEPT_SECONDS:
            old.unlink(missing_ok=True)
    file.seek(0)
    with path.open("wb") as target:
        while chunk := file.read(1024 * 1024):
            target.write(chunk)
    return path


def forget(batch: Batch) -> None:
    path_of(batch).unlink(missing_ok=True)
    media_path_of(batch).unlink(missing_ok=True)
