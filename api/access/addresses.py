"""What each address asks for: told by its method and its form, one table for all of them.

An address that writes and is not in the table stops the server from being made: what nobody
thought of is open to nobody.
"""

from __future__ import annotations

import re

from api.access.roles import Action

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
"""Methods that change nothing."""

LOGIN, LOGOUT = "/connexion", "/deconnexion"

FREE = frozenset(("/sante", "/accessibilite", LOGIN, LOGOUT))
"""Addresses that answer without a key."""

_FREE_FOLDERS = ("/static/", "/static-design/")

_READ = (
    (re.compile(r"/exports(/|$)|/dossiers/\{candidature\}/\{nom\}$"), Action.EXPORTER),
    (re.compile(r"/jetons(/|$)"), Action.ADMINISTRER),
    (re.compile(""), Action.VOIR),
)
_WRITTEN = (
    (re.compile(r"/essais(/|$)"), Action.ESSAYER),
    (re.compile(r"/calculs?(/|$)|/arret$"), Action.CALCULER),
    (re.compile(r"/depots?(/|$)"), Action.DEPOSER),
    (re.compile(r"/scenarios(/|$)"), Action.ECRIRE_SCENARIO),
    (re.compile(r"/enveloppe(/|$)"), Action.ECRIRE_SCENARIO),
    (re.compile(r"/avis(/|$)"), Action.DONNER_AVIS),
    (re.compile(r"/verrous(/|$)"), Action.VERROUILLER),
    (re.compile(r"/versions(/|$)"), Action.FIGER),
    (re.compile(r"/jetons(/|$)"), Action.ADMINISTRER),
)


def is_free(path: str) -> bool:
    """Tell whether an address answers without a key.

    >>> is_free("/sante"), is_free("/static/site.css"), is_free("/"), is_free("/connexion/x")
    (True, True, False, False)
    """
    return path in FREE or path.startswith(_FREE_FOLDERS)


def action_of(method: str, template: str) -> Action:
    """Return what a route asks for.

    Parameters
    ----------
    template
        Its address, the names of its parts in braces.

    Raises
    ------
    LookupError
        When it writes and its address is not in the table: a defect of the program.

    >>> action_of("GET", "/etudes/{etude}/zones").value
    'voir'
    >>> action_of("POST", "/etudes/{etude}/propositions/calcul").value
    'calculer'
    """
    for form, action in _READ if method in SAFE else _WRITTEN:
        if form.search(template):
            return action
    raise LookupError(f"{method} {template} asks for nothing that the table of rights knows")
