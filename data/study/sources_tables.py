"""The tables a need is built from: contracts, services, projects, indicators (formats page).

They are optional, and not sent to the structures: what stands in them comes from the public
record or from the buyers.
"""

from __future__ import annotations

from coverage.parameters import CLASSES
from data.study.award_tables import AWARD_TABLES
from data.study.proposal_tables import PROPOSAL_TABLES
from data.study.tables import OUI_NON, PROGRAMMES, TABLES, Column, Table

ACCOMPAGNE = ("oui", "non", "inconnu")
"""Whether a facilitator accompanies a State service; unknown is not no."""

LIEUX = ("commune", "code_postal", "arrondissement", "canton", "departement", "region", "pays")
"""Kinds of place of a contract, as the official schema names them."""

FIABILITES = ("certain", "approximatif")
"""How sure the place of a project is."""

_CLASS = Column(
    "donneur_ordre",
    "enum",
    "Classe du donneur d’ordre.",
    "etat",
    choices=CLASSES,
)
_PROGRAMME = Column(
    "programme",
    "label",
    "Programme dont il fait partie.",
    "npnru",
    choices=PROGRAMMES,
)
_LABOUR = Column(
    "part_main_oeuvre",
    "decimal",
    "Part de main-d’œuvre dans le montant, de 0 à 1 ; remplace celle de la méthode.",
    "0,5",
    high=1,
)
_EFFORT = Column(
    "taux_effort",
    "decimal",
    "Part des heures réservée à l’insertion, de 0 à 1 ; remplace celle de la méthode.",
    "0,07",
    high=1,
)
_LON = Column("lon", "decimal", "Longitude, en degrés (WGS84).", "3,0573", low=-180, high=180)
_LAT = Column("lat", "decimal", "Latitude, en degrés (WGS84).", "50,6292", low=-90, high=90)
_MILLIARDS = 100_000_000_000

MARCHES = Table(
    "marches",
    "Les marchés, un par ligne, quand ils ne viennent pas des données essentielles officielles "
    "(déposées telles quelles : marches.json, marches.parquet ou decp.csv).",
    "un marché",
    required=False,
    columns=(
        Column("marche_id", "identifier", "Identifiant du marché.", "2023-0042", required=True),
        Column("acheteur_siret", "siret", "SIRET de l’acheteur.", "21590350100017"),
        Column(
            "donneur_ordre",
            "enum",
            "Classe du donneur d’ordre ; vide : déduite de l’acheteur.",
            "collectivites",
            choices=CLASSES,
        ),
        Column("objet", "text", "Objet du marché.", "Réhabilitation d’une école"),
        Column("cpv", "text", "Code CPV, 8 chiffres.", "45214200"),
        Column(
            "montant_eur",
            "decimal",
            "Montant hors taxes, en euros.",
            "1500000",
            required=True,
            high=_MILLIARDS,
        ),
        Column(
            "date_notification",
            "date",
            "Jour de la notification.",
            "15/03/2023",
            required=True,
        ),
        Column(
            "duree_mois",
            "whole",
            "Durée, en mois entiers.",
            "18",
            required=True,
            low=1,
            high=600,
        ),
        Column("lieu_code", "text", "Code du lieu d’exécution ; saisir en texte.", "59350"),
        Column("lieu_type", "enum", "Nature de ce code.", "commune", choices=LIEUX),
        _LON,
        _LAT,
        _LABOUR,
        _EFFORT,
        _PROGRAMME,
        Column(
            "clause",
            "enum",
            "Le marché porte-t-il déjà une clause sociale ? Vide : non renseigné.",
            "non",
            choices=OUI_NON,
        ),
    ),
)

SERVICES = Table(
    "services_etat",
    "Les services de l’État et de ses établissements, et s’ils sont accompagnés.",
    "un service",
    required=False,
    columns=(
        Column("service_id", "identifier", "Identifiant, unique.", "ddt-59", required=True),
        Column("nom", "text", "Nom du service.", "DDTM du Nord", required=True),
        Column("type", "label", "Nature du service.", "ddt"),
        Column("siret", "siret", "Numéro SIRET.", "13000000700018"),
        Column("commune", "code", "Code de la commune ; saisir en texte.", "59350"),
        _LON,
        _LAT,
        Column(
            "accompagne",
            "enum",
            "Un facilitateur l’accompagne-t-il ? Inconnu n’est pas non.",
            "non",
            choices=ACCOMPAGNE,
            default="inconnu",
        ),
        Column(
            "structure_id",
            "identifier",
            "Structure qui l’accompagne, celle de la table structures.",
            "plie-nord",
        ),
        Column(
            "heures",
            "decimal",
            "Heures d’insertion par an, quand aucun marché déposé ne les compte déjà.",
            "3500",
            high=50_000_000,
        ),
    ),
)

PROJETS = Table(
    "grands_projets",
    "Les grands projets, par communes ; dessinés, ils se déposent en grands_projets.geojson ou "
    ".gpkg.",
    "un grand projet",
    required=False,
    columns=(
        Column("projet_id", "identifier", "Identifiant du projet.", "npnru-59-01", required=True),
        Column("nom", "text", "Nom du projet.", "Quartier du Lac", required=True),
        Column(
            "programme",
            "enum",
            "Programme de l’État dont il fait partie.",
            "npnru",
            required=True,
            choices=PROGRAMMES,
        ),
        Column(
            "communes",
            "text",
            "Codes des communes touchées, joints par une barre verticale ; saisir en texte.",
            "59350|59599",
        ),
        Column(
            "rayon_m",
            "decimal",
            "Rayon d’influence d’un point, en mètres.",
            "800",
            high=100_000,
        ),
        Column("debut", "date", "Premier jour, inclus.", "01/01/2020"),
        Column("fin", "date", "Dernier jour, inclus.", "31/12/2027"),
        Column(
            "heures",
            "decimal",
            "Heures d’insertion de tout le projet, du début à la fin.",
            "120000",
            high=500_000_000,
        ),
        Column(
            "montant_eur",
            "decimal",
            "Montant hors taxes de tout le projet, quand ses heures ne sont pas connues.",
            "90000000",
            high=_MILLIARDS,
        ),
        _CLASS,
        _LABOUR,
        _EFFORT,
        Column("source", "text", "D’où viennent ces chiffres.", "convention NPNRU, annexe C4"),
        Column(
            "fiabilite",
            "enum",
            "Lieu certain ou approximatif.",
            "certain",
            choices=FIABILITES,
        ),
    ),
)

PROJETS_DESSINES = Table(
    "grands_projets",
    "Les grands projets dessinés : une surface, une ligne ou un point par élément.",
    "un élément de projet",
    required=False,
    columns=tuple(column for column in PROJETS.columns if column.name != "communes"),
)
"""Attributes of drawn projects: read from QGIS files, so not one of `SOURCE_TABLES`."""

INDICATEURS = Table(
    "indicateurs",
    "Des indicateurs par commune, pour estimer un besoin là où les marchés manquent.",
    "une valeur",
    required=False,
    columns=(
        Column("commune", "code", "Code de la commune ; saisir en texte.", "59350", required=True),
        Column(
            "indicateur",
            "label",
            "Nom de l’indicateur.",
            "demandeurs_emploi",
            required=True,
            choices=("demandeurs_emploi", "population_qpv"),
        ),
        Column(
            "valeur",
            "decimal",
            "Valeur ; 0 quand elle est connue et nulle.",
            "1250",
            required=True,
            high=_MILLIARDS,
        ),
        Column("source", "text", "D’où vient le chiffre.", "Dares, DEFM 2023-T4"),
    ),
)

TOTAUX = Table(
    "totaux_regionaux",
    "Les heures d’une classe dans toute une région, à répartir par indicateurs là où rien d’autre "
    "n’est connu.",
    "un total régional",
    required=False,
    columns=(
        Column("region", "code", "Code de la région.", "32", required=True),
        Column(
            "donneur_ordre",
            "enum",
            "Classe du donneur d’ordre.",
            "collectivites",
            required=True,
            choices=CLASSES,
        ),
        Column(
            "heures",
            "decimal",
            "Heures d’insertion par an dans toute la région.",
            "900000",
            required=True,
            high=50_000_000,
        ),
        Column("annee", "whole", "Année du total ; vide : toutes.", "2023", low=2000, high=2099),
        Column("source", "text", "D’où vient le total.", "bilan régional des clauses"),
    ),
)

ACHETEURS = Table(
    "acheteurs",
    "Ce qui est connu des acheteurs, pour ranger leurs marchés par classe.",
    "un acheteur",
    required=False,
    columns=(
        Column("siren", "text", "Numéro SIREN, 9 chiffres.", "215903501", required=True),
        Column("nom", "text", "Nom de l’acheteur.", "Commune de Lille"),
        Column(
            "categorie_juridique",
            "text",
            "Catégorie juridique de l’Insee, 4 chiffres.",
            "7210",
        ),
        Column(
            "donneur_ordre",
            "enum",
            "Classe du donneur d’ordre ; vide : déduite de la catégorie juridique.",
            "collectivites",
            choices=CLASSES,
        ),
    ),
)

SOURCE_TABLES = (MARCHES, SERVICES, PROJETS, INDICATEURS, TOTAUX, ACHETEURS)
"""Every table of sources, in reading order."""

EVERY_TABLE = (*TABLES, *SOURCE_TABLES, *PROPOSAL_TABLES, *AWARD_TABLES)
"""Every table that a study folder may hold."""
