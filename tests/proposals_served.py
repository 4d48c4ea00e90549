"""The application on toy studies whose proposals are asked and waited for, no clock in it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from asking import PAGE, Client
from fake_coverage import HOSTILE
from test_applications import SOUND
from test_propose import FILES, SETTINGS, TOY, write

from api.app import create_app
from api.filed import with_filed
from api.proposed import proposals_of
from api.settings import Settings
from api.studies import OpenStudy, Studies
from coverage.study import compute
from data.study.reader import read_study

if TYPE_CHECKING:
    from pathlib import Path

    from api.background import Progress
    from api.proposed import Proposed
    from coverage.model import Coverage
    from data.results.tables import Table

FORM = {"content-type": "application/x-www-form-urlencoded", "origin": "http://127.0.0.1"}
JSON = {"content-type": "application/json"}

OPINIONS = (
    "structure_id,zone_id,instance,date,avis,motif,option_id,volet\n"
    f'A,,copil,2023-05-02,favorable,"{HOSTILE.replace(chr(34), chr(34) * 2)}",,\n'
    ",,dreets,2023-05-03,refuse,Trop loin,zb-04-974-97411#1,\n"
)
RICH = FILES | {
    "structures.csv": FILES["structures.csv"].replace(
        "Alpha & fils", f'"{HOSTILE.replace(chr(34), chr(34) * 2)}"'
    ),
    "avis.csv": OPINIONS,
}
"""The toy study with a hostile name, an opinion and a refusal."""

MEAN = FILES | {"etude.toml": SETTINGS + "[appel]\nbudget_eur = 100000\n"}
"""The toy study with money for a few posts only."""

POOR = FILES | {"etude.toml": SETTINGS + "[appel]\nbudget_eur = 20000\n"}
"""The toy study with less money than its kept posts take: no plan keeps the rules."""

NOTHING = {
    "etude.toml": SETTINGS + "",
    "structures.csv": "structure_id,nom\nA,Alpha\n",
    "postes.csv": "structure_id,volet,etp\nA,facilitateur,50\nA,coordinateur,1\n",
    "perimetres.csv": "structure_id,volet,niveau,code\n"
    + "".join(f"A,facilitateur,region,{code}\n" for code in ("84", "94", "11", "01", "04"))
    + "".join(f"A,coordinateur,region,{code}\n" for code in ("84", "94", "11", "01", "04")),
    "besoins.csv": "commune,donneur_ordre,heures\n01004,etat,100\n",
}
"""A study that covers everything and lacks nothing: no option at all."""

APPLICATION = {"alpha.toml": SOUND}


@cache
def toy_coverage(folder: Path) -> Coverage:
    return compute(read_study(folder, TOY), TOY)


def open_toy(slug: str, folder: Path) -> OpenStudy:
    return OpenStudy(slug, partial(toy_coverage, folder), partial(with_filed, folder=folder))


def serving(folders: dict[str, Path]) -> Client:
    """Return a client of an application that serves some study folders by their slug."""
    studies = Studies([open_toy(slug, folder) for slug, folder in folders.items()])
    return Client(create_app(Settings(requests_per_minute=1_000_000, plan_seconds=60), studies))


def toys(folder: Path) -> Client:
    """Return a client of an application that serves every toy study, nothing asked yet."""
    kinds = {"riche": RICH, "maigre": MEAN, "pauvre": POOR, "vide": NOTHING}
    asking = {"riche": APPLICATION}
    return serving(
        {slug: write(folder / slug, files, asking.get(slug)) for slug, files in kinds.items()}
    )


def waited(client: Client, slug: str) -> Progress:
    """Wait for the end of what was asked of a study; return its last state."""
    study = client.app.state.studies.find(slug)
    proposing = proposals_of(study, client.app.state.plan_line, 60)

    async def last() -> Progress:
        found = proposing.progress
        async for progress in proposing.watch(600):
            assert progress is not None
            found = progress
        return found

    # A thread of its own: a browser driven by this one has a loop that runs already.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, last()).result()


def proposed(client: Client, slug: str) -> Proposed:
    """Return the proposals of a study, computed if they are not."""
    study = client.app.state.studies.find(slug)
    proposing = proposals_of(study, client.app.state.plan_line, 60)
    proposing.start()
    waited(client, slug)
    assert proposing.result is not None, proposing.progress
    return proposing.result


def html(client: Client, address: str) -> str:
    answer = client.get(address, headers=PAGE)
    assert answer.status_code == 200, address
    return answer.text


def answer(client: Client, address: str) -> Any:  # noqa: ANN401 - JSON
    found = client.get(f"/api/v1/etudes/{address}")
    assert found.status_code == 200, (address, found.text)
    return found.json()


def rows(table: Table) -> list[dict[str, str]]:
    cells = zip(*table.columns.values(), strict=True)
    return [dict(zip(table.columns, row, strict=True)) for row in cells]
