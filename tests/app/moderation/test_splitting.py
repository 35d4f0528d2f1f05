"""Parts of a long text: each fits, none of it is lost, and what lies across a cut is whole in one of them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.moderation.splitting import OVERLAP, V1, V2, Measure, json_bytes, split, utf16_units

SMALL = Measure(600, utf16_units, 2)
SMALL_BYTES = Measure(1_200, json_bytes, 6)
PIECES = [
    "字",
    "a",
    "word ",
    "句子。",
    "Sentence. ",
    "\n",
    "，",
    "😀",
    "é",
    "e\u0301",
    "👨‍👩‍👧",
    " ",
    "\r\n",
    "𠮷",
    "\u200d",
]

texts = st.lists(st.tuples(st.sampled_from(PIECES), st.integers(1, 300)), max_size=40).map(
    lambda runs: "".join(piece * times for piece, times in runs)
)


@pytest.mark.parametrize("measure", [V2, V1])
def test_text_that_fits_is_its_only_part(measure: Measure) -> None:
    assert split("字" * 2_500, measure) == ["字" * 2_500]


def test_version_2_takes_2500_characters_and_those_outside_of_the_bmp_count_twice() -> None:
    assert len(split("a" * 2_500, V2)) == 1
    assert len(split("a" * 2_501, V2)) == 2
    assert len(split("😀" * 1_250, V2)) == 1
    assert len(split("😀" * 1_251, V2)) == 2


def test_version_1_stays_below_500_kb() -> None:
    parts = split("字" * 400_000, V1)
    assert [len(part.encode()) < 500_000 for part in parts] == [True] * 3


@pytest.mark.parametrize("text", ['"', "\\", "\n", "\x01"])
def test_version_1_counts_what_json_adds(text: str) -> None:
    parts = split(text * 400_000, V1)
    assert all(len(json.dumps({"content": part})) < 500_000 for part in parts)
    assert sum(map(len, parts)) >= 400_000


def runs(text: str) -> list[str]:
    return [text[start : start + OVERLAP] for start in range(max(1, len(text) - OVERLAP + 1))]


@settings(max_examples=100, deadline=None)
@given(texts, st.sampled_from([SMALL, SMALL_BYTES]))
def test_each_run_of_characters_is_whole_in_a_part(text: str, measure: Measure) -> None:
    parts = split(text, measure)
    assert all(measure.excess(part) <= 0 for part in parts)
    seen = {run for part in parts for run in runs(part)}
    assert all(run in seen for run in runs(text))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 20_000 - OVERLAP))
def test_word_is_seen_wherever_it_stands(place: int) -> None:
    word = "".join(chr(0x5000 + number) for number in range(OVERLAP))
    text = "字" * place + word + "字" * (20_000 - OVERLAP - place)
    assert any(word in part for part in split(text, V2))


@pytest.mark.parametrize(
    ("end", "beyond"), [("line\n", "x"), ("句子。", "字"), ("A sentence. ", "b"), ("half，", "字"), ("word ", "b")]
)
def test_cut_is_made_where_something_ends(end: str, beyond: str) -> None:
    before = "x" * (2_400 - len(end)) + end
    first, _ = split(before + beyond * 1_000, V2)
    assert first == before


def test_line_is_a_better_end_than_a_word() -> None:
    first, _ = split("x" * 2_300 + "\n" + "word " * 200, V2)
    assert first.endswith("x\n")


@pytest.mark.parametrize("cluster", ["e\u0301\u0302", "👨\u200d👩\u200d👧", "☎\ufe0f"])
def test_cut_tears_nothing_from_what_it_belongs_to(cluster: str) -> None:
    for offset in range(len(cluster) + 2):
        for part in split("x" * offset + cluster * 2_000, V2)[1:]:
            assert part.startswith(cluster)


def test_endless_cluster_is_cut_somewhere() -> None:
    assert len(split("a" + "\u0301" * 10_000, V2)) > 4
