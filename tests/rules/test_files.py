"""The store of files: complete or absent, found by kind and hash, and nothing else by way of it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from cases.errors import NotFound
from cases.files import FileKind, FileStore


def test_a_stored_file_comes_back_under_the_hash_of_its_bytes(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    digest = store.put(FileKind.LETTER, b"letter")
    assert digest == sha256(b"letter").hexdigest()
    with store.open(FileKind.LETTER, digest) as file:
        assert file.read() == b"letter"


def test_the_same_bytes_are_one_file_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    digests = {store.put(FileKind.LETTER, b"letter") for _ in range(3)}
    assert [path.name for path in (tmp_path / "letters").iterdir()] == [f"{digest}.pdf" for digest in digests]


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "letters" / f"{sha256(b'letter').hexdigest()}.pdf" / "in-the-way").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        FileStore(tmp_path).put(FileKind.LETTER, b"letter")
    assert len(list((tmp_path / "letters").iterdir())) == 1


@pytest.mark.parametrize(
    "name", ["", "../secret-key", "/etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "0" * 64]
)
def test_a_name_that_is_no_stored_hash_is_not_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret-key").write_text("secret")
    with pytest.raises(NotFound):
        FileStore(tmp_path).open(FileKind.LETTER, name)
