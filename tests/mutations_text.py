"""Seeded damages to bytes, to the cells of a text table, to its lines, to its encoding."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    Change = Callable[[str, random.Random], str]

_HALF, _AIMED = 0.5, 0.7
_DATE = re.compile("[0-9]+[-/][0-9]+[-/][0-9]+")


def flip_bit(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :]


def change_bytes(raw: bytes, rng: random.Random) -> bytes:
    at, number = rng.randrange(len(raw)), rng.randint(1, 4)
    return raw[:at] + rng.randbytes(number) + raw[at + number :]


def insert_bytes(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + rng.randbytes(rng.randint(1, 3)) + raw[at:]


def slip_of_the_hand(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return (
        raw[:at] + rng.choice([b'"', b";", b",", b"\n", b"\r", b" ", b"-", b"0", b"#"]) + raw[at:]
    )


def delete_bytes(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw))
    return raw[:at] + raw[at + rng.randint(1, 3) :]


def truncate(raw: bytes, rng: random.Random) -> bytes:
    """Cut the end off: anywhere, or within the last bytes."""
    within = len(raw) if rng.random() < _HALF else min(len(raw), 30)
    return raw[: len(raw) - rng.randint(1, within)]


def blank_block(raw: bytes, rng: random.Random) -> bytes:
    at, size = rng.randrange(len(raw)), rng.randint(4, 64)
    return raw[:at] + bytes(len(raw[at : at + size])) + raw[at + size :]


def repeat_block(raw: bytes, rng: random.Random) -> bytes:
    at, size = rng.randrange(len(raw)), rng.randint(4, 64)
    return raw[: at + size] + raw[at:]


BYTES = {
    "bit flipped": flip_bit,
    "bytes changed": change_bytes,
    "bytes inserted": insert_bytes,
    "sign inserted": slip_of_the_hand,
    "bytes deleted": delete_bytes,
    "truncated": truncate,
    "block blanked": blank_block,
    "block repeated": repeat_block,
}


def any_bytes(raw: bytes, rng: random.Random) -> bytes:
    """Damage bytes; an empty content stays empty."""
    return rng.choice(list(BYTES.values()))(raw, rng) if raw else raw


_JUNK = ("x", "?", "#REF!", "#N/A", "-", "n/a", "NaN", "inf", "~", "\u200b", "\ufffd", "٣", "VRAI")
_UNITS = (" h", "h", " €", " ETP", "%", " heures", "k")


def _swap(text: str, rng: random.Random) -> str:
    at = rng.randrange(max(len(text) - 1, 1))
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _move_point(text: str, rng: random.Random) -> str:
    digits = re.sub("[.,]", "", text)
    at = rng.randint(0, len(digits))
    return digits[:at] + rng.choice(".,") + digits[at:]


def _garble_date(text: str, rng: random.Random) -> str:
    parts = re.split("[-/]", text)
    return rng.choice("/-. ").join(rng.sample(parts, len(parts)))


def _insert(text: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + rng.choice([*_JUNK, " ", "\u00a0", "\n", ",", ".", "'", "|"]) + text[at:]


CELLS: dict[str, Change] = {
    "emptied": lambda _, __: "",
    "sign": lambda text, _: text[1:] if text.startswith("-") else f"-{text}",
    "two signs": lambda text, _: f"--{text}",
    "decimal point moved": _move_point,
    "digits transposed": _swap,
    "digit changed": lambda text, rng: re.sub("[0-9]", str(rng.randint(0, 9)), text, count=1),
    "unit": lambda text, rng: text + rng.choice(_UNITS),
    "letters for digits": lambda text, _: text.replace("0", "O", 1).replace("1", "l", 1),
    "exponent": lambda text, rng: text + rng.choice(["e5", "E+05", "E-1"]),
    "two separators": lambda text, rng: f"1{rng.choice('.,')}{text},5",
    "zero in front": lambda text, _: f"0{text}",
    "zeros lost": lambda text, _: text.lstrip("0"),
    "date garbled": _garble_date,
    "cut": lambda text, rng: text[: rng.randint(0, len(text))],
    "twice": lambda text, _: text * 2,
    "something inserted": _insert,
    "junk": lambda _, rng: rng.choice(_JUNK),
    "apostrophe": lambda text, _: f"'{text}",
    "spaces": lambda text, _: " ".join(text),
}
"""What a cell may become."""


def any_cell(text: str, rng: random.Random) -> str:
    return rng.choice(list(CELLS.values()))(text, rng)


def damage_cell(raw: bytes, rng: random.Random, how: str) -> tuple[bytes, int]:
    """Change one filled cell, half the time without the quotes it then needs; return its line."""
    text = raw.decode()
    delimiter, end = (";", "\r\n") if ";" in text else (",", "\n")
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    row, column = rng.choice(_aimed(lines, how) if rng.random() < _AIMED else _filled(lines))
    new = CELLS[how](lines[row][column], rng)
    bare = rng.random() < _HALF
    lines[row][column] = "\0"
    written = [_written(line, delimiter) for line in lines]
    written[row] = written[row].replace("\0", new if bare else _written([new, ""], delimiter)[:-1])
    return (end.join(written) + end).encode(), row + 1


def _filled(lines: list[list[str]]) -> list[tuple[int, int]]:
    return [(row, at) for row, line in enumerate(lines) for at, cell in enumerate(line) if cell]


def _aimed(lines: list[list[str]], how: str) -> list[tuple[int, int]]:
    """Return the cells where a damage may hurt most: dates, else what has figures."""
    filled = _filled(lines)
    dates = [(row, at) for row, at in filled if _DATE.fullmatch(lines[row][at])]
    figures = [(row, at) for row, at in filled if re.search("[0-9]", lines[row][at])]
    return (dates if how == "date garbled" else figures) or figures or filled


def _written(line: list[str], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="").writerow(line)
    return out.getvalue()


LINES = ("dropped", "duplicated", "swapped", "split", "joined")


def damage_lines(raw: bytes, rng: random.Random, how: str) -> bytes:
    lines = raw.splitlines(keepends=True)
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    if how == "dropped":
        del lines[at]
    elif how == "duplicated":
        lines.insert(other, lines[at])
    elif how == "swapped":
        lines[at], lines[other] = lines[other], lines[at]
    elif how == "split":
        where = rng.randrange(1, len(lines[at])) if len(lines[at]) > 1 else 0
        lines[at] = lines[at][:where] + b"\n" + lines[at][where:]
    else:
        lines[at] = lines[at].rstrip(b"\r\n")
    return b"".join(lines)


def damage_encoding(raw: bytes, rng: random.Random) -> bytes:
    text = raw.decode()
    encodings = ("cp1252", "utf-16", "utf-8-sig", "cp437")
    damaged = [text.encode(name, "replace") for name in encodings]
    twice, half = raw.decode("cp1252", "replace").encode(), raw.replace(b"\xc3", b"", 1)
    return rng.choice([*damaged, twice, half])
