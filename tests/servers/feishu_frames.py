"""The frames of the long connection, written and read by hand from the protobuf definition."""

from __future__ import annotations

from dataclasses import dataclass, field

CONTROL, DATA = 0, 1


@dataclass
class Frame:
    """One frame: numbers 1-4, headers 5, payload 8 of the definition."""

    method: int
    headers: dict[str, str] = field(default_factory=dict)
    payload: bytes = b""
    service: int = 1
    seq: int = 0
    log: int = 0


def encode(frame: Frame) -> bytes:
    parts = [
        _number(1, frame.seq),
        _number(2, frame.log),
        _number(3, frame.service),
        _number(4, frame.method),
    ]
    for key, value in frame.headers.items():
        parts.append(_bytes(5, _bytes(1, key.encode()) + _bytes(2, value.encode())))
    return b"".join([*parts, _bytes(8, frame.payload)])


def decode(raw: bytes) -> Frame:
    frame = Frame(CONTROL)
    for number, value in _fields(raw):
        if isinstance(value, int):
            name = {1: "seq", 2: "log", 3: "service", 4: "method"}[number]
            setattr(frame, name, value)
        elif number == 5:
            header = {
                place: bytes(text) for place, text in _fields(value) if isinstance(text, bytes)
            }
            frame.headers[header[1].decode()] = header[2].decode()
        elif number == 8:
            frame.payload = value
    return frame


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field_number: int, value: int) -> bytes:
    return _varint(field_number << 3) + _varint(value)


def _bytes(field_number: int, value: bytes) -> bytes:
    return _varint(field_number << 3 | 2) + _varint(len(value)) + value


def _fields(raw: bytes) -> list[tuple[int, int | bytes]]:
    found: list[tuple[int, int | bytes]] = []
    place = 0
    while place < len(raw):
        key, place = _read(raw, place)
        value, place = _read(raw, place)
        if key & 7 == 0:
            found.append((key >> 3, value))
        else:
            found.append((key >> 3, raw[place : place + value]))
            place += value
    return found


def _read(raw: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
