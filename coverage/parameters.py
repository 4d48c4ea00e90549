"""Parameters of the method: default, range, unit, basis (method, section 4, 6 and 7).

A parameter is exact: ratios are `fractions.Fraction`, hours and euros are whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any, Literal

Kind = Literal["int", "ratio", "bool", "choice", "choices", "by_class", "weights"]
"""What a parameter holds: `choice` one text, `choices` several; `by_class` and `weights` pairs
of a name and a ratio, of every class or sorted by name."""

CLASSES = ("etat", "operateurs_etat", "hopitaux", "collectivites", "bailleurs", "prives")
"""Classes of buyers (donneurs d'ordre), in the order results list them."""

STATE_CLASSES = ("etat", "operateurs_etat")
"""Classes whose need is the State need."""

STATE_COLUMNS = [CLASSES.index(class_) for class_ in STATE_CLASSES]
"""Their positions in `CLASSES`, to choose columns of arrays by class."""

ETATS = ("valide", "a_confirmer", "conteste")
"""States in which a perimeter may be filed."""

SCENARIOS = ("constate", "pnad_30", "loi_2026")
"""How many contracts a clause is realistic in: as observed; the national plan's 30 %; all those
above the European thresholds from August 2026, the observed share for the others."""


@dataclass(frozen=True)
class Definition:
    """What a planner may know and change of one parameter.

    Attributes
    ----------
    low, high
        Accepted range, both ends included, in `unit`.
    basis
        Where the default comes from, in French; `à documenter` where nothing official does.
    """

    kind: Kind
    unit: str
    basis: str
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    choices: tuple[str, ...] = ()

    @property
    def accepted(self) -> str:
        """What may be written, in French."""
        if self.kind == "bool":
            return "true ou false"
        if self.kind == "choice":
            return f"une valeur parmi {', '.join(self.choices)}"
        if self.kind == "choices":
            return f"une ou plusieurs valeurs parmi {', '.join(self.choices)}"
        bounds = f"de {self.low} à {self.high}, {self.unit}"
        if self.kind == "by_class":
            return f"{bounds} ; un nombre pour toutes les classes, ou une table par classe"
        return f"une table de noms, {bounds}" if self.kind == "weights" else bounds


def _parameter(default: object, definition: Definition) -> Any:  # noqa: ANN401 - a dataclass field
    return field(default=default, metadata={"definition": definition})


def _int(default: int, low: int, high: int, unit: str, basis: str) -> Any:  # noqa: ANN401
    return _parameter(default, Definition("int", unit, basis, Fraction(low), Fraction(high)))


def _ratio(default: str, low: str, high: str, unit: str, basis: str) -> Any:  # noqa: ANN401
    definition = Definition("ratio", unit, basis, Fraction(low), Fraction(high))
    return _parameter(Fraction(default), definition)


@dataclass(frozen=True)
class Parameters:
    """The parameters of `[methode]` in `etude.toml`, each by its name in the method."""

    heures_par_etp: int = _int(
        35_000,
        25_000,
        45_000,
        "heures par ETP et par an",
        "13 M h (2017), 15 M h (ensuite) pour environ 400 ETP ; production constatée, "
        "aucune norme officielle trouvée",
    )
    seuil_reponse: Fraction = _ratio(
        "1",
        "1/100",
        "1",
        "taux",
        "lecture littérale de l’appel : capacité au moins égale au besoin",
    )
    seuil_reponse_etat: Fraction = _ratio(
        "1", "1/100", "1", "taux", "lecture littérale de l’appel, pour les marchés de l’État"
    )
    seuil_besoin_h: int = _int(
        1_607, 0, 35_000, "heures par an", "durée légale annuelle du travail d’une personne"
    )
    besoin_requis_non_couverte: bool = _parameter(
        True,  # noqa: FBT003 - the default of a flag
        Definition(
            "bool",
            "",
            "lecture prudente de l’appel (focus « zone blanche ») : le besoin identifié est exigé "
            "aussi des territoires non couverts",
        ),
    )
    etats_perimetres: tuple[str, ...] = _parameter(
        ("valide",),
        Definition(
            "choices",
            "",
            "prudence : un périmètre à confirmer ou contesté ne couvre pas",
            choices=ETATS,
        ),
    )
    montee_en_charge: Fraction = _ratio(
        "1/2", "3/10", "1", "part de la première année", "hypothèse, à documenter"
    )
    part_main_oeuvre: Fraction = _ratio(
        "1/2", "1/5", "7/10", "part du montant", "guides des facilitateurs (travaux)"
    )
    taux_effort: Fraction = _ratio(
        "1/20", "1/20", "1/5", "part des heures", "usage 5 à 10 % ; charte ANRU 5 % en travaux"
    )
    cout_horaire_eur: int = _int(30, 25, 40, "euros par heure", "guides des facilitateurs")
    scenario_clauses: str = _parameter(
        "constate",
        Definition(
            "choice",
            "",
            "part constatée par défaut ; « pnad_30 » : 30 % des contrats, objectif du plan "
            "national pour des achats durables, qui compte toutes les considérations sociales ; "
            "« loi_2026 » : tous les marchés au-dessus des seuils européens notifiés à partir du "
            "22 août 2026 (loi Climat et résilience, article 35)",
            choices=SCENARIOS,
        ),
    )
    part_marches_clausables: tuple[tuple[str, Fraction], ...] = _parameter(
        tuple((class_, Fraction(15 if class_ == "etat" else 10, 100)) for class_ in CLASSES),
        Definition(
            "by_class",
            "part des marchés",
            "hypothèse, à documenter : à remplacer par la part constatée des marchés où une clause "
            "est réaliste",
            Fraction(1, 20),
            Fraction(1),
            choices=CLASSES,
        ),
    )
    poids_indicateurs: tuple[tuple[str, Fraction], ...] = _parameter(
        (
            ("demandeurs_emploi", Fraction(1, 2)),
            ("population", Fraction(1, 4)),
            ("population_qpv", Fraction(1, 4)),
        ),
        Definition(
            "weights",
            "poids",
            "hypothèse, à documenter : poids des indicateurs dans un besoin estimé faute de "
            "marchés",
            Fraction(0),
            Fraction(1000),
        ),
    )
    cout_etp_eur: int = _int(
        44_600,
        40_000,
        60_000,
        "euros par ETP et par an",
        "5,4 M€ pour 173 ETP = 31 200 €, si 70 %",
    )


def definitions() -> dict[str, Definition]:
    """Return the definition of every parameter by its name."""
    return {item.name: item.metadata["definition"] for item in fields(Parameters)}
