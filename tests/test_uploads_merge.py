"""A deposit over a later version: against a plain rule, file by file; and lines that differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.uploads.check import laid_over
from data.uploads.line_changes import LineChange, line_changes
from data.uploads.merge import Conflict, laid_to, merge

NAMES = ("a.csv", "b.csv", "c.csv")
FILES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from((b"0", b"1", b"2")))


@given(FILES, FILES, FILES)
def test_each_file_follows_whoever_changed_it(
    base: dict[str, bytes], theirs: dict[str, bytes], mine: dict[str, bytes]
) -> None:
    found = merge(base, theirs, mine)
    asked = {each.path: (each.theirs, each.mine) for each in found.conflicts}
    for name in NAMES:
        was, their, my = (files.get(name) for files in (base, theirs, mine))
        changed = (their != was, my != was)
        if changed == (True, True) and their != my:
            assert asked.pop(name) == (their, my)
            assert name not in found.files
        else:
            assert found.files.get(name) == (my if changed == (False, True) else their)
        assert (name in found.mine) == (changed == (False, True))
        assert (name in found.theirs) == (changed == (True, False))
    assert asked == {}


@given(FILES, FILES, FILES, st.booleans())
def test_settled_on_one_side_it_keeps_all_that_this_side_changed(
    base: dict[str, bytes],
    theirs: dict[str, bytes],
    mine: dict[str, bytes],
    ours: bool,  # noqa: FBT001 - given by name
) -> None:
    found = merge(base, theirs, mine)
    files = found.settled({each.path: ours for each in found.conflicts})
    side = mine if ours else theirs
    for name in NAMES:
        if side.get(name) != base.get(name):
            assert files.get(name) == side.get(name)
    # The other way round, the same files.
    back = merge(base, mine, theirs)
    assert back.settled({each.path: not ours for each in back.conflicts}) == files


@given(FILES, FILES)
def test_over_the_same_version_nothing_changes(
    base: dict[str, bytes], mine: dict[str, bytes]
) -> None:
    found = merge(base, base, mine)
    assert (found.files, found.conflicts, found.theirs) == (mine, (), ())


def test_names_are_the_same_whatever_their_case() -> None:
    base, theirs = {"besoins.csv": b"0", "postes.csv": b"0"}, {"besoins.csv": b"0"}
    mine = laid_over(base, {"Besoins.CSV": b"1"})
    found = merge(base, theirs, mine)
    assert found.files == {"Besoins.CSV": b"1"}
    assert (found.mine, found.theirs) == (("Besoins.CSV",), ("postes.csv",))
    found = merge(base, {"besoins.csv": b"2"}, mine)
    assert found.conflicts == (Conflict("Besoins.CSV", b"2", b"1"),)
    assert found.settled({"Besoins.CSV": True}) == {"Besoins.CSV": b"1"}


NAMED = st.dictionaries(
    st.sampled_from(("a.csv", "A.csv", "b.csv")), st.sampled_from((b"0", b"1"))
).filter(lambda files: len({name.lower() for name in files}) == len(files))


@given(NAMED, NAMED)
def test_what_is_laid_over_files_makes_the_others_of_them(
    before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    laid = laid_to(before, after)
    assert laid_over(before, laid) == after
    assert all(before.get(path) != content for path, content in laid.items())


LINES = st.lists(st.sampled_from("abc"), max_size=8)


@given(LINES, LINES)
def test_the_lines_that_differ_lead_from_one_file_to_the_other(
    left: list[str], right: list[str]
) -> None:
    found = line_changes("a.csv", "\n".join(left).encode(), "\n".join(right).encode())
    assert found is not None
    gone = {each.their_row for each in found.shown if each.their_row}
    new = {each.my_row: each.mine for each in found.shown if each.my_row}
    kept = iter([line for row, line in enumerate(left, 1) if row not in gone])
    assert [new[row] if row in new else next(kept) for row in range(1, len(right) + 1)] == right
    assert next(kept, None) is None
    assert bool(found.shown) == (left != right)


def test_few_lines_are_shown_of_many() -> None:
    left = [f"{rank};0" for rank in range(1_500)]
    right = [f"{rank};1" for rank in range(1_500)]
    found = line_changes("a.csv", "\n".join(left).encode(), "\n".join(right).encode())
    assert found is not None
    assert (len(found.shown), found.more) == (100, 1_400)
    assert found.shown[0] == LineChange(1, "0;0", 1, "0;1")
    # One line of a long table: what is alike at both ends costs nothing.
    long = [f"{rank};0" for rank in range(100_000)]
    changed = [*long[:50_000], "nouvelle", *long[50_000:]]
    found = line_changes("a.csv", "\n".join(long).encode(), "\n".join(changed).encode())
    assert found is not None
    assert found.shown == (LineChange(0, "", 50_001, "nouvelle"),)


@pytest.mark.parametrize(
    ("path", "theirs", "mine"),
    [
        ("etude.xlsx", b"PK1", b"PK2"),
        ("a.csv", None, b"1"),
        ("a.csv", "a\n".encode("utf-16"), b"1"),
        ("a.csv", b"0\n" * 3_000, "\n".join(map(str, range(3_000))).encode()),
    ],
)
def test_what_has_no_lines_or_too_many_is_not_compared(
    path: str, theirs: bytes | None, mine: bytes | None
) -> None:
    assert line_changes(path, theirs, mine) is None


def test_a_windows_file_is_compared_with_a_utf8_one() -> None:
    found = line_changes("a.csv", "é\r\nà\r\n".encode("cp1252"), "é\nù\n".encode(), shown=str.upper)
    assert found is not None
    assert found.shown == (LineChange(2, "À", 2, "Ù"),)
