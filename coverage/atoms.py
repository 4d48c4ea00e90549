"""Atoms: parts of communes on which one set of (structure, nature) applies (method, 3).

A commune that no drawn border cuts is one atom: no geometry, no sliver. The others are cut in
the legal projection of their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage.model import NATURES, Atoms
from coverage.reach import PLANAR, SHARE_OF_NOTE
from geo.cutting import shares_of_work, split
from geo.planes import from_plane
from geo.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from coverage.reach import Reach
    from geo.cutting import Parts
    from geo.territory import Territory

PRINCIPAL = frozenset({"principal", "extension_dotee"})
"""Natures that count as principal."""

Signature = tuple[tuple[str, str], ...]


def build_atoms(reach: Reach, territory: Territory) -> Atoms:
    """Return the atoms of all units from the perimeters in force."""
    signature_of = _whole_signatures(reach.links, len(territory))
    cut = _cut_atoms(reach, signature_of, territory)
    whole = np.setdiff1d(np.arange(len(territory)), cut["unit"])
    table = pd.concat(
        [
            pd.DataFrame({"unit": whole, "share": 1.0, "shape": None}).assign(
                signature=[signature_of[unit] for unit in whole.tolist()]
            ),
            cut,
        ]
    )
    signatures = sorted({(), *table["signature"]})
    number = {signature: rank for rank, signature in enumerate(signatures)}
    table["signature"] = table["signature"].map(number).astype(np.int32)
    table = table.sort_values(["unit", "signature"], ignore_index=True)
    shapes = table.pop("shape").to_numpy(dtype=object, copy=True)
    shapes[pd.isna(shapes)] = None
    return Atoms(table.astype({"unit": np.int32}), shapes, tuple(signatures))


def _whole_signatures(links: pd.DataFrame, units: int) -> list[Signature]:
    """Return what applies on the whole of each unit."""
    natures = np.array(NATURES, dtype=object)[links["nature"].to_numpy(dtype=np.int64)]
    pairs = list(zip(links["structure_id"].tolist(), natures.tolist(), strict=True))
    bounds = np.searchsorted(links["unit"].to_numpy(), np.arange(units + 1)).tolist()
    return [tuple(pairs[bounds[unit] : bounds[unit + 1]]) for unit in range(units)]


def _cut_atoms(reach: Reach, whole: Sequence[Signature], territory: Territory) -> pd.DataFrame:
    """Return the atoms of the units that drawn borders cut: unit, share, signature, shape."""
    cuts = reach.cuts
    units, first, owner = np.unique(
        cuts["unit"].to_numpy(dtype=np.int64), return_index=True, return_inverse=True
    )
    departements = territory.units["departement"].to_numpy(dtype=str)
    held = [
        (structure, NATURES[nature])
        for structure, nature in zip(cuts["structure_id"], cuts["nature"].astype(int), strict=True)
    ]
    pieces, planes, lands, grounds = (cuts[name].to_numpy(dtype=object) for name in PLANAR)

    def atoms_of(epsg: int, rows: NDArray[np.int64]) -> pd.DataFrame:
        own = np.flatnonzero(np.isin(owner, rows))
        parts = split(
            lands[first[rows]], planes[own], pieces[own], np.searchsorted(rows, owner[own])
        )
        signatures = [
            _overlaid(whole[units[rows[unit]]], [held[own[p]] for p in inside])
            for unit, inside in zip(parts.unit.tolist(), parts.inside, strict=True)
        ]
        atoms = _merged(parts, signatures)
        shapes = atoms["shape"].to_numpy(dtype=object, copy=True)
        cut = ~shapely.is_missing(shapes)
        shapes[cut] = from_plane(shapes[cut], epsg, originals=grounds[first[rows]])
        return atoms.assign(unit=units[rows[atoms["unit"]]], shape=shapes)

    work = shares_of_work(units, departements)
    none = pd.DataFrame({"unit": [], "share": [], "signature": [], "shape": []})
    frames = in_threads(atoms_of, *zip(*work, strict=True)) if work else [none]
    return pd.concat(frames, ignore_index=True)


def _overlaid(whole: Signature, pieces: Iterable[tuple[str, str]]) -> Signature:
    """Return what applies where pieces of perimeters lie over those of the whole unit.

    >>> _overlaid((("a", "extension"),), [("a", "principal"), ("b", "extension")])
    (('a', 'principal'), ('b', 'extension'))
    """
    nature_of = dict(whole)
    for structure, nature in pieces:
        before = nature_of.get(structure, nature)
        nature_of[structure] = min(before, nature, key=NATURES.index)
    return tuple(sorted(nature_of.items()))


def _merged(parts: Parts, signatures: Sequence[Signature]) -> pd.DataFrame:
    """Unite the parts of one signature in each unit; those under ε join the largest.

    A unit left with one atom has no shape: it is whole.
    """
    levels = sorted(set(signatures))
    rank = {signature: number for number, signature in enumerate(levels)}
    area = shapely.area(parts.shape)
    whole = np.bincount(parts.unit, weights=area)
    level = np.array([rank[signature] for signature in signatures], dtype=np.int64)
    # One number for (unit, signature), in their order.
    key, own = np.unique(parts.unit * len(levels) + level, return_inverse=True)
    unit = key // len(levels)
    share = np.bincount(own, weights=area) / whole[unit]
    by_size = np.lexsort((key, -share, unit))
    first = np.unique(unit[by_size], return_index=True)[1]
    largest = np.repeat(key[by_size[first]], np.diff(first, append=len(key)))
    joined = np.where(share >= SHARE_OF_NOTE, key, largest)
    key, own = np.unique(joined[own], return_inverse=True)
    unit = key // len(levels)
    share = np.bincount(own, weights=area) / whole[unit]
    shape = _unions(parts.shape[np.argsort(own, kind="stable")], np.bincount(own))
    alone = np.bincount(unit)[unit] == 1
    shape[alone], share[alone] = None, 1.0
    signature = pd.Series([levels[number] for number in key % len(levels)], dtype=object)
    return pd.DataFrame({"unit": unit, "share": share, "signature": signature, "shape": shape})


def _unions(shapes: NDArray[np.object_], sizes: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the union of each run of shapes."""
    ends = np.cumsum(sizes)
    unions = shapes[ends - 1]
    for run in np.flatnonzero(sizes > 1):
        unions[run] = shapely.union_all(shapes[ends[run] - sizes[run] : ends[run]])
    return unions


def atom_codes(atoms: Atoms, codes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the name of each atom: its commune's code, and a number where it is cut.

    >>> table = pd.DataFrame({"unit": [0, 1, 1]})
    >>> atom_codes(Atoms(table, np.empty(3, object), ()), np.array(["01001", "01002"], object))
    array(['01001', '01002-a1', '01002-a2'], dtype=object)
    """
    unit = atoms.table["unit"]
    rank = (unit.groupby(unit).cumcount() + 1).astype(str).to_numpy(dtype=object)
    code = codes[unit]
    return np.where(unit.duplicated(keep=False), code + "-a" + rank, code)


def commune_of(atom_code: str) -> str:
    """Return the commune of an atom.

    >>> commune_of("01002-a2"), commune_of("01001")
    ('01002', '01001')
    """
    return atom_code.partition("-")[0]


def structure_shares(atoms: Atoms) -> pd.DataFrame:
    """Return the share of each unit that each structure reaches, whatever the nature.

    Returns
    -------
    DataFrame
        Columns `unit`, `structure_id`, `share`; sorted, one row a (unit, structure).
    """
    names = [[structure for structure, _ in row] for row in atoms.signatures]
    counts = np.array([len(row) for row in names], dtype=np.int64)
    signature = atoms.table["signature"].to_numpy()
    flat = np.concatenate([np.empty(0, dtype=object), *(np.array(r, dtype=object) for r in names)])
    ends = np.cumsum(counts)
    repeat = counts[signature]
    start = np.repeat(ends[signature] - repeat, repeat)
    within = np.arange(repeat.sum()) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    table = pd.DataFrame(
        {
            "unit": np.repeat(atoms.table["unit"].to_numpy(), repeat),
            "structure_id": flat[start + within],
            "share": np.repeat(atoms.table["share"].to_numpy(), repeat),
        }
    )
    return table.groupby(["unit", "structure_id"])["share"].sum().reset_index()


def covered_people(links: pd.DataFrame, territory: Territory) -> NDArray[np.int64]:
    """Return the inhabitants that each link covers: those of a unit in part, by area.

    Parameters
    ----------
    links
        As `structure_shares` returns them.
    """
    people = territory.population[links["unit"]] * links["share"].to_numpy()
    whole: NDArray[np.int64] = np.rint(people).astype(np.int64)
    return whole


def cover_of(signature: Signature) -> str:
    """Return `principale`, `extension` or `aucune`: how a signature covers.

    >>> cover_of((("s1", "extension"), ("s2", "extension_dotee")))
    'principale'
    """
    natures = {nature for _, nature in signature}
    if natures & PRINCIPAL:
        return "principale"
    return "extension" if natures else "aucune"
