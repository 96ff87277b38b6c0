"""A zip archive from an enemy."""

from __future__ import annotations

import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from changeover import errors
from changeover.metadata import archive
from changeover.metadata.archive import Archive
from changeover.metadata.encoding import MAX_BYTES
from changeover.metadata.file_error import FileError


def make(tmp_path: Path, entries: dict[str, bytes] | list[tuple[zipfile.ZipInfo | str, bytes]]) -> Path:
    file = tmp_path / "package.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items() if isinstance(entries, dict) else entries:
            package.writestr(name, content)
    return file


def refused(file: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        Archive(file)
    assert caught.value.kind is errors.ZIP_REFUSED
    assert caught.value.path == file.name
    return caught.value


def test_files_are_listed_and_read(tmp_path: Path) -> None:
    file = make(tmp_path, {"unpackaged/b.eca": b"2", "unpackaged/": b"", "unpackaged/a/a.eca": b"1"})
    with Archive(file) as package:
        assert package.paths() == ["unpackaged/a/a.eca", "unpackaged/b.eca"]
        assert package.read("unpackaged/b.eca") == b"2"


@pytest.mark.parametrize(
    "name",
    [
        "../a.eca",
        "a/../../b.eca",
        "/etc/a.eca",
        "C:/a.eca",
        "a\\b.eca",
        "..\\a.eca",
        "a//b.eca",
        "./a.eca",
        "",
    ],
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    refused(make(tmp_path, [(info, b"x")]))


def test_a_name_cut_off_by_nul_is_refused(tmp_path: Path) -> None:
    file = make(tmp_path, {"good.eca#bad.exe": b"x"})
    file.write_bytes(file.read_bytes().replace(b"good.eca#", b"good.eca\0"))
    assert "\0" not in refused(file).message


def test_a_link_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a.eca")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "link" in refused(make(tmp_path, [(info, b"/etc/passwd")])).message


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_path_that_stands_twice_is_refused(tmp_path: Path) -> None:
    assert "twice" in refused(make(tmp_path, [("a.eca", b"1"), ("a.eca", b"2")])).message


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    file = make(tmp_path, {"a.eca": b"x"})
    data = bytearray(file.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(data)
    assert "encrypted" in refused(file).message


def test_another_compression_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as package:
        package.writestr("a.eca", b"x")
    assert "packed" in refused(file).message


def test_an_archive_that_says_it_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1_000)
    refused(make(tmp_path, {"a.eca": b"0" * 600, "b.eca": b"0" * 600}))


def test_a_file_that_unpacks_to_more_than_its_header_says_is_damaged(tmp_path: Path) -> None:
    file = make(tmp_path, {"a.eca": b"0" * 1_000_000})
    data = bytearray(file.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 10)
    file.write_bytes(data)
    with Archive(file) as package, pytest.raises(FileError) as caught:
        package.read("a.eca")
    assert caught.value.kind is errors.ZIP_REFUSED
    assert caught.value.path == "a.eca"


def test_a_bomb_is_not_unpacked_beyond_the_limit(tmp_path: Path) -> None:
    file = make(tmp_path, {"a.eca": b"0" * (MAX_BYTES * 8), "b.eca": b"good"})
    tracemalloc.start()
    try:
        with Archive(file) as package:
            with pytest.raises(FileError) as caught:
                package.read("a.eca")
            assert package.read("b.eca") == b"good"
        assert tracemalloc.get_traced_memory()[1] < MAX_BYTES * 3
    finally:
        tracemalloc.stop()
    assert caught.value.kind is errors.XML_TOO_LARGE


def test_reading_the_same_bytes_for_ever_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1_000)
    with Archive(make(tmp_path, {"a.eca": b"0" * 900})) as package:
        for _ in range(4):
            package.read("a.eca")
        with pytest.raises(FileError) as caught:
            package.read("a.eca")
    assert caught.value.kind is errors.ZIP_REFUSED


def test_too_many_files_are_refused_before_their_names_are_read(tmp_path: Path) -> None:
    file = make(tmp_path, {"a.eca": b"x"})
    data = bytearray(file.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<HH", data, end + 8, 0xFFFF, 0xFFFF)
    file.write_bytes(data)
    refused(file)
    struct.pack_into("<HHI", data, end + 8, 1, 1, 0x7FFFFFFF)
    file.write_bytes(data)
    refused(file)


def test_zip64_is_refused(tmp_path: Path) -> None:
    file = make(tmp_path, {"a.eca": b"x"})
    data = file.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    file.write_bytes(data[:end] + b"PK\x06\x07" + bytes(16) + data[end:])
    assert "Zip64" in refused(file).message


@pytest.mark.parametrize("cut", [0, 1, 10, 30, -1, -10, -22])
def test_a_truncated_archive_is_refused(tmp_path: Path, cut: int) -> None:
    file = make(tmp_path, {"a.eca": b"x" * 1000})
    file.write_bytes(file.read_bytes()[:cut])
    refused(file)


def test_a_damaged_file_is_one_error_and_the_others_are_read(tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        package.writestr("a.eca", b"first")
        package.writestr("b.eca", b"second")
    file.write_bytes(file.read_bytes().replace(b"first", b"fIrst"))
    with Archive(file) as package:
        with pytest.raises(FileError):
            package.read("a.eca")
        assert package.read("b.eca") == b"second"


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        Archive(tmp_path / "none.zip")
    assert caught.value.kind is errors.PATH_MISSING
