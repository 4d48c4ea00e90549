"""The page of one drawn perimeter: its form, its map, its faults, what it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from markupsafe import Markup

from api.catalogue import words
from api.deposits.drawing import ATTRIBUTES, STRUCTURE
from api.pages.map import FILES
from api.pages.register import form_page
from coverage.palette import TILE
from coverage.wording import listing
from maps.drawn import NATURE_NAMES
from maps.encoding import encode_shapes
from maps.parameter_lines import STATE_LABELS
from maps.web.page import DRAWING_SCRIPTS, DRAWING_SHEETS, WebMap, files_digest

if TYPE_CHECKING:
    from fastapi.responses import HTMLResponse

    from api.deposits.deposit import Deposit
    from api.deposits.drawing import Bench, Judged, Written
    from data.drawings.editing import Drawing
    from geo.errors import Notice
    from geo.territory import Territory

NEW = "nouveau"
"""What addresses call a drawing that is not filed yet; the others have their number."""

_LABELS = {"volet": "Volet", "nature": "Nature", "etat": "État"}
_WORDS = ("carte.", "dessin.")
_OF_MAP = (
    "Carte où dessiner le périmètre ; les flèches la déplacent, Entrée ajoute un sommet en son "
    "centre. Le même contour se lit et s’écrit en texte, plus bas"
)


def one_drawing(
    territory: Territory,
    deposit: Deposit,
    bench: Bench,
    drawing: Drawing | None,
    written: Written,
    found: Judged | None = None,
    *,
    told: str = "",
) -> HTMLResponse:
    """Return the page of one drawing.

    Parameters
    ----------
    drawing
        None for a new one.
    found
        What is made of what is written, once it was asked.
    told
        Why nothing was saved, beside the faults.
    """
    number = NEW if drawing is None else str(bench.drawings.index(drawing) + 1)
    own = f"/registre/depots/{deposit.key}/dessin"
    faults = () if found is None else found.findings.faults
    return form_page(
        "dessin.html",
        "Nouveau périmètre dessiné" if drawing is None else "Corriger un périmètre dessiné",
        bench=bench,
        drawing=drawing,
        address=f"{own}/{number}",
        back=own,
        written=written,
        columns=ATTRIBUTES,
        labels=_LABELS,
        named=NATURE_NAMES | STATE_LABELS,
        found=found,
        told=told,
        faults=[_told(fault) for fault in faults],
        wrong={fault.column or fault.file for fault in faults},
        map=WebMap(
            folder=FILES.format(empreinte=files_digest()),
            label=_OF_MAP,
            scripts=DRAWING_SCRIPTS,
            sheets=DRAWING_SHEETS,
        ),
        settings=_settings(territory, own, bench, drawing),
    )


def _told(fault: Notice) -> str:
    """Return a fault with its line of the outline, or its field."""
    where = fault.column or (f"{fault.file}, ligne {fault.row}" if fault.row else fault.file)
    return f"{where} : {fault.message} → {fault.remedy}"


def _settings(territory: Territory, own: str, bench: Bench, drawing: Drawing | None) -> Markup:
    """Return what the scripts are given, as JSON that cannot close its tag."""
    publishers = dict.fromkeys(source.publisher for source in territory.sources)
    content = {
        "adresses": {"fond": f"{own}/fond.json"},
        "autres": _others(bench, drawing),
        "tuile": TILE,
        "credit": f"Sources : {listing(publishers)}",
        "mots": {key: text for key, text in words().items() if key.startswith(_WORDS)},
    }
    return Markup(orjson.dumps(content).decode().replace("<", "\\u003c"))  # noqa: S704 - no < left


def _others(bench: Bench, drawing: Drawing | None) -> list[dict[str, str]]:
    """Return the outline and the title of every other drawing."""
    others = [each for each in bench.drawings if each is not drawing]
    outlines = encode_shapes([each.file.placed[each.at] for each in others])
    return [
        {
            "titre": f"{bench.named(each.texts[STRUCTURE])}, {each.texts['nature']}".rstrip(", "),
            "contour": outline,
        }
        for each, outline in zip(others, outlines, strict=True)
        if outline
    ]
