"""One place explained: who covers it, its need and sources, its rates, its certificates."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from coverage.atoms import commune_of
from coverage.parameters import CLASSES
from coverage.wording import CLASS_NAMES, STATUS_NAMES, certificate_sentence, percent, whole
from data.results.provenance import plain
from geo.errors import UnknownCodeError

if TYPE_CHECKING:
    from coverage.model import Coverage
    from coverage.parameters import Parameters
    from geo.territory import Territory

NATURE_NAMES = {
    "principal": "périmètre principal",
    "extension_dotee": "extension dotée d’un poste",
    "extension": "extension limitrophe, sans poste dédié",
}
KNOWN_NAMES = {"tous": "connu", "partiel": "connu en partie", "aucun": "inconnu"}


def find_commune(territory: Territory, text: str) -> str:
    """Return the code of one commune from its code (old ones included) or its name.

    The département may follow in brackets: `Saint-Denis (93)`.

    Raises
    ------
    UnknownCodeError
        When nothing or several communes answer; the message lists them.
    """
    if text in territory.members["commune"]:
        codes = territory.codes[territory.resolve("commune", text)].tolist()
    else:
        name, _, departement = text.removesuffix(")").partition("(")
        wanted, where = _fold(name), departement.strip().upper()
        places = zip(territory.units["name"], territory.units["departement"], strict=True)
        codes = territory.codes[
            [_fold(n) == wanted and where in ("", d) for n, d in places]
        ].tolist()
    if len(codes) == 1:
        return str(codes[0])
    if not codes:
        territory.resolve("commune", text)
    names = territory.units["name"]
    listed = ", ".join(f"{code} ({names[code]})" for code in codes[:20])
    raise UnknownCodeError(f"« {text} » désigne {len(codes)} communes : préciser parmi {listed}")


def _fold(name: str) -> str:
    plain_name = unicodedata.normalize("NFKD", name.casefold())
    kept = (c if c.isalnum() else " " for c in plain_name if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


def facts(coverage: Coverage, code: str) -> dict[str, Any]:
    """Return everything that decides one commune's status, as plain values."""
    row = coverage.communes.loc[code].to_dict()
    zone = coverage.zones.loc[row["zone_id"]]
    unit = int(coverage.territory.units.index.get_loc(code))
    need = coverage.need[coverage.need["unit"] == unit]
    atoms = coverage.atoms.table[coverage.atoms.table["unit"] == unit]
    cover = {pair for number in atoms["signature"] for pair in coverage.atoms.signatures[number]}
    names = coverage.study.structures["nom"]
    return {
        "commune": code,
        **{str(name): plain(value) for name, value in row.items()},
        "structures": [
            {"structure_id": s, "nom": names.get(s, s), "nature": nature}
            for s, nature in sorted(cover)
        ],
        "besoins": need.drop(columns="unit").to_dict("records"),
        "motif_zone": zone["motif"],
        "certificats": [
            {"id": name, "phrase": certificate_sentence(coverage.certificates[name])}
            for name in zone["certificats"]
            if any(commune_of(place[0]) == code for place in coverage.certificates[name].places)
        ],
    }


def explanation(coverage: Coverage, code: str) -> str:
    """Return the explanation of one commune, in French."""
    found = facts(coverage, code)
    row = coverage.communes.loc[code]
    lines = [
        f"{found['nom']} ({code}), département {found['departement']}",
        f"Statut : {STATUS_NAMES[found['statut']]}",
        *(["Commune mixte : une autre partie a un autre statut"] if found["mixte"] else []),
        *_why(row, coverage.study.parameters),
        f"Sa zone ({found['zone_id']}) : {found['motif_zone']}",
        "",
        "Qui couvre :",
        *(_cover(found["structures"])),
        "",
        f"Besoin de l’année {coverage.study.year} ({KNOWN_NAMES[found['besoin_connu']]}) :",
        *_needs(found["besoins"]),
        f"  total {whole(found['besoin_h'])} h, dont État {whole(found['besoin_etat_h'])} h ; "
        f"servies au mieux : {whole(found['servi_h'])} h",
        *_unknown(found["classes_inconnues"]),
        "",
        f"Taux de réponse : {_rate(row['taux_reponse'])}",
        f"Taux de réponse État (État servi d’abord) : {_rate(row['taux_reponse_etat'])}",
    ]
    if found["certificats"]:
        lines += ["", "Certificats (détail dans certificats.json) :"]
        lines += [f"  {c['id']} : {c['phrase']}" for c in found["certificats"]]
    return "\n".join(lines)


def _why(row: Any, parameters: Parameters) -> list[str]:  # noqa: ANN401 - a row of communes
    """Say how the commune itself stands against each threshold."""
    tests = (
        ("Taux de réponse", row["taux_reponse"], parameters.seuil_reponse),
        ("Taux de réponse État", row["taux_reponse_etat"], parameters.seuil_reponse_etat),
    )
    return [
        f"Pourquoi : {name} de {percent(rate)}, sous le seuil de {percent(threshold)}"
        for name, rate, threshold in tests
        if row["statut"] == "capacite_insuffisante" and rate is not None and rate < threshold
    ]


def _cover(structures: list[dict[str, str]]) -> list[str]:
    if not structures:
        return ["  aucun facilitateur"]
    return [f"  {s['nom']} ({s['structure_id']}) : {NATURE_NAMES[s['nature']]}" for s in structures]


def _needs(needs: list[dict[str, Any]]) -> list[str]:
    ordered = sorted(needs, key=lambda n: (CLASSES.index(n["donneur_ordre"]), n["source"]))
    return [
        f"  {CLASS_NAMES[n['donneur_ordre']]} : {whole(n['hours'])} h"
        + (f", programme {n['programme']}" if n["programme"] else "")
        + (f" — source : {n['source']}" if n["source"] else " — source non indiquée")
        for n in ordered
    ]


def _unknown(classes: list[str]) -> list[str]:
    if not classes:
        return []
    return ["  inconnu (ni zéro, ni couvert) : " + ", ".join(CLASS_NAMES[c] for c in classes)]


def _rate(rate: Any) -> str:  # noqa: ANN401 - a Fraction or None out of a table
    return "sans objet (aucun besoin connu)" if rate is None else percent(rate)
