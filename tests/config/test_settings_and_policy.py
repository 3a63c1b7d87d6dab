"""Settings from the environment, policy from TOML: single values may be replaced, bad ones are named."""

import stat

import pytest

from config.errors import BadInputError
from config.policy import load_policy, policy
from config.prefect_bootstrap import prefect_environment, prepare
from config.settings import Settings, settings


def test_the_defaults_work_on_one_machine():
    assert settings().database.startswith("sqlite:///")
    assert settings().base_url == "http://127.0.0.1:8000"


def test_a_setting_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("SLM_PORT", "eighty")
    settings.cache_clear()
    with pytest.raises(BadInputError, match="SLM_PORT"):
        settings()


def test_the_secret_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    configured = Settings(var=tmp_path / "var")
    key = configured.secret_key()
    assert len(key) > 40
    assert Settings(var=tmp_path / "var").secret_key() == key
    assert stat.S_IMODE((tmp_path / "var" / "secret.key").stat().st_mode) == 0o600


def test_a_policy_file_replaces_single_values(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text("[trial]\ndays = 42\n")
    changed = load_policy(file)
    assert changed.trial.days == 42
    assert changed.trial.longest_wait_days == policy().trial.longest_wait_days
    assert changed.verdicts == policy().verdicts


def test_stated_hours_are_replaced_as_a_whole(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text('[requirements]\nstated_hours = { "high" = 6 }\n')
    assert load_policy(file).requirements.stated_hours == {"high": 6}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[trial]\ndays = 0\n", "trial.days"),
        ("[trial]\ndayz = 3\n", "trial.dayz"),
        ("[verdicts]\nconfidence = 2\n", "verdicts.confidence"),
        ("[trial\n", "policy.toml"),
    ],
)
def test_a_bad_policy_file_is_refused_with_what_and_where(tmp_path, text, words):
    file = tmp_path / "policy.toml"
    file.write_text(text)
    with pytest.raises(BadInputError, match=words):
        load_policy(file)


def test_a_policy_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInputError, match=r"nowhere\.toml"):
        load_policy(tmp_path / "nowhere.toml")


def test_prefect_is_told_to_stay_silent_and_to_keep_a_database_of_its_own():
    environment: dict[str, str] = {"PREFECT_LOGGING_LEVEL": "DEBUG"}
    prepare(environment)
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["PREFECT_HOME"].startswith(str(settings().var.absolute()))
    assert environment["PREFECT_API_URL"].startswith("http://127.0.0.1:")
    assert environment["PREFECT_LOGGING_LEVEL"] == "DEBUG", "what the user has set stays"
    assert environment["PYTHONSAFEPATH"] == prefect_environment()["PYTHONSAFEPATH"] == "1"
