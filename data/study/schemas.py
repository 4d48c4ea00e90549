"""JSON Schema of a row of each table, as text cells, made from the declarations of the tables.

`python -m data.study.schemas` writes them to `docs/schemas`. They hold what one cell can tell; what
needs several cells, rows, tables or the territory is the reader's alone.
"""

from __future__ import annotations

import json
from pathlib import Path

from data.study.cells import siret_is_valid
from data.study.patterns import cell_pattern
from data.study.sources_tables import EVERY_TABLE
from data.study.tables import FORMAT_VERSION, Column, Table

DIALECT = "https://json-schema.org/draft/2020-12/schema"

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
"""Where the schemas are published in the source tree."""


def table_schema(table: Table) -> dict[str, object]:
    """Return the JSON Schema of one row of a table: an object of text cells by column name.

    Only required columns must be there; unknown ones are allowed, as the reader ignores them.
    `format: siret` asks of a validator that knows it to check the key too (`is_siret`).
    """
    return {
        "$schema": DIALECT,
        "$id": f"urn:zones-blanches:format-{FORMAT_VERSION}:{table.name}",
        "title": table.name,
        "description": f"{table.description} Un objet par ligne ; les cellules sont du texte.",
        "type": "object",
        "properties": {column.name: column_schema(column) for column in table.columns},
        "required": [column.name for column in table.columns if column.required],
    }


def column_schema(column: Column) -> dict[str, object]:
    """Return the JSON Schema of a text cell of a column."""
    schema: dict[str, object] = {
        "description": column.description,
        "type": "string",
        "examples": [column.example],
    }
    if column.default:
        schema["default"] = column.default
    if column.kind == "siret":
        schema["format"] = "siret"
    pattern = cell_pattern(column)
    if column.kind == "enum":
        values = list(column.choices) if column.required else [*column.choices, ""]
        schema["anyOf"] = [{"enum": values}, {"pattern": pattern}]
    elif pattern:
        schema["pattern"] = pattern
    return schema


def is_siret(cell: object) -> bool:
    """Tell whether a cell passes `format: siret`: no 14 digits in it, or a right key.

    >>> is_siret("356 000 000 00048"), is_siret("356 000 000 00049"), is_siret("")
    (True, False, True)
    """
    digits = "".join(char for char in str(cell) if char in "0123456789")
    return len(digits) != 14 or siret_is_valid(digits)  # noqa: PLR2004 - a SIRET has 14 digits


def schema_text(table: Table) -> str:
    """Return the published text of a table's schema."""
    return json.dumps(table_schema(table), ensure_ascii=False, indent=2) + "\n"


def write_schemas(folder: Path) -> None:
    """Write every schema as `<table>.schema.json`, the folder made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in EVERY_TABLE:
        path = folder / f"{table.name}.schema.json"
        path.write_text(schema_text(table), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_schemas(FOLDER)
