"""Drawing on a deposit: what its files draw, and a drawing judged as the reader of a study does."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.atoms import build_atoms, structure_shares
from coverage.reach import reach_of
from coverage.wording import percent
from data.drawings.editing import (
    NEW_FILE,
    Changed,
    drawings_of,
    drawn_files,
    with_added,
    with_changed,
    without,
)
from data.drawings.files import drawn_table
from data.drawings.layer import GEOMETRY
from data.drawings.outline import OUTLINE, outline_text, read_outline
from data.drawings.sources import Source
from data.edited.filed import filed_tables
from data.store.checks import masked
from data.study.faults import Findings, quoted
from data.study.folder import PERIMETRES, list_folder
from data.study.table_reader import read_table
from data.study.tables import DESSINS, STRUCTURES
from data.uploads.check import lay_files
from geo.errors import InputErrors, Notice, NotReadyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import shapely

    from api.deposits.deposit import Deposit
    from data.drawings.editing import Drawing, DrawnFile
    from geo.territory import Territory

ATTRIBUTES = tuple(column for column in DESSINS.columns if column.choices)
"""Attributes chosen in a list, beside the structure."""

STRUCTURE = DESSINS.columns[0].name
"""Attribute that names the structure."""

_MOVE = (
    "corriger les sommets en cause, sur la carte ou dans la liste : longitude d’abord, en degrés"
)


@dataclass(frozen=True, eq=False)
class Bench:
    """What is drawn in a deposit.

    Attributes
    ----------
    revision
        Of the deposit, read before its files.
    structures
        Identifier → name.
    """

    revision: int
    files: tuple[DrawnFile, ...]
    drawings: tuple[Drawing, ...]
    structures: Mapping[str, str]

    def named(self, structure: str) -> str:
        """Return a structure by name and identifier."""
        name = self.structures.get(structure, "")
        return f"{name} ({structure})" if name else structure


@dataclass(frozen=True)
class Written:
    """A drawing as someone writes it: attributes by name, and its outline."""

    texts: Mapping[str, str]
    outline: str


@dataclass(frozen=True, eq=False)
class Judged:
    """What is made of a written drawing.

    Attributes
    ----------
    geometry
        GeoJSON, as it would be filed; None when it cannot be read.
    shape
        In WGS84, as the study would read it; None when it is refused.
    whole, cut
        Code and name of each commune wholly inside; of each one cut, and its share inside.
    """

    geometry: Mapping[str, Any] | None
    shape: shapely.Geometry | None
    findings: Findings
    whole: tuple[tuple[str, str], ...] = ()
    cut: tuple[tuple[str, str, float], ...] = ()

    @property
    def shares(self) -> list[tuple[str, str, str]]:
        """The communes cut, with their share in French."""
        return [(code, name, percent(Fraction(share))) for code, name, share in self.cut]


def bench_of(deposit: Deposit) -> Bench:
    """Return what is drawn in a deposit.

    Its files are opened here only after the bounded process has read them to the end.

    Raises
    ------
    NotReadyError
        When that reading is not done, or did not end by itself.
    """
    revision, report = deposit.revision, deposit.checking.result
    if report is None or any(not fault.file for fault in report.faults):
        raise NotReadyError(
            "ce dépôt n’est pas lu jusqu’au bout : rien n’est enregistré → revenir en arrière, où "
            "ce qui est écrit est encore, attendre la fin du contrôle, puis recommencer"
        )
    files = deposit.brought.files
    own = {
        path: content
        for path, content in files.items()
        if "/" not in path and path.lower().startswith(f"{PERIMETRES}.")
    }
    with tempfile.TemporaryDirectory(prefix="zones-blanches-dessins-") as room:
        folder = Path(room).resolve() / "etude"
        lay_files(own, folder)
        drawn = drawn_files(list_folder(folder)[0].drawn)
    return Bench(revision, drawn, drawings_of(drawn), _structures(files))


def written_of(drawing: Drawing) -> Written:
    """Return a drawing as its form shows it."""
    chosen = {column.name: drawing.texts[column.name] or column.default for column in ATTRIBUTES}
    outline = "" if drawing.shape is None else outline_text(drawing.shape)
    return Written({STRUCTURE: drawing.texts[STRUCTURE], **chosen}, outline)


def judged(written: Written, bench: Bench, territory: Territory) -> Judged:
    """Return what a written drawing covers, told by the reader and the rules of studies."""
    findings = _chosen(written, bench)
    geometry, found = read_outline(written.outline)
    findings += found
    if geometry is None:
        return Judged(None, None, findings)
    content = with_added((), written.texts, geometry)
    source = Source("geojson", {"geojson": content.files[NEW_FILE]})
    table, found = drawn_table(source, OUTLINE)
    findings += _of_outline(found)
    shape = None if table is None else table.shapes[0]
    if shape is None:
        return Judged(geometry, None, findings)
    reach = reach_of(shape, territory)
    if reach.warnings:
        message = "dessin qui couvre au plus 1 % de chaque commune qu’il touche, ou n’en touche "
        message += "aucune : il ne compterait pour rien"
        remedy = "vérifier sa place et sa taille"
        return Judged(
            geometry, shape, findings + Findings((Notice(OUTLINE, 0, "", message, remedy),))
        )
    names = territory.units["name"].to_numpy(dtype=object)
    shares = structure_shares(build_atoms(reach, territory))
    found_in = [
        (str(territory.codes[unit]), str(names[unit]), float(share))
        for unit, share in zip(shares["unit"], shares["share"], strict=True)
    ]
    whole = tuple((code, name) for code, name, share in found_in if share == 1)
    cut = tuple(each for each in found_in if each[2] < 1)
    return Judged(geometry, shape, findings, whole, cut)


def saved(
    deposit: Deposit, bench: Bench, drawing: Drawing | None, written: Written, found: Judged
) -> None:
    """File a drawing in a deposit, in the place of another when there is one.

    Raises
    ------
    InputErrors
        Its faults; or why the file of the drawing cannot be written anew.
    StaleError
        When the deposit changed since: nothing is written.
    """
    if found.findings.faults or found.geometry is None:
        raise InputErrors(found.findings.faults, found.findings.warnings)
    told = f"{bench.named(written.texts[STRUCTURE])}, {written.texts['volet']}, "
    told += written.texts["nature"]
    if drawing is None:
        changed = with_added(bench.files, written.texts, found.geometry)
        _amend(deposit, bench, changed, f"périmètre dessiné : {told}")
        return
    before = written_of(drawing)
    texts = {name: text for name, text in written.texts.items() if text != before.texts[name]}
    same = read_outline(before.outline)[0] == found.geometry
    changed = with_changed(drawing, texts, None if same else found.geometry)
    _amend(deposit, bench, changed, f"périmètre dessiné corrigé : {told}")


def taken_away(deposit: Deposit, bench: Bench, drawing: Drawing) -> None:
    """Take a drawing out of a deposit.

    Raises
    ------
    InputErrors, StaleError
        As `saved`.
    """
    told = f"{bench.named(drawing.texts[STRUCTURE])}, élément {drawing.at + 1}"
    told = f"périmètre dessiné retiré : {told} de {drawing.file.name}"
    _amend(deposit, bench, without(drawing), told)


def _amend(deposit: Deposit, bench: Bench, changed: Changed, what: str) -> None:
    if changed.converted:
        what += f" ; {changed.converted} est récrit en GeoJSON"
    deposit.amend(changed.files, masked(what), bench.revision, removed=changed.removed)


def _structures(files: Mapping[str, bytes]) -> dict[str, str]:
    held = filed_tables(files, STRUCTURES).held(STRUCTURES)
    if held is None or held.text is None:
        return {}
    table, _ = read_table(held.text, STRUCTURES)
    if table is None:
        return {}
    names = table.frame[[STRUCTURE, "nom"]][table.usable(STRUCTURE)]
    return dict(sorted(names.astype(str).itertuples(index=False)))


def _chosen(written: Written, bench: Bench) -> Findings:
    """Return what is wrong with the attributes of a drawing."""
    faults = []
    structure = written.texts[STRUCTURE]
    if structure not in bench.structures:
        message = f"structure {quoted(structure)} inconnue" if structure else "aucune structure"
        remedy = "choisir une structure de l’étude"
        faults.append(Notice("", 0, STRUCTURE, message, remedy))
    for column in ATTRIBUTES:
        if written.texts[column.name] not in column.choices:
            message = f"valeur {quoted(written.texts[column.name])} non acceptée"
            remedy = f"choisir : {', '.join(column.choices)}"
            faults.append(Notice("", 0, column.name, message, remedy))
    return Findings(tuple(faults))


def _of_outline(found: Findings) -> Findings:
    """Return what the reader says of the surface, with what to do about it here."""

    def here(notice: Notice, remedy: str) -> Notice:
        return Notice(OUTLINE, 0, "", notice.message, remedy)

    return Findings(
        tuple(here(each, _MOVE) for each in found.faults if each.column in (GEOMETRY, "")),
        tuple(here(each, "vérifier le contour") for each in found.warnings),
    )
