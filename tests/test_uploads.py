"""Deposits: sound ones come out byte for byte, names and kinds are told or refused one by one."""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zipfile

import pytest
from books import one_sheet, repacked, saved, sound_book
from hypothesis import given
from hypothesis import strategies as st
from toy import STUDY
from upload_archives import SMALL, Entry, made, refused, told, zipped

from data.uploads.accept import accept
from data.uploads.kinds import too_nested
from data.uploads.limits import UploadLimits
from data.uploads.names import clashes, common_top, neutral_path, shown_name

FILES = {name: text.encode() for name, text in STUDY.items()}
LIMITS = UploadLimits()


@pytest.mark.parametrize("top", ["", "mon étude/"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_sound_study_comes_out_byte_for_byte(top: str, order: int) -> None:
    files = {**FILES, "candidatures/plie.toml": b"a = 1\n", "scenarios/x/y.toml": b"b = 2\n"}
    accepted = accept("étude.zip", zipped(dict(list(files.items())[::order]), top=top))
    assert accepted.findings.faults == accepted.findings.warnings == ()
    assert accepted.files == files
    assert list(accepted.files) == sorted(files)


def test_an_archive_written_without_knowing_sizes_is_read() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.got = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.got += bytes(data)  # type: ignore[call-overload]
            return len(data)  # type: ignore[arg-type]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        for name, content in FILES.items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(content)
    assert accept("e.zip", pipe.got).files == FILES


def test_a_list_of_long_sizes_is_read() -> None:
    content = made([Entry("etude.toml", b"a = 1\n")])
    at, end = content.index(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    long_end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, end - at, at)
    place = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    assert accept("e.zip", content[:end] + long_end + place + content[end:]).files
    lying = struct.pack("<4sLQL", b"PK\x06\x07", 0, end - 1, 1)
    assert told(accept("e.zip", content[:end] + long_end + lying + content[end:]))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("besoins.csv", FILES["besoins.csv"]),
        ("etude.toml", FILES["etude.toml"]),
        ("etude.xlsx", saved(sound_book())),
        ("perimetres.geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("decp.json", b' [{"a": 1}] \n'),
        ("vide.csv", b"\n"),
        ("latin.csv", "commune;donneur\nÉtampes;état\n".encode("cp1252")),
        ("utf16.csv", "commune\n".encode("utf-16")),
    ],
)
def test_one_file_is_a_deposit(name: str, content: bytes) -> None:
    accepted = accept(f"C:\\fakepath\\{name}", content)
    assert told(accepted) == []
    assert accepted.files == {name: content}


def test_one_file_may_stand_in_a_folder_of_the_study() -> None:
    assert list(accept("plie.toml", b"a = 1", folder="candidatures").files) == [
        "candidatures/plie.toml"
    ]
    layer = zipped({"qpv.geojson": b"{}"})
    assert accept("qpv.zip", layer, folder="sources").files == {"sources/qpv.zip": layer}
    assert told(accept("qpv.zip", zipped({"a.zip": layer}), folder="sources"))
    with pytest.raises(ValueError, match="no folder"):
        accept("plie.toml", b"a = 1", folder="../ailleurs")


TRAPS = [
    ("../etude.toml", "sort du dossier"),
    ("a/../../etude.toml", "sort du dossier"),
    ("..\\etude.toml", "sort du dossier"),
    ("/etc/passwd.csv", "sort du dossier"),
    ("\\\\serveur\\x.csv", "sort du dossier"),
    ("C:/x.csv", "sort du dossier"),
    ("c:x.csv", "sort du dossier"),
    ("x.csv:flux", "Windows n’accepte pas"),
    ("a\0.csv", "invisible"),
    ("a\n.csv", "invisible"),
    ("a\x1b[2J.csv", "invisible"),
    ("a\u202evsc.exe.csv", "invisible"),
    ("a\u200b.csv", "invisible"),
    ("CON.csv", "réservé"),
    ("sources/nul.tar.csv", "réservé"),
    ("com1", "réservé"),
    ("a.csv.", "Windows n’accepte pas"),
    ("dossier /a.csv", "Windows n’accepte pas"),
    ("é" * 101 + ".csv", "plus de 200 octets"),
    ("sources/b/c/d.csv", "niveaux"),
]


@pytest.mark.parametrize(("name", "told_of"), TRAPS)
def test_a_name_that_deceives_is_refused(name: str, told_of: str) -> None:
    content = made([Entry("etude.toml", b""), Entry(name)])
    fault = refused(content)
    assert told_of in fault
    assert not set(fault) & set("\0\n\x1b\u202e\u200b")


def test_all_faults_are_told_at_once() -> None:
    content = made([Entry(name) for name, _ in TRAPS[:9]] + [Entry("x.xlsm"), Entry("y.gpkg")])
    assert len(told(accept("e.zip", content))) == 11


@pytest.mark.parametrize(
    "pair",
    [
        ("besoins.csv", "Besoins.CSV"),
        ("é.csv", unicodedata.normalize("NFD", "é") + ".csv"),
        ("postes.csv", "postes.csv"),
        ("sources", "sources/a.csv"),
        ("sources/a.csv", "Sources/b.csv"),
        ("straße.csv", "STRASSE.csv"),
        ("a.csv", "./a.csv"),
        ("sources/a.csv", "sources\\a.csv"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_two_names_that_some_system_confuses_are_refused(pair: tuple[str, str], order: int) -> None:
    entries = [Entry("etude.toml", b"")] + [Entry(name) for name in pair[::order]]
    assert any("même nom" in fault for fault in told(accept("e.zip", made(entries))))


@pytest.mark.parametrize(
    ("entry", "told_of"),
    [
        (Entry("a.csv", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "un lien"),
        (Entry("a.csv", b"", mode=stat.S_IFCHR | 0o666), "spécial"),
        (Entry("a.csv", b"", mode=stat.S_IFIFO | 0o666), "spécial"),
        (Entry("a.csv", flags=1), "mot de passe"),
        (Entry("a.csv", flags=0x41), "mot de passe"),
        (Entry("a.csv", method=14), "façon rare"),
        (Entry(b"\xff\xfe.csv", flags=0x800), "abîmé"),
        (Entry("a.csv", local_name=b"b.csv"), "deux logiciels"),
    ],
)
def test_a_member_that_is_no_plain_file_is_refused(entry: Entry, told_of: str) -> None:
    assert told_of in refused(made([entry]))


def test_hidden_files_are_left_aside_and_told() -> None:
    extra = {
        "__MACOSX/._etude.toml": b"\0\5",
        ".DS_Store": b"\0",
        "~$etude.xlsx": b"",
        "Thumbs.db": b"",
    }
    for top in ("", "étude/"):
        accepted = accept("e.zip", zipped({**FILES, **extra}, top=top))
        assert accepted.files == FILES
        (warning,) = accepted.findings.warnings
        assert "4 fichiers ou dossiers masqués" in warning.message


def test_a_folder_around_the_study_is_found_beside_what_a_mac_adds() -> None:
    content = zipped({**{f"étude/{n}": c for n, c in FILES.items()}, "__MACOSX/étude/._x": b"\0"})
    assert accept("e.zip", content).files == FILES


def test_what_is_not_read_is_left_aside_and_told() -> None:
    files = {**FILES, "note.pdf": b"%PDF-1.7", "perimetres.kml": b"<kml>", "notes.txt": b"Mme X"}
    accepted = accept("e.zip", zipped(files))
    assert accepted.files == FILES
    assert [w.file for w in accepted.findings.warnings] == [
        "note.pdf",
        "notes.txt",
        "perimetres.kml",
    ]


MISTAKEN = [
    ("besoins.csv", saved(sound_book()), "une archive zip ou un classeur"),
    ("besoins.csv", b'{"a": 1}', "du JSON"),
    ("besoins.csv", b"<html><body>", "une page HTML"),
    ("besoins.csv", b"%PDF-1.7\n", "un PDF"),
    ("besoins.csv", b"a;b\0c", "n’est pas du texte"),
    ("etude.xlsx", FILES["besoins.csv"], "du texte"),
    ("etude.xlsx", bytes.fromhex("d0cf11e0a1b11ae1"), "Office 97-2003"),
    ("etude.zip", b"Rar!\x1a\x07\x01\0", "autre format que zip"),
    ("perimetres.geojson", b"<kml>", "une page HTML ou XML"),
    ("perimetres.geojson", b"[1, 2]", "du JSON"),
    ("perimetres.geojson", b'{"type": "Fea', "du texte"),
    ("perimetres.gpkg", b"{}", "du JSON"),
    ("decp.parquet", b"a,b\n", "du texte"),
    ("perimetres.shp", b"\x89PNG\r\n\x1a\n", "une image"),
    ("perimetres.dbf", b"MZ\x90\0", "un programme"),
    ("etude.toml", b"\x7fELF", "un programme"),
]


@pytest.mark.parametrize(("name", "content", "found"), MISTAKEN)
def test_a_content_that_is_not_what_its_name_says_is_told(
    name: str, content: bytes, found: str
) -> None:
    assert found in refused(content, name)
    if not name.endswith(".zip"):
        assert found in refused(zipped({name: content}))


@pytest.mark.parametrize(
    "name", ["x.xls", "x.xlsm", "x.ods", "x.exe", "x", ".csv", "notes.txt", "x.kml"]
)
def test_a_format_that_is_not_read_is_no_deposit(name: str) -> None:
    assert told(accept(name, b"a"))


@pytest.mark.parametrize("name", ["", "..", "a/..", "/", "\0", "CON.csv"])
def test_the_name_of_the_deposit_is_judged_too(name: str) -> None:
    assert told(accept(name, b"a"))


@pytest.mark.parametrize(
    ("change", "told_of"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/externalLinks/externalLink1.xml": b"<x/>"}, "lié à d’autres classeurs"),
        ({"xl/connections.xml": b"<x/>"}, "données extérieures"),
        ({"xl/embeddings/a.docx": b"PK\x03\x04"}, "autre document"),
        ({"xl/media/x.bin": b"PK\x03\x04..."}, "autre document"),
        ({"xl/workbook.xml": None}, "pas un classeur"),
        ({"xl/worksheets/sheet1.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}, "entités"),
        ({"xl/worksheets/sheet1.xml": b" " * 65_530 + b"<!DOCTYPE x><x/>"}, "entités"),
        ({"xl/styles.xml": "<x/>".encode("utf-16")}, "codage"),
        ({"../x.xml": b"<x/>"}, "sort de l’archive"),
        ({"XL/workbook.xml": b"<x/>"}, "deux fois"),
    ],
)
def test_a_workbook_that_does_more_than_hold_cells_is_refused(
    change: dict[str, bytes | None], told_of: str
) -> None:
    content = repacked(saved(sound_book()), change)
    faults = told(accept("etude.xlsx", content))
    assert any(told_of in fault for fault in faults)
    assert any(told_of in fault for fault in told(accept("e.zip", zipped({"etude.xlsx": content}))))


def test_a_workbook_with_pictures_and_links_to_pages_is_sound() -> None:
    book = repacked(
        one_sheet([["a"]]), {"xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + b"\xff" * 99}
    )
    assert told(accept("etude.xlsx", book)) == []


def test_an_archive_of_a_layer_is_judged_one_level_down() -> None:
    sound = {
        "couche/quartiers.geojson": b'{"type": "X"}',
        "LICENCE.pdf": b"%PDF",
        "lisez.docx": b"PK\x03\x04",
    }
    files = {**FILES, "sources/qpv.zip": zipped(sound)}
    assert accept("e.zip", zipped(files)).files == files
    for name, content, told_of in (
        ("x.geojson", b"<OGRVRTDataSource/>", "HTML ou XML"),
        ("../x.geojson", b"{}", "sort du dossier"),
        ("x.zip", zipped({}), "en contient une autre"),
        ("x.xlsx", zipped({"a": b""}), "pas un classeur"),
    ):
        fault = refused(zipped({**FILES, "sources/qpv.zip": zipped({name: content})}))
        assert fault.startswith("sources/qpv.zip")
        assert told_of in fault


def test_sizes_are_bounded() -> None:
    assert "2 Mo au plus" in refused(b"a" * 2_000_001, "a.csv", SMALL)
    assert "2,1 Mo" in refused(b"a" * 2_000_001, "a.csv", SMALL)
    assert "vide" in refused(b"", "a.csv")
    assert "aucun fichier" in refused(zipped({}))
    assert "aucun fichier" in refused(zipped({"a.pdf": b"%PDF"}))


@pytest.mark.parametrize("deep", [64, 65, 100_000])
def test_json_depth_is_counted_before_a_parse(deep: int) -> None:
    content = b'{"a":' * (deep - 1) + b"[]" + b"}" * (deep - 1)
    assert bool(told(accept("x.json", content))) == (deep > 64)


@given(
    st.recursive(
        st.text('[]{}"\\a', max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text('"\\{'), inner, max_size=2)
        ),
        max_leaves=12,
    ),
    st.integers(1, 7),
)
def test_json_depth_is_that_of_a_naive_walk(value: object, block: int) -> None:
    import json  # noqa: PLC0415

    def depth(each: object) -> int:
        inner = each.values() if isinstance(each, dict) else each
        return 0 if isinstance(each, str) else 1 + max(map(depth, inner), default=0)  # type: ignore[call-overload]

    content = json.dumps(value).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data.uploads.kinds._BLOCK", block)
        assert too_nested(content, depth(value)) is None
        assert depth(value) == 0 or too_nested(content, depth(value) - 1) is not None


@given(st.text())
def test_a_path_made_plain_stays_so_and_stays_inside(name: str) -> None:
    path = neutral_path(name, LIMITS)
    if isinstance(path, str):
        assert neutral_path(path, LIMITS) == path
        assert ".." not in path.split("/")
        assert not path.startswith("/")
        assert shown_name(path) == path
        assert unicodedata.is_normalized("NFC", path)


@given(st.lists(st.sampled_from(["a", "A", "a/b", "a/B", "A/b", "b", "é", "É", "c/d/e", "C/x"])))
def test_paths_without_clash_are_told_apart_by_any_system(paths: list[str]) -> None:
    taken = clashes(paths)
    sound = [path for path in paths if path not in taken]
    assert len({path.casefold() for path in sound}) == len(sound)
    assert clashes(reversed(paths)).keys() == taken.keys()


def test_a_folder_of_the_study_alone_is_no_folder_around_it() -> None:
    assert common_top(["sources/a.csv", "sources/b.csv"], ["sources"]) == ""
    assert common_top(["x/a.csv", "b.csv"], []) == ""
    assert common_top(["x/a.csv", "x/y/b.csv"], []) == "x/"
