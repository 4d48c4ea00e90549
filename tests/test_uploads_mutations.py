"""Deposits spoilt at random: the same files come out, or a fault is told, within the limits."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from toy import STUDY
from upload_archives import STORED, Entry, made, told, zipped

from data.uploads.accept import accept
from data.uploads.limits import Budget, UploadLimits
from data.uploads.zips import list_members, unpack

FILES = {name: text.encode() for name, text in STUDY.items()}
SOUND = zipped(FILES)
NOISE = UploadLimits(
    upload_bytes=100_000, members=40, unpacked_bytes=200_000, ratio_from_bytes=5_000
)


@given(
    st.lists(
        st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    st.integers(0, 40),
    st.integers(0, len(SOUND)),
)
@example([(0, 80)], 0, 0)
def test_whatever_is_spoilt_the_files_are_the_same_or_a_fault_is_told(
    changes: list[tuple[int, int]], cut: int, at: int
) -> None:
    content = bytearray(SOUND)
    for place, value in changes:
        content[place] = value
    del content[at : at + cut]
    budget = Budget(NOISE, len(content))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data.uploads.accept.Budget", lambda *_: budget)
        accepted = accept("etude.zip", bytes(content), NOISE)
    assert budget.unpacked_bytes <= NOISE.unpacked_bytes + (1 << 16)
    assert budget.members <= NOISE.members
    assert told(accepted) or accepted.files == FILES


@given(st.binary(max_size=300))
def test_noise_after_a_signature_is_told(noise: bytes) -> None:
    for name, start in (
        ("e.zip", b"PK\x03\x04"),
        ("etude.xlsx", b"PK\x03\x04"),
        ("e.zip", b"PK\x05\x06"),
    ):
        assert told(accept(name, start + noise))


@given(st.binary(max_size=4_000), st.sampled_from([STORED, 8]))
def test_a_member_is_unpacked_as_it_was(content: bytes, method: int) -> None:
    archive = made([Entry("x", content, method)])
    budget = Budget(UploadLimits(), len(archive))
    members = list_members(archive, budget)
    assert isinstance(members, tuple)
    assert unpack(archive, members[0], budget) == content
    assert budget.unpacked_bytes == len(content)
