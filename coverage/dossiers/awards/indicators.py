"""The indicators of the call, told by ETP and by year: objectives, reports, the région's mean."""

from __future__ import annotations

INDICATOR_NAMES = {
    "heures": "heures d’insertion",
    "beneficiaires_personnes": "bénéficiaires (personnes)",
    "beneficiaires_etp": "bénéficiaires (ETP)",
    "structures_inclusives": "structures inclusives mobilisées",
    "prises_de_contact": "prises de contact auprès d’acheteurs",
    "marches_accompagnes": "marchés accompagnés",
    "partenariats": "partenariats développés",
}
"""The six indicators of the form; beneficiaries are told in persons and in ETP."""

REPORTS = OBJECTIVE, INTERMEDIATE, ANNUAL = ("objectif", "intermediaire", "annuel")
"""What a row of the table of reports tells."""
