"""Counters against the envelope notified: naive sums, what was decided since, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opinions_served import PAGES, SLUG, computed, given, served
from pages_served import plain, words
from pydantic import TypeAdapter
from register_served import Near, Planner

from api.facts.counters import Counters
from api.opinions.envelope import read_envelope
from coverage.proposals.budget import build_budget
from data.uploads import check
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


@pytest.fixture(scope="module")
def planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planner]:
    """Return a planner at a study where a post was refused and one locked since."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "Bounded", Near)
        made = served(tmp_path_factory.mktemp("registre"))
        yield made


def counted(planner: Planner, region: str = "") -> dict[str, Any]:
    answer = planner.ask("GET", f"/api/v1/etudes/{SLUG}/compteurs?region={region}")
    found: dict[str, Any] = answer.json()
    TypeAdapter(Counters).validate_python(found)
    return found


def notify(
    planner: Planner, amount: str, posts: str, seen: int, region: str = ""
) -> httpx.Response:
    address = f"{PAGES}/budget/enveloppe?region={region}"
    return planner.post(address, enveloppe=amount, plafond_etp=posts, vu=str(seen))


def test_counters_are_sums_of_the_posts_and_of_what_was_decided_since(planner: Planner) -> None:
    found = computed(planner).found
    options, chosen = found.ask.options, set(found.plan.chosen)
    new = [row.option for row in found.ranked if row.option.origin != "convention"]
    refused = next(each for each in new if found.position[each.option_id] in chosen)
    locked = next(each for each in reversed(new) if found.position[each.option_id] not in chosen)
    assert counted(planner)["plan"]["hors_calcul"] == []
    given(planner, "refuse", option_id=refused.option_id)
    given(planner, "verrouille", option_id=locked.option_id)

    for region in ("", refused.region, locked.region):
        kept = [
            k
            for k, option in enumerate(options)
            if (k in chosen or option is locked)
            and option is not refused
            and region in ("", option.region)
        ]
        plan = counted(planner, region)["plan"]
        spent = sum(options[k].state_cents for k in kept)
        advance = sum(
            int(cents)
            for nature, cents in build_budget(found.ask, kept).lines[["nature", "cents"]].to_numpy()
            if nature == "avance"
        )
        assert plan["postes"] == len(kept)
        assert plan["engagement"]["centimes"] == spent
        assert (plan["avance"]["centimes"], plan["solde"]["centimes"]) == (advance, spent - advance)
        total = sum(line["paye"]["centimes"] for line in plan["annees"])
        assert total == spent
        if not region:
            assert plan["reste"]["centimes"] == 10_000_000 - spent
    for page in ("propositions", "budget"):
        told = words(planner.html(f"{PAGES}/{page}"))
        cost = plain(f"{refused.state_cents // 100:,} €".replace(",", " "))
        assert f"1 poste refusé depuis, −{cost}" in told
        assert f"1 poste verrouillé depuis, +{cost}" in told
    ticked = planner.html(f"{PAGES}/budget")
    assert ticked.count('<input type="checkbox" checked') == len(chosen)
    assert ticked.count('<input type="checkbox" autocomplete') == 1


def test_an_envelope_is_kept_and_nobody_s_is_overwritten_unseen(planner: Planner) -> None:
    assert counted(planner)["notifiee"] is False
    assert notify(planner, "50 000,50 €", "3,5", 0).status_code == 303
    facts = counted(planner)
    assert (facts["enveloppe"]["centimes"], facts["plafond_etp"]["texte"]) == (5_000_050, "3,50")
    plan = facts["plan"]
    assert plan["reste"]["centimes"] == 5_000_050 - plan["engagement"]["centimes"] < 0
    told = words(planner.html(f"{PAGES}/budget"))
    over = plain(plan["reste"]["texte"]).removeprefix("−")
    assert f"dépasse l’enveloppe de {over} ; reste 0,50 ETP" in told

    late = notify(planner, "60000", "4", 0)
    assert late.status_code == 409
    said = words(late.text)
    assert plain("une autre personne a enregistré l’enveloppe : 50 000,50 €, 3,50 ETP") in said
    assert 'value="60000"' in late.text
    assert counted(planner)["enveloppe"]["centimes"] == 5_000_050
    # Seen now, it may be replaced.
    assert 'name="vu" value="1"' in late.text
    assert notify(planner, "60000", "4", 1).status_code == 303
    assert counted(planner)["enveloppe"]["centimes"] == 6_000_000

    own = notify(planner, "1000", "", 0, "11")
    assert own.headers["location"] == f"{PAGES}/budget?region=11"
    assert counted(planner, "11")["enveloppe"]["centimes"] == 100_000
    assert counted(planner, "84")["enveloppe"] is None
    stale = planner.ask(
        "POST", f"/api/v1/etudes/{SLUG}/enveloppe", json={"enveloppe": "5", "revision": 1}
    )
    assert stale.status_code == 409


def test_what_is_no_amount_is_told_and_kept_in_its_field(planner: Planner) -> None:
    wrong = notify(planner, "beaucoup", "1,255", 2)
    assert wrong.status_code == 422
    assert wrong.text.count('aria-invalid="true"') == 2
    assert 'value="beaucoup"' in wrong.text
    assert 'value="1,255"' in wrong.text
    for text in ("-1", "1e5", "99999999999", "1,001", "1 2 3 x"):
        with pytest.raises(InputErrors):
            read_envelope(text, "", 0)
    assert read_envelope("", " ", 3).cents is None
    assert read_envelope("0", "0,25", 3).hundredths == 25
