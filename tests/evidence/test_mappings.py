"""Mappings: shipped ones, one's own, and what is wrong with a file that is none."""

from pathlib import Path

import pytest

from config.errors import BadInputError
from evidence.mappings import known_mappings, load_mapping
from models.evidence import TicketState

COLUMNS = '[columns]\nexternal_id = "a"\nstate = "b"\nopened_at = "c"\nupdated_at = "d"\n'


def test_the_shipped_mappings_can_be_read():
    assert known_mappings().keys() == {
        *("boston-311", "feed", "glpi", "jira", "jira-csv", "sample", "servicenow", "tickets"),
        "servicenow-audit",
        *("uci-incident", "upptime", "values", "xes", "zammad", "zammad-tickets"),
    }
    assert all(known_mappings().values()), "each has a title"
    incidents = load_mapping("uci-incident")
    assert incidents.evidence_source == "uci-incident"
    assert incidents.states["Awaiting Vendor"] is TicketState.AWAITING_SUPPLIER
    assert not {"resolved_at", "closed_at", "made_sla"} & set(incidents.columns.model_dump().values())


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(
        BadInputError, match="no mapping 'remedy'; there are boston-311, feed, .*, or a path to a .toml file"
    ):
        load_mapping("remedy")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x = " + "[" * 3_000, "nested too deeply"),
        ("x = " + "9" * 5_000, "Exceeds the limit"),
        *(
            (
                f'name = "x"\nencoding = "{name}"\n' + COLUMNS,
                f"encoding: '{name}' is not a text encoding",
            )
            for name in ("punycode", "idna", "unicode_escape", "undefined", "base64", "klingon")
        ),
    ],
)
def test_a_mapping_that_is_none_is_refused_in_one_line(tmp_path: Path, content: str, said: str):
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(BadInputError) as refused:
        load_mapping(path)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_ones_own_mapping_is_a_path(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nsource = "desk"\n' + COLUMNS + '[states]\n"Offen" = "in_progress"\n')
    mapping = load_mapping(path)
    assert mapping.evidence_source == "desk" and mapping.columns.customer == ""
    assert mapping.with_customer("site").columns.customer == "site"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name = ", "Invalid value"),
        (COLUMNS + "[states]", "name: Field required"),
        ('name = "x"\n' + COLUMNS + '[states]\n"Open" = "opened"', "states.Open: Input should be 'new'"),
        ('name = "x"\nzone = "Mars"\n' + COLUMNS + "[states]", "'Mars' is not an IANA time zone"),
        ('name = "x"\nencoding = "morse"\n' + COLUMNS + "[states]", "'morse' is not a text encoding"),
        ('name = "x"\ncolour = "red"\n' + COLUMNS + "[states]", "colour: Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, reason: str):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(BadInputError) as refused:
        load_mapping(path)
    assert str(refused.value).startswith(f"mapping {path}: ") and reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(BadInputError, match="No such file"):
        load_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "priority"), [("3 - Moderate", "3"), ("12", "12"), ("High", "High"), ("", "")]
)
def test_priorities_by_their_leading_digits(text: str, priority: str):
    assert load_mapping("uci-incident").normal_priority(text) == priority
    assert load_mapping("sample").normal_priority(text) == text
