"""Where the bytes of letters and documents are kept: in folders, each file named by the hash of its content.

A file is complete or absent, whenever the machine stops: it is written under a temporary name, forced to
disk, and only then given its own. Storing the same bytes again changes nothing.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cases.errors import NotFound

_HASH = re.compile(r"[0-9a-f]{64}")


class FileKind(StrEnum):
    """What a file is, which is also the name of its folder below the home."""

    LETTER = "letters"
    LETTER_PAGE = "letters/html"
    LETTER_TEXT = "letters/text"
    DOCUMENT = "documents"
    THUMBNAIL = "thumbnails"  # a document's small picture, under the document's hash
    PAGE = "pages"  # a document's page as a picture, under a hash of its own; may be made again

    @property
    def suffix(self) -> str:
        """The ending of this kind's file names."""
        return _SUFFIXES[self]


_SUFFIXES = {
    FileKind.LETTER: ".pdf",
    FileKind.LETTER_PAGE: ".html",
    FileKind.LETTER_TEXT: ".txt",
    FileKind.DOCUMENT: "",
    FileKind.THUMBNAIL: ".jpg",
    FileKind.PAGE: ".jpg",
}


class FileStore:
    """The files below one home folder, found by kind and hash."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def put(self, kind: FileKind, content: bytes, digest: str | None = None) -> str:
        """Store `content` and return its sha256 (hex) once it is safe on disk.

        digest: for what is derived from something else, the hash to store it under instead.
        Raises OSError when the disk is full or the folder can't be written.
        """
        digest = digest or sha256(content).hexdigest()
        path = self._path(kind, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        _force_folder(path.parent)
        return digest

    def open(self, kind: FileKind, digest: str) -> BinaryIO:
        """Open the file with this hash for reading.

        Raises NotFound when there is none, or when `digest` isn't the hash of anything.
        """
        if not _HASH.fullmatch(digest):
            raise NotFound("there is no file of that name")
        try:
            return self._path(kind, digest).open("rb")
        except FileNotFoundError:
            raise NotFound(f"the file {digest[:12]} is missing from {kind}") from None

    def discard(self, kind: FileKind, digest: str, *, older_than: datetime) -> bool:
        """Delete a file if it was last stored before `older_than`; return whether it was deleted.

        It is set aside first and its age looked at then: somebody may be storing the same bytes just now.
        """
        path = self._path(kind, digest)
        aside = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime >= older_than.timestamp():
            aside.rename(path)
            return False
        aside.unlink()
        return True

    def stored_between(self, kind: FileKind, after: datetime, before: datetime) -> Iterator[str]:
        """Yield the hashes of the files of a kind that were last stored between two instants."""
        folder = self._home / kind.value
        for entry in os.scandir(folder) if folder.exists() else ():
            digest = entry.name.removesuffix(kind.suffix)
            if _HASH.fullmatch(digest) and after.timestamp() <= entry.stat().st_mtime < before.timestamp():
                yield digest

    def _path(self, kind: FileKind, digest: str) -> Path:
        return self._home / kind.value / f"{digest}{kind.suffix}"


def _force_folder(folder: Path) -> None:
    """Make the folder's entries survive a power cut, as fsync does for a file's bytes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
