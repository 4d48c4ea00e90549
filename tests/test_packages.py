"""National packages: sealed alike twice, refused once anything changed, joined as folders are."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from region_studies import ALPES, PARIS, PERSON, TOY, application, contents, folder, joined

from api.packages.making import make_package
from coverage.study import compute
from data.consolidate.join import Asked, consolidate
from data.consolidate.report import OWN_FILES
from data.consolidate.write import MARK_FILE
from data.packages.opened import Package, lay_studies, open_package, open_packages
from data.packages.seal import DIGESTS_FILE, FACTS_FILE, STUDY, Sealed, sealed
from data.results.files import result_files
from data.study.folder import README_FILE
from data.study.reader import read_study
from geo.errors import InputErrors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from coverage.model import Study

FACTS = {
    "etude": "Alpes 2023",
    "annee": 2023,
    "fictif": True,
    "attribution": "Source (éditeur, 2025, licence)",
    "candidatures": ["demande"],
}
FILES = {
    "etude/etude.toml": b"format_version = 1\n",
    "resultats/zones.geojson": b"{}\n",
    "dossiers/demande/fiche.pdf": bytes(range(256)) * 9,
}


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def refusal(file: str, content: bytes) -> str:
    """What is said of a package that is refused."""
    found = open_package(file, content)
    assert not isinstance(found, Package)
    assert all(notice.file == file and notice.remedy for notice in found)
    return "\n".join(map(str, found))


def opened_package(made: Sealed) -> Package:
    opened = open_package(made.name, made.content)
    assert isinstance(opened, Package)
    return opened


def test_a_package_is_the_same_bytes_and_opens_with_all_its_files() -> None:
    made = sealed(FILES, FACTS)
    assert sealed(dict(reversed(FILES.items())), FACTS) == made
    opened = opened_package(made)
    assert opened.digest == made.digest
    assert opened.files.keys() == {*FILES, FACTS_FILE, README_FILE, DIGESTS_FILE}
    assert {name: opened.files[name] for name in FILES} == FILES
    assert opened.study == {"etude.toml": FILES["etude/etude.toml"]}
    assert made.name == f"paquet-alpes-2023-{made.digest[:12]}.zip"
    assert "EXEMPLE FICTIF" in opened.files[README_FILE].decode()


def test_a_common_tool_checks_a_package(tmp_path: Path) -> None:
    made = sealed(FILES, FACTS)
    for name, content in members(made.content).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert sha256((tmp_path / DIGESTS_FILE).read_bytes()).hexdigest() == made.digest
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("no sha256sum on this system")
    checked = subprocess.run([tool, "--strict", "-c", DIGESTS_FILE], cwd=tmp_path, check=False)
    assert checked.returncode == 0


@pytest.mark.parametrize("name", [*FILES, FACTS_FILE, README_FILE])
def test_one_changed_byte_is_refused_and_its_file_named(name: str) -> None:
    files = members(sealed(FILES, FACTS).content)
    files[name] = files[name].replace(files[name][-2:-1], b"!", 1)
    assert f"1 fichier changé depuis que le paquet est figé : « {name} »" in refusal(
        "paquet.zip", zipped(files)
    )


def test_a_package_resealed_is_told_by_the_digest_in_its_name() -> None:
    own = sealed(FILES, FACTS)
    other = sealed({**FILES, "resultats/zones.geojson": b"{ }\n"}, FACTS)
    assert "empreinte différente" in refusal(own.name, other.content)
    assert isinstance(open_package("paquet.zip", other.content), Package)


SPOILT: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "missing": (lambda files: files.pop("etude/etude.toml"), "1 fichier absent du paquet"),
    "added": (lambda files: files.update({"etude/a.csv": b""}), "1 fichier ajouté au paquet"),
    "outside": (lambda files: files.update({"etude/../../a": b""}), "nom de fichier impossible"),
    "absolute": (lambda files: files.update({"/etc/a": b""}), "nom de fichier impossible"),
    "list": (lambda files: files.update({DIGESTS_FILE: b"rien\n"}), "liste d’empreintes abîmée"),
    "no list": (lambda files: files.pop(DIGESTS_FILE), "n’est pas un paquet"),
    "no facts": (lambda files: files.pop(FACTS_FILE), "1 fichier absent du paquet"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_what_is_not_as_sealed_is_refused(case: str) -> None:
    spoil, said = SPOILT[case]
    files = members(sealed(FILES, FACTS).content)
    spoil(files)
    assert said in refusal("paquet.zip", zipped(files))


@pytest.mark.parametrize("content", [b"[1]", b"\xff", b"{}"])
def test_an_archive_of_another_kind_is_refused(content: bytes) -> None:
    listed = f"{sha256(content).hexdigest()}  {FACTS_FILE}\n".encode()
    other = zipped({FACTS_FILE: content, DIGESTS_FILE: listed})
    assert "n’est pas un paquet de cette version" in refusal("paquet.zip", other)


def test_a_package_of_another_version_is_refused() -> None:
    later = sealed(FILES, {**FACTS, "version_paquet": 2})
    assert "n’est pas un paquet de cette version" in refusal(later.name, later.content)


def test_an_archive_cut_anywhere_is_refused() -> None:
    content = sealed(FILES, FACTS).content
    for at in range(0, len(content), 97):
        assert refusal("paquet.zip", content[:at])


def test_the_faults_of_every_package_are_told_at_once(tmp_path: Path) -> None:
    for name in ("un.zip", "deux.zip"):
        (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(InputErrors) as caught:
        open_packages([tmp_path / "un.zip", tmp_path / "deux.zip", tmp_path / "trois.zip"])
    told = {notice.file for notice in caught.value.faults}
    assert told == {"un.zip", "deux.zip", "trois.zip"}


def package_of(study: Path, name: str, out: Path) -> Sealed:
    """The package of a study, its results and dossiers aside."""
    joined(out, study, name=name)
    files = {f"{STUDY}{path}": content for path, content in contents(out).items()}
    return sealed(files, {**FACTS, "etude": name})


def test_joining_packages_is_joining_folders(tmp_path: Path) -> None:
    asked = {"candidatures/demande.toml": application()}
    alpes = folder(tmp_path / "alpes", ALPES, also=asked)
    paris = folder(
        tmp_path / "paris", PARIS, also={"candidatures/demande.toml": application(code="93066")}
    )
    joined(tmp_path / "france", alpes, paris)
    made = [
        package_of(alpes, "Alpes", tmp_path / "a"),
        package_of(paris, "Paris", tmp_path / "p"),
    ]
    for each in made:
        (tmp_path / each.name).write_bytes(each.content)
    packages = open_packages([tmp_path / each.name for each in made])
    laid = lay_studies(packages, tmp_path / "laid")
    seals = {path: package.digest for path, package in laid.items()}
    consolidate([*laid], tmp_path / "again", TOY, Asked(seals=seals))
    before, after = contents(tmp_path / "france"), contents(tmp_path / "again")
    assert after.keys() == before.keys()
    for name in before.keys() - set(OWN_FILES):
        assert after[name] == before[name], name
    mark = json.loads(after[MARK_FILE])
    assert mark["paquets"] == {"alpes-2023": made[0].digest, "paris-2023": made[1].digest}
    assert f"paquet d’empreinte {made[1].digest}" in after[README_FILE].decode()
    assert json.loads(before[MARK_FILE])["paquets"] == {}


def silent(_: str) -> None:
    """Nobody follows."""


@pytest.fixture(scope="module")
def alpes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = tmp_path_factory.mktemp("region") / "alpes"
    return folder(study, ALPES, also={"candidatures/demande.toml": application()})


@pytest.fixture(scope="module")
def made(alpes: Path) -> Sealed:
    return make_package(alpes, TOY, on_step=silent)


def test_a_study_gives_one_package_without_a_person_and_with_its_dossiers(
    alpes: Path, made: Sealed
) -> None:
    elsewhere = shutil.copytree(alpes, alpes.parent / "copie")
    assert make_package(elsewhere, TOY, on_step=silent) == made
    opened = opened_package(made)
    assert opened.facts["candidatures"] == ["demande"]
    assert {"candidatures/demande.toml", "avis.csv", "etude.toml"} <= opened.study.keys()
    dossier = {name for name in opened.files if name.startswith("dossiers/demande/")}
    assert {f"dossiers/demande/{name}" for name in ("fiche.pdf", "fiche.docx")} <= dossier
    assert not [name for name, content in opened.files.items() if PERSON.encode() in content]


def test_a_package_computed_anew_gives_its_results(made: Sealed, tmp_path: Path) -> None:
    opened = opened_package(made)
    for name, content in opened.study.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    again = result_files(compute(read_study(tmp_path, TOY), TOY))
    for name, content in again.items():
        raw = content.encode() if isinstance(content, str) else content
        assert opened.files[f"resultats/{name}"] == raw, name


def test_opinions_given_elsewhere_enter_the_package(alpes: Path) -> None:
    def also(study: Study) -> Study:
        filed = study.opinions
        more = filed.iloc[:1].assign(motif="dit au registre", date=date(2023, 6, 1))
        return replace(study, opinions=pd.concat([filed, more], ignore_index=True))

    opened = opened_package(make_package(alpes, TOY, on_step=silent, also=also))
    assert "dit au registre" in opened.study["avis.csv"].decode("utf-8-sig")
