"""Proposals shown: the figures of the files, filters that tell the truth, nothing dropped."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from html import unescape
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from asking import PAGE
from fake_coverage import HOSTILE
from pages_served import plain, words
from proposals_served import answer, html, proposed, rows, toys

from coverage.wording import whole
from data.results.plan_files import plan_json
from data.results.proposals import aside_table, proposals_table

if TYPE_CHECKING:
    from asking import Client


STUDIES = ("riche", "maigre")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    made = toys(tmp_path_factory.mktemp("etudes"))
    for slug in (*STUDIES, "vide"):
        proposed(made, slug)
    return made


def linked(page: str) -> list[str]:
    """Return the options that a page links, in order."""
    found = re.findall(r'href="/etudes/\w+/propositions/([^"?]+)', page)
    return [unescape(name).replace("%23", "#") for name in found]


# ---- the list ----


@pytest.mark.parametrize("slug", STUDIES)
def test_the_list_says_what_its_file_says(client: Client, slug: str) -> None:
    made = proposed(client, slug)
    table = rows(proposals_table(made.found))
    listed = answer(client, f"{slug}/propositions")
    assert len(listed) == len(table) > 0
    for line, row in zip(listed, table, strict=True):
        for name in ("option_id", "structure_id", "structure", "lieu", "volet", "region", "avis"):
            assert line[name] == row[name]
        for name in ("motif_etp", "motif_non_finance", "classe"):
            assert line[name] == row[name]
        for name in ("rang", "gain_prioritaire_h", "gain_sans_perimetre_principal_h", "gain_h"):
            assert line[name] == int(row[name])
        assert line["gain_h_par_etp"] == int(row["gain_h_par_etp"])
        lost = row["cout_remplacement_h"]
        assert line["cout_remplacement_h"] == (int(lost) if lost else None)
        assert (line["finance"], line["plan_exact"]) == (
            row["finance"] == "oui",
            row["plan_exact"] == "oui",
        )
        assert line["cout"]["valeur"] == row["cout_eur"]
        assert line["part_etat"]["valeur"] == row["part_etat_eur"]
        assert line["taux_etat"]["valeur"] == row["taux_etat"]
        assert Fraction(line["etp"]["fraction"]) == Fraction(row["etp"])
        assert "|".join(line["zone_ids"]) == row["zone_ids"]
    page = html(client, f"/etudes/{slug}/propositions")
    assert linked(page) == [row["option_id"] for row in table]
    said = words(page)
    for line in listed:
        cells = re.findall(r"<td[^>]*>(.*?)</td>", _row_of(page, line["option_id"]), re.DOTALL)
        own = [words(text) for text in cells]
        assert own[:4] == [
            str(line["rang"]),
            line["etp"]["texte"],
            "financé" if line["finance"] else "non financé",
            "retenu" if line["plan_exact"] else "non retenu",
        ]
        assert plain(whole(line["gain_prioritaire_h"])) == own[6]
        assert plain(whole(line["gain_h"])) == own[7]
        assert plain(line["part_etat"]["texte"]) == own[9]
        assert plain(line["cout"]["texte"]) == own[10]
    assert "Proposition calculée, sans valeur de décision" in said


def _row_of(page: str, option_id: str) -> str:
    link = f"/propositions/{quote(option_id)}"
    return next(row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if link in row)


@pytest.mark.parametrize("slug", STUDIES)
def test_filters_keep_what_they_say_and_nothing_else(client: Client, slug: str) -> None:
    every = answer(client, f"{slug}/propositions")
    choices: dict[str, tuple[str, ...]] = {
        "volet": ("", "facilitateur", "coordinateur"),
        "motif": ("", "zone_blanche", "services_etat"),
        "finance": ("", "oui", "non"),
        "plan": ("", "oui", "non"),
        "origine": ("", "convention", "generee"),
        "region": ("", "84", "11"),
    }
    held = {"volet": "volet", "motif": "motif_etp", "origine": "origine", "region": "region"}
    for values in product(*choices.values()):
        asked = {name: value for name, value in zip(choices, values, strict=True) if value}
        if len(asked) > 2:
            continue
        kept = [
            line["option_id"]
            for line in every
            if all(line[held[name]] == value for name, value in asked.items() if name in held)
            and asked.get("finance", "") in ("", "oui" if line["finance"] else "non")
            and asked.get("plan", "") in ("", "oui" if line["plan_exact"] else "non")
        ]
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        found = answer(client, f"{slug}/propositions?{query}")
        assert [line["option_id"] for line in found] == kept, query
    for name in {line["classe"] for line in every} - {""}:
        found = answer(client, f"{slug}/propositions?classe={name}")
        assert found == [line for line in every if line["classe"] == name]
    page = html(client, f"/etudes/{slug}/propositions?finance=oui&region=84")
    assert linked(page) == [
        line["option_id"] for line in every if line["finance"] and line["region"] == "84"
    ]


def test_a_text_finds_structures_zones_and_communes(client: Client) -> None:
    def found(text: str) -> list[str]:
        listed = client.get("/api/v1/etudes/maigre/propositions", params={"q": text}).json()
        return [line["option_id"] for line in listed]

    assert found("ajaccio") == ["zb-94-2A-2A004#1", "zb-94-2A-2A004#2"] == found("2A004")
    assert "conv-2022-P2" in found("beta")
    assert found("conv-2022-P4") == ["conv-2022-P4"]
    assert found("nulle part") == []
    page = html(client, "/etudes/maigre/propositions?q=nulle+part")
    assert "Aucun poste ne répond à ces choix (« nulle part »)" in words(page)


@pytest.mark.parametrize("order", ["rang", "etp", "gain", "gain_prioritaire", "cout", "part_etat"])
def test_orders_sort_and_ties_keep_the_rank(client: Client, order: str) -> None:
    key: dict[str, Any] = {
        "rang": lambda line: line["rang"],
        "etp": lambda line: Fraction(line["etp"]["fraction"]),
        "gain": lambda line: line["gain_h"],
        "gain_prioritaire": lambda line: line["gain_prioritaire_h"],
        "cout": lambda line: line["cout"]["centimes"],
        "part_etat": lambda line: line["part_etat"]["centimes"],
    }
    every = answer(client, "maigre/propositions")
    up = sorted(every, key=key[order])
    assert answer(client, f"maigre/propositions?tri={order}") == up
    down = sorted(every, key=key[order], reverse=True)
    assert answer(client, f"maigre/propositions?tri=-{order}") == down


def test_pages_of_the_list_tile_it(client: Client) -> None:
    every = answer(client, "riche/propositions")
    parts = [answer(client, f"riche/propositions?limite=5&page={page}") for page in (1, 2, 3)]
    assert [line for part in parts for line in part] == every
    first = client.get("/api/v1/etudes/riche/propositions?limite=5")
    assert first.headers["x-total-count"] == str(len(every))
    assert 'rel="next"' in first.headers["link"]
    again = client.get(
        "/api/v1/etudes/riche/propositions?limite=5",
        headers={"if-none-match": first.headers["etag"]},
    )
    assert again.status_code == 304
    page = html(client, "/etudes/riche/propositions?limite=5&page=2")
    assert linked(page) == [line["option_id"] for line in parts[1]]
    assert "n’existe pas" in words(html(client, "/etudes/riche/propositions?page=99"))
    client.problem("GET", "/api/v1/etudes/riche/propositions?tri=couleur", 422)


@pytest.mark.parametrize("slug", [*STUDIES, "vide"])
def test_every_option_is_told_once(client: Client, slug: str) -> None:
    made = proposed(client, slug)
    plan = answer(client, f"{slug}/plan")
    counts = plan["comptes"]
    parts = ("classees", "ecartees", "refusees", "coordinateurs_a_part")
    assert counts["options"] == sum(counts[name] for name in parts) == len(made.found.ask.options)
    aside = answer(client, f"{slug}/propositions/ecartees")
    listed = answer(client, f"{slug}/propositions")
    told = {line["option_id"] for line in (*aside, *listed)}
    assert told == {option.option_id for option in made.found.ask.options}
    table = rows(aside_table(made.found))
    assert aside == [{name: row[name] for name in aside[0]} for row in table]
    said = words(html(client, f"/etudes/{slug}/propositions"))
    for line in aside:
        assert plain(line["constat"]) in said
        assert plain(line["remede"]) in said


def test_a_study_without_options_says_so(client: Client) -> None:
    said = words(html(client, "/etudes/vide/propositions"))
    assert "Cette étude n’a aucune option" in said
    assert "ne retient aucun poste" in words(html(client, "/etudes/vide/budget"))
    assert "a un coordinateur" in words(html(client, "/etudes/vide/coordinateurs"))
    assert answer(client, "vide/propositions") == []


@pytest.mark.parametrize("slug", STUDIES)
def test_goals_say_what_the_plan_file_says(client: Client, slug: str) -> None:
    made = proposed(client, slug)
    told = json.loads(plan_json(made.found))
    found = answer(client, f"{slug}/plan")
    names = ("objectif", "atteint", "borne", "ecart", "prouve_optimal", "liste_classee")
    assert [{n: goal[n] for n in names} for goal in found["objectifs"]] == [
        {n: goal[n] for n in names} for goal in told["objectifs"]
    ]
    assert found["avertissement"] == told["avertissement"]
    assert Fraction(found["plan_etp_nouveaux"]["fraction"]) == Fraction(
        str(told["verification"]["etp_nouveaux"])
    )
    page = html(client, f"/etudes/{slug}/propositions")
    for goal in found["objectifs"]:
        row = next(r for r in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if goal["nom"] in r)
        cells = [words(text) for text in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        texts = ("atteint_texte", "borne_texte", "ecart_texte", "liste_texte")
        assert cells == [plain(goal[name]) for name in texts]


# ---- one post ----


@pytest.mark.parametrize("slug", STUDIES)
def test_each_post_says_its_row_its_money_and_its_proofs(client: Client, slug: str) -> None:
    made = proposed(client, slug)
    table = rows(proposals_table(made.found))
    # One of each ground, place and fate tells as much as all of them.
    alike = ("motif_etp", "lieu", "finance", "plan_exact")
    for row in {tuple(row[name] for name in alike): row for row in table}.values():
        name = row["option_id"]
        page = html(client, f"/etudes/{slug}/propositions/{quote(name)}")
        facts, said = answer(client, f"{slug}/propositions/{quote(name)}"), words(page)
        assert facts["justification"] == row["justification"]
        assert plain(row["justification"]) in said
        for key in ("cout", "part_etat", "a_trouver"):
            assert plain(facts[key]["texte"]) in said
        assert facts["part_etat"]["valeur"] == row["part_etat_eur"]
        _adds_up(facts)
        before = set(filter(None, row["certificats_avant"].split("|")))
        after = set(filter(None, row["certificats_apres"].split("|")))
        assert {one["certificat_id"] for one in facts["certificats_avant"]} == before
        assert {one["certificat_id"] for one in facts["certificats_apres"]} == after
        for one in facts["certificats_avant"]:
            link = f"/etudes/{slug}/certificats/{one['certificat_id']}"
            assert f'href="{link}"' in page
            assert client.get(link).status_code == 200
        for one in facts["certificats_apres"]:
            own = made.found.listed.certificates[one["certificat_id"]]
            assert one["deficit_h"] == own.need_hours - own.capacity_hours
            assert plain(whole(one["deficit_h"])) in said
        assert len(facts["communes"]) == len(made.ranked[name].option.units)
        assert "None" not in said


def _adds_up(facts: dict[str, Any]) -> None:
    funders = sum(own["montant"]["centimes"] for own in facts["financeurs"])
    brought = facts["part_etat"]["centimes"] + funders + facts["a_trouver"]["centimes"]
    assert facts["cout"]["centimes"] == brought - facts["excedent"]["centimes"]
    paid = sum(line["paye"]["centimes"] for line in facts["paiements"])
    promised = sum(line["engagement"]["centimes"] for line in facts["paiements"])
    assert paid == promised == facts["part_etat"]["centimes"]


def test_opinions_stand_beside_the_rank(client: Client) -> None:
    facts = answer(client, "riche/propositions/zb-84-01-01004%231")
    (own,) = facts["avis_en_vigueur"]
    assert (own["instance_nom"], own["avis_nom"], own["effet"]) == ("copil", "favorable", "aucun")
    page = html(client, "/etudes/riche/propositions/zb-84-01-01004%231")
    assert "02/05/2023" in words(page)
    refused = client.problem("GET", "/api/v1/etudes/riche/propositions/zb-04-974-97411%231", 404)
    assert "refusée : DREETS, 03/05/2023 : Trop loin → lever le refus" in refused["detail"]


def test_an_unknown_post_is_not_found_in_french(client: Client) -> None:
    for name in ("nulle", quote(HOSTILE, safe=""), "zb-84%00"):
        said = client.problem("GET", f"/api/v1/etudes/riche/propositions/{name}", 404)["detail"]
        page = client.get(f"/etudes/riche/propositions/{name}", headers=PAGE)
        assert page.status_code == 404
        assert "<script>window" not in page.text
        assert "aucune proposition" in said or "Rien ne se trouve" in said


@pytest.mark.parametrize("page", ["propositions", "budget", "coordinateurs", "avant-apres"])
def test_names_and_searches_are_shown_as_text(client: Client, page: str) -> None:
    for address in (f"/etudes/riche/{page}", f"/etudes/riche/{page}?region=84"):
        found = html(client, address)
        assert HOSTILE not in found
        assert "<script>window" not in found
        assert "<img" not in found
        assert found.count("<h1") == 1
        assert "None" not in words(found)
    typed = client.get("/etudes/riche/propositions", params={"q": HOSTILE[:100]}, headers=PAGE)
    assert "<script>window" not in typed.text
