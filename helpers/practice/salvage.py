"""Recovers the rows of a damaged SQLite file, page by page.

The rows of a table are in leaf pages, each of which can be read alone: its kind, the number of rows and the
offset of each. A row is its length, its number, the types of its columns and their values; one longer than a
page continues on others. Source: sqlite.org/fileformat2.html, sections 1.6 and 2.
"""

import contextlib
import itertools

LEAF = b"\x0d"
Row = tuple[int, str, str, str, str, str]


def rows(data: bytes) -> list[Row]:
    """Return the rows of five texts in a file's bytes, (number, text, …), ordered by number."""
    size = int.from_bytes(data[16:18], "big") if data.startswith(b"SQLite format 3\0") else 0
    size = size if size >= 512 and size & (size - 1) == 0 else 4096
    pages = [data[start : start + size] for start in range(0, len(data), size)]
    by_number = {}
    for page in pages[1:]:  # the first holds the schema
        count = int.from_bytes(page[3:5], "big") if page[:1] == LEAF else 0
        for place in range(8, min(8 + 2 * count, size), 2):
            with contextlib.suppress(IndexError, ValueError):  # this one is damaged
                row = _row(pages, page, int.from_bytes(page[place : place + 2], "big"), size)
                by_number[row[0]] = row
    return [by_number[number] for number in sorted(by_number)]


def _row(pages: list[bytes], page: bytes, at: int, size: int) -> Row:
    length, at = _number(page, at)
    number, at = _number(page, at)
    payload = _payload(pages, page[at:], length, size)
    header, at = _number(payload, 0)
    types = []
    while at < header:
        kind, at = _number(payload, at)
        types.append(kind)
    ends = [header]
    for kind in types:
        ends.append(ends[-1] + (kind - 13) // 2)
    if len(types) != 5 or not all(kind >= 13 and kind % 2 for kind in types) or ends[-1] != length:
        raise ValueError("not a row of five texts")
    return number, *(payload[start:end].decode() for start, end in itertools.pairwise(ends))


def _payload(pages: list[bytes], local: bytes, length: int, size: int) -> bytes:
    """Return the bytes of a row, from its own page and those where it continues."""
    held = length
    if length > size - 35:
        least = (size - 12) * 32 // 255 - 23
        held = least + (length - least) % (size - 4)
        held = held if held <= size - 35 else least
    if length > len(pages) * size:
        raise ValueError("longer than the file")
    payload, following = local[:held], int.from_bytes(local[held : held + 4], "big")
    while len(payload) < length:
        if not 1 < following <= len(pages) or len(pages[following - 1]) < size:
            raise ValueError("the next page is missing")
        page = pages[following - 1]
        payload, following = payload + page[4:][: length - len(payload)], int.from_bytes(page[:4], "big")
    return payload


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, seven bits in each but the ninth, and where it ends."""
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | data[place] & 0x7F
        if data[place] < 0x80:
            return value, place + 1
    return value << 8 | data[at + 8], at + 9
