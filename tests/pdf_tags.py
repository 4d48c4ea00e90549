"""What a tagged PDF says to who does not see it, read by an independent hand."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pypdf import PdfReader

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Tag:
    """A tag of the structure tree, in reading order."""

    kind: str
    alt: str
    depth: int


def reader(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text(content: bytes) -> str:
    """Return the text of all pages, in the order of the content, on one line."""
    pages = [page.extract_text() for page in reader(content).pages]
    return " ".join(" ".join(pages).split())


def tags(content: bytes) -> list[Tag]:
    root = reader(content).trailer["/Root"]["/StructTreeRoot"]
    return list(_walk(root, 0))


def xmp(content: bytes) -> str:
    return reader(content).trailer["/Root"]["/Metadata"].get_data().decode()


def _walk(node: Any, depth: int) -> Iterator[Tag]:  # noqa: ANN401 - objects of pypdf
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        found = kid.get_object() if hasattr(kid, "get_object") else kid
        if not isinstance(found, dict):
            continue
        if "/S" in found:
            yield Tag(str(found["/S"]), str(found.get("/Alt", "")), depth)
        yield from _walk(found, depth + 1)
