import pickle
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

import config.settings
from config.errors import ConfigError
from config.settings import SETTINGS, Mode, Settings, secret_key


def home(tmp_path: Path) -> Settings:
    return Settings.from_env({"S2F_HOME": str(tmp_path)})


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_env({})
    assert settings.home == Path.cwd() / "var"
    assert settings.database_url == f"sqlite:///{Path.cwd()}/var/s2f.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.mode is Mode.LIVE
    assert (settings.messages_url, settings.prefect_api_url) == (None, None)
    assert (settings.prefect_port, settings.place) == (4200, "fiji")


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_env({"S2F_PORT": "", "S2F_HOME": " "}) == Settings.from_env({})


def test_the_public_address_follows_the_port() -> None:
    assert Settings.from_env({"S2F_PORT": "8081"}).public_url == "http://127.0.0.1:8081"


def test_the_default_database_lies_in_the_home_folder(tmp_path: Path) -> None:
    assert home(tmp_path).database_url == f"sqlite:///{tmp_path}/s2f.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_address_names_the_driver(scheme: str) -> None:
    settings = Settings.from_env({"S2F_DATABASE_URL": f"{scheme}://me@127.0.0.1:5432/s2f"})
    assert settings.database_url == "postgresql+psycopg://me@127.0.0.1:5432/s2f"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings.from_env({}).port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("S2F_PORT", "eighty"),
        ("S2F_PORT", "0"),
        ("S2F_PORT", "70000"),
        ("S2F_PORT", "8_0"),
        ("S2F_PREFECT_PORT", "-1"),
        ("S2F_WEB_THREADS", "many"),
        ("S2F_MODE", "Demo"),
        ("S2F_PLACE", "../fiji"),
        ("S2F_DATABASE_URL", "mysql://localhost/s2f"),
        ("S2F_DATABASE_URL", "s2f.db"),
        ("S2F_DATABASE_URL", "sqlite:///"),
        ("S2F_PUBLIC_URL", "births.example"),
        ("S2F_PUBLIC_URL", "http://[half"),
        ("PREFECT_API_URL", "ftp://127.0.0.1"),
        ("S2F_MESSAGES_URL", "sms"),
    ],
)
def test_rubbish_is_refused_with_the_name_of_the_variable(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"^environment: {name}: expected ") as refused:
        Settings.from_env({name: value})
    assert refused.value.key == name


def test_a_refused_database_address_does_not_repeat_its_password() -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_env({"S2F_DATABASE_URL": "mysql://me:hush@localhost/s2f"})
    assert "hush" not in str(refused.value)


def test_every_setting_read_is_in_the_table_and_the_other_way_round() -> None:
    source = Path(config.settings.__file__).read_text(encoding="utf-8").partition("class Settings:")[2]
    assert set(re.findall(r'"((?:S2F|PREFECT)_[A-Z_]+)"', source)) == {setting.name for setting in SETTINGS}


def test_the_secret_key_stays_the_same(tmp_path: Path) -> None:
    assert secret_key(home(tmp_path)) == secret_key(home(tmp_path))


def test_the_secret_key_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    secret_key(home(tmp_path))
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_making_the_secret_key_makes_the_home_folder_and_leaves_no_other_file(tmp_path: Path) -> None:
    secret_key(replace(home(tmp_path), home=tmp_path / "new" / "home"))
    assert [path.name for path in (tmp_path / "new" / "home").iterdir()] == ["secret-key"]


def test_those_who_start_together_agree_on_one_secret_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(secret_key, [home(tmp_path)] * 32))) == 1


def test_a_spoilt_secret_key_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")
    with pytest.raises(ConfigError, match="at least 32 characters, found 5 characters"):
        secret_key(home(tmp_path))
    assert (tmp_path / "secret-key").read_text() == "short"


def test_a_configuration_error_says_file_key_expected_and_found_also_after_pickling() -> None:
    error = ConfigError("config/services/x.toml", "steps.review.sla", "a number of days", "'five'")
    sentence = "config/services/x.toml: steps.review.sla: expected a number of days, found 'five'"
    assert str(error) == str(pickle.loads(pickle.dumps(error))) == sentence
