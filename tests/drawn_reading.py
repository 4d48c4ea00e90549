"""Reads drawings from files made on the spot, and checks how their faults are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.drawings.files import DrawnTable, read_drawn

if TYPE_CHECKING:
    from pathlib import Path

    import broken_drawings as draw

    from data.study.faults import Findings
    from geo.errors import Notice


def read(folder: Path, files: draw.Files) -> tuple[DrawnTable | None, Findings]:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return read_drawn(folder / next(iter(files)))


def sound(folder: Path, files: draw.Files) -> DrawnTable:
    table, findings = read(folder, files)
    assert findings.faults == ()
    assert table is not None
    return table


def texts(notices: tuple[Notice, ...]) -> str:
    return "\n".join(map(str, notices))


def matches(notice: Notice, expected: draw.Expected) -> bool:
    file, row, column, message, remedy = expected
    place = (notice.file, notice.row, notice.column) == (file, row, column)
    return place and message in notice.message and remedy in notice.remedy


def check_told_alone(files: draw.Files, expected: draw.Expected, folder: Path) -> None:
    _, findings = read(folder, files)
    assert len(findings.faults) == 1, texts(findings.faults)
    assert matches(findings.faults[0], expected), findings.faults[0]
    words = texts(findings.faults + findings.warnings)
    assert str(folder) not in words
    assert not any(word in words for word in ("GDAL", "sqlite", "Exception", "Traceback", "None"))
