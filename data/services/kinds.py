"""Which services of the official directory buy for the State, and what they are here.

The directory (DILA, base de données locales) gives each service a code of type. Those below were
seen in its publications, but the ones marked so; the classes of buyers are those of
`coverage.origins.services.TYPES`.
"""

from __future__ import annotations

TYPE_OF_CODE = {
    "prefecture": "prefecture",
    "prefecture_region": "prefecture",
    "paris_ppp": "prefecture",
    "pp_marseille": "prefecture",
    "sous_pref": "sous_prefecture",
    "ddets": "ddets",
    "ddetspp": "ddets",  # not seen, accepted
    "ddcs": "ddets",  # until April 2021
    "ddcspp": "ddets",  # until April 2021
    "direccte_ut": "ddets",  # until April 2021
    "dreets": "dreets",  # not seen, accepted
    "drieets": "dreets",  # not seen, accepted
    "deets": "dreets",  # not seen, accepted
    "direccte": "dreets",  # the directory kept old codes after 2021
    "ddpp": "ddpp",
    "ddt": "ddt",
    "ddtm": "ddt",  # not seen, accepted
    "dreal": "dreal",
    "dreal_ut": "dreal",
    "deal": "dreal",  # not seen, accepted
    "driea": "dreal",
    "driea_ut": "dreal",
    "drieat": "dreal",  # not seen, accepted
    "drihl": "dreal",
    "drihl_ut": "dreal",
    "drac": "drac",
    "draf": "draaf",
    "draaf": "draaf",  # not seen, accepted
    "dr_fip": "finances_publiques",
    "dd_fip": "finances_publiques",
    "did_routes": "routes",
    "dir_mer": "mer",
    "dml": "mer",
    "sgami": "interieur",
    "rectorat": "rectorat",
    "inspection_academique": "dsden",
    "dsden": "dsden",  # not seen, accepted
    "cour_appel": "justice",
    "caa": "justice",
    "ta": "justice",
    "tgi": "justice",
    "te": "justice",
    "tj": "justice",  # not seen, accepted
    "centre_detention": "prison",
    "centre_penitentiaire": "prison",
    "csl": "prison",
    "esm": "prison",
    "maison_arret": "prison",
    "maison_centrale": "prison",
    "dmd": "defense",
    "bsn": "defense",
    "ars": "ars",
    "ars_antenne": "ars",
    "chu": "hopital",
    "hopital": "hopital",  # not seen, accepted
    "crous": "crous",
    "service_navigation": "voies_navigables",
}
"""Code of the directory → our type."""

TYPE_OF_CAMINO = {
    "pre": "prefecture",
    "dre": "dreal",
    "min": "administration_centrale",
    "ope": "operateur",
    "aut": "",
}
"""Type of the Camino list → our type; other authorities are of no type."""
