"""A photo as an iPhone makes it, made without its encoder: one block of uncompressed samples in HEVC.

Encoders of HEVC are under the GPL or cost money. The standard lets a block be written as plain samples (PCM),
so a picture of one block of 32 by 32 needs no more than its headers and two steps of the arithmetic coder.
"""

from __future__ import annotations

import struct

SIDE = 32
_PROFILE = "00000011" + f"{0x70000000:032b}" + "1001" + "0" * 44 + f"{30:08b}"  # main still picture, level 1


def heic(luma: int, cb: int = 128, cr: int = 128) -> bytes:
    """Return a HEIC file of 32 by 32 pixels, all of one colour."""
    parameters = [(32, _nal(32, _VIDEO)), (33, _nal(33, _sequence())), (34, _nal(34, _PICTURE))]
    slice_ = _nal(19, _slice_header(), _samples(luma, cb, cr))
    content = struct.pack(">I", len(slice_)) + slice_
    head = _box("ftyp", b"heic", bytes(4), b"mif1heic")
    length = len(head) + len(_meta(parameters, 0, len(content))) + 8
    return head + _meta(parameters, length, len(content)) + _box("mdat", content)


# -- bits ------------------------------------------------------------------------------------------


def _ue(value: int) -> str:
    """Return a number as Exp-Golomb bits."""
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


def _bytes(bits: str) -> bytes:
    """Return bits as bytes, ended by a one and zeros up to the next byte."""
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _nal(kind: int, head: str, rest: bytes = b"") -> bytes:
    """Return a unit of the stream; three after two zeros keeps it from looking like the start of another."""
    kept = bytearray([kind << 1, 1])
    zeros = 0
    for byte in _bytes(head) + rest:
        if zeros >= 2 and byte <= 3:
            kept.append(3)
            zeros = 0
        kept.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(kept)


_VIDEO = "000011" + "0" * 9 + "1" * 17 + _PROFILE + "1" + _ue(0) * 3 + "000000" + _ue(0) + "00"
_PICTURE = _ue(0) * 2 + "00" + "000" + "00" + _ue(0) * 3 + "000" + _ue(0) * 2 + "0" * 10 + _ue(0) + "00"


def _sequence() -> str:
    size = _ue(0) + _ue(1) + _ue(SIDE) * 2 + "0" + _ue(0) * 2 + _ue(0)
    order = "1" + _ue(0) * 3
    blocks = _ue(2) + _ue(0) + _ue(0) + _ue(3) + _ue(0) * 2  # of 32, transformed in 4 to 32
    plain = "1" + "0111" * 2 + _ue(2) + _ue(0) + "1"  # samples of 8 bits in blocks of 32, not filtered
    return "0000" + "000" + "1" + _PROFILE + size + order + blocks + "000" + plain + _ue(0) + "0" * 5


def _slice_header() -> str:
    return "1" + "0" + _ue(0) + _ue(2) + _ue(0)


def _samples(luma: int, cb: int, cr: int) -> bytes:
    """Return the one block: "not divided" and "plain samples" coded, the samples, and "the end" coded."""
    quarter = SIDE * SIDE // 4
    block = bytes([luma]) * (4 * quarter) + bytes([cb]) * quarter + bytes([cr]) * quarter
    # The likelier value takes 240 off the coder's range of 510; what ends a run takes 2 more.
    return _flushed(510 - 240 - 2) + block + _flushed(510 - 2)


def _flushed(low: int) -> bytes:
    """Return the coder's bits when it is flushed with this value."""
    bits, outstanding, span, first = "", 0, 2, True

    def put(bit: str) -> None:
        nonlocal bits, outstanding, first
        bits += ("" if first else bit) + ("1" if bit == "0" else "0") * outstanding
        first, outstanding = False, 0

    while span < 256:
        if low < 256:
            put("0")
        elif low >= 512:
            low -= 512
            put("1")
        else:
            low -= 256
            outstanding += 1
        span, low = span << 1, low << 1
    put(str((low >> 9) & 1))
    return _bytes(bits + str((low >> 8) & 1))


# -- boxes -----------------------------------------------------------------------------------------


def _box(name: str, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", len(content) + 8) + name.encode() + content


def _meta(parameters: list[tuple[int, bytes]], offset: int, length: int) -> bytes:
    version = bytes(4)
    profile = int(_PROFILE[:-8], 2).to_bytes(11, "big") + bytes([30])
    arrays = b"".join(struct.pack(">BHH", 0x80 | kind, 1, len(nal)) + nal for kind, nal in parameters)
    coding = b"\x01" + profile + b"\xf0\x00\xfc\xfd\xf8\xf8\x00\x00\x0f" + bytes([len(parameters)]) + arrays
    properties = _box("hvcC", coding) + _box("ispe", version, struct.pack(">II", SIDE, SIDE))
    return _box(
        "meta",
        version,
        _box("hdlr", version, bytes(4), b"pict", bytes(13)),
        _box("pitm", version, struct.pack(">H", 1)),
        _box("iloc", version, b"\x44\x00", struct.pack(">HHHHII", 1, 1, 0, 1, offset, length)),
        _box("iinf", version, struct.pack(">H", 1), _box("infe", b"\x02\0\0\0", b"\0\x01\0\0hvc1\0")),
        _box(
            "iprp",
            _box("ipco", properties),
            _box("ipma", version, struct.pack(">IHBBB", 1, 1, 2, 0x81, 0x02)),
        ),
    )
