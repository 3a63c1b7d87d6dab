"""Texts that people write: what is wrong is said in one line with its place, and in time."""

from pathlib import Path
from typing import Any

import pytest

from config.errors import BadInputError
from config.texts import read_json, read_text, read_toml
from config.yaml_texts import read_yaml

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]\n" for level in range(1, 40)
)
MERGED = "a0: &a0 {x: 1}\n" + "".join(
    f"a{level}: &a{level} {{<<: [*a{level - 1}, *a{level - 1}]}}\n" for level in range(1, 40)
)
DEEP = "a0: &a0 [x]\n" + "".join(f"a{level}: &a{level} [*a{level - 1}]\n" for level in range(1, 90))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "while parsing a flow node expected the node content, but found '<stream end>' (line 1, "),
        ("a: 1\nb: 2026-02-30\n", "'2026-02-30' is no date or time (line 2, column 4)"),
        ("[2026-13-01]", "'2026-13-01' is no date or time (line 1, column 2)"),
        ("[2026-01-01T00:00:00+99:00]", "'2026-01-01T00:00:00+99:00' is no date or time (line 1, column 2)"),
        ("a: !!int few", "'few' is no whole number (line 1, column 4)"),
        ("a: " + "9" * 5000, "'" + "9" * 40 + "' is no whole number (line 1, column 4)"),
        ("a: !!bool perhaps", "'perhaps' is no bool (line 1, column 4)"),
        ("a: !!timestamp soon", "'soon' is no date or time (line 1, column 4)"),
        ("a: !!float ''", "'' is no number (line 1, column 4)"),
        ('a: "\\UFFFFFFFF"', ""),
        ("a: \0", "unacceptable character #x0000: special characters are not allowed"),
        ("a: !!python/name:os.system", "could not determine a constructor for the tag"),
        ('a: "\\uD800"', "a text holds half of a pair of surrogates (line 1, column 4)"),
        ("a: &a [*a]", "*a stands within itself (line 1, column 8)"),
        (LAUGHS, "aliases stand for too many values (line "),
        (MERGED, "aliases stand for too many values (line "),
        (DEEP, "aliases stand for too many values (line "),
        ("a: " + "[" * 20_000, "more than 50 levels deep (line 1, column 53)"),
        ("- " * 20_000, "more than 50 levels deep (line 1, column 101)"),
        ("{" * 20_000, "more than 50 levels deep (line 1, column 51)"),
        ("a: 1\n---\nb: 1\n", "expected a single document in the stream but found another document (line 2,"),
    ],
    ids=lambda text: text[:24],
)
def test_yaml_that_is_none(text: str, said: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_yaml(text, "x.yaml")
    assert str(refused.value).startswith(f"x.yaml: this is no YAML: {said}")


def test_yaml_that_is_too_long() -> None:
    with pytest.raises(BadInputError, match="x.yaml: over 1,000,000 signs are not read as YAML"):
        read_yaml("#" * 1_000_001, "x.yaml")


def test_aliases_and_merges_are_read() -> None:
    text = "\ufeffbase: &hours {mon: ['08:00-12:00']}\nmore: {<<: *hours, tue: *hours}\n"
    hours: dict[str, Any] = {"mon": ["08:00-12:00"]}
    assert read_yaml(text, "x") == {"base": hours, "more": hours | {"tue": hours}}
    assert read_yaml("", "x") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "Expecting value"),
        ("[" * 200_000, "it is nested too deeply"),
        ("[Infinity]", "Infinity is no number of JSON"),
        ("[NaN]", "NaN is no number of JSON"),
        ("9" * 5000, "Exceeds the limit"),
    ],
)
def test_json_that_is_none(text: str, said: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_json(text, "x.json")
    assert str(refused.value).startswith(f"x.json: this is no JSON: {said}")


def test_json_that_could_not_be_printed() -> None:
    with pytest.raises(BadInputError, match="x.json: a text holds half of a pair of surrogates"):
        read_json('["\\ud800"]', "x.json")
    assert read_json('["\\ud83d\\ude00"]', "x.json") == ["\U0001f600"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "Expected '='"),
        ("a = " + "[" * 20_000, "it is nested too deeply"),
        ("a = 2026-02-30", "Invalid date or datetime"),
        ("a = " + "9" * 5000, "Exceeds the limit"),
    ],
)
def test_toml_that_is_none(text: str, said: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_toml(text, "x.toml")
    assert str(refused.value).startswith(f"x.toml: this is no TOML: {said}")


def test_files_that_are_no_texts(tmp_path: Path) -> None:
    latin, large, endless = tmp_path / "latin", tmp_path / "large", Path("/dev/zero")
    latin.write_bytes("München".encode("latin-1"))
    large.write_bytes(b" " * 4_000_001)
    for path, said in {
        latin: "this is no text in UTF-8",
        large: "over 4,000,000 bytes are not read",
        endless: "over 4,000,000 bytes are not read",
        tmp_path: "Is a directory",
        tmp_path / "none": "No such file or directory",
    }.items():
        with pytest.raises(BadInputError) as refused:
            read_text(path, "policy")
        assert str(refused.value) == f"policy {path}: {said}"
