"""Settings: defaults that suit a laptop, errors that name the variable, and nothing of development in production."""

from pathlib import Path

import pytest

from app import database_urls, settings
from app.settings import Environment, InvalidSettingsError
from domain.people import Role


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "BROKER_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)


def refusal() -> str:
    with pytest.raises(InvalidSettingsError) as refused:
        settings.load()
    return str(refused.value)


def test_defaults_suit_a_laptop() -> None:
    loaded = settings.load()
    assert (loaded.environment, loaded.host, loaded.port) == (Environment.DEVELOPMENT, "127.0.0.1", 8000)
    assert (loaded.database_url, loaded.broker_url) == (None, None)
    assert loaded.data_folder == Path("var")
    assert not loaded.logs_as_json


def test_local_tokens_refuse_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "production")
    assert (settings.load().logs_as_json, settings.load().takes_local_tokens) == (True, False)
    monkeypatch.setenv("MILEPOST_LOCAL_TOKENS", "true")
    assert refusal().startswith(
        "MILEPOST_LOCAL_TOKENS is on, so that whoever has MILEPOST_SECRET is anybody: production"
    )
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "development")
    assert settings.load().takes_local_tokens
    monkeypatch.setenv("MILEPOST_LOCAL_TOKENS", "false")
    assert not settings.load().takes_local_tokens


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ISSUER": "http://id.example"}, "MILEPOST_OIDC_ISSUER: an https address"),
        ({"ISSUER": "https://u:p@id.example"}, "MILEPOST_OIDC_ISSUER: an address without user, password and fragment"),
        ({"ISSUER": "https://id.example"}, "MILEPOST_OIDC_AUDIENCE is missing"),
        ({"AUDIENCE": "milepost"}, "MILEPOST_OIDC_ISSUER is missing"),
        ({"ALGORITHMS": "RS256, HS256"}, "MILEPOST_OIDC_ALGORITHMS is RS256, HS256: some of RS256, RS384"),
        ({"ALGORITHMS": "none"}, "MILEPOST_OIDC_ALGORITHMS is none: some of RS256, RS384"),
        ({"ROLES": '{"boss": "ENGINE"}'}, "MILEPOST_OIDC_ROLES is {'boss': 'ENGINE'}: roles are MEMBER, MSR"),
        ({"PROGRAM_CLAIM": "program"}, "MILEPOST_OIDC_ROLES_CLAIM is missing"),
        ({"CLOCK_SKEW": "301"}, "MILEPOST_OIDC_CLOCK_SKEW is 301"),
    ],
)
def test_a_provider_that_cannot_be_trusted_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"MILEPOST_OIDC_{name}", value)
    assert refusal().startswith(said)


def test_a_provider_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ISSUER": "https://id.example/realms/shop",
        "AUDIENCE": "milepost",
        "ALGORITHMS": "RS256,EdDSA",
        "ROLES_CLAIM": "realm_access.roles",
        "ROLES": '{"desk": "MSR"}',
    }.items():
        monkeypatch.setenv(f"MILEPOST_OIDC_{name}", value)
    loaded = settings.load()
    assert loaded.oidc_algorithms == ("RS256", "EdDSA")
    assert loaded.oidc_roles == {"desk": Role.MSR}


def test_the_usual_variables_work_without_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@db:5433/points?ssl=require")
    loaded = settings.load()
    assert loaded.port == 9000
    assert loaded.database_url == "postgresql+asyncpg://u:p@db:5433/points?ssl=require"


def test_what_is_given_by_name_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    assert settings.load(port=9001).port == 9001
    assert settings.load(port=None).port == 9000


def test_every_bad_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_PORT", "70000")
    monkeypatch.setenv("MILEPOST_ENVIRONMENT", "staging")
    assert sorted(refusal().splitlines()) == [
        "MILEPOST_ENVIRONMENT is staging: Input should be 'development', 'production' or 'test'",
        "MILEPOST_PORT is 70000: Input should be less than or equal to 65535",
    ]


def test_an_error_never_shows_a_secret_or_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_SECRET", "sesame")
    monkeypatch.setenv("DATABASE_URL", "mysql://u:sesame@db/points")
    assert sorted(refusal().splitlines()) == [
        "DATABASE_URL: a database address begins with postgresql://, this one with 'mysql'",
        "MILEPOST_SECRET: a secret has at least 32 characters",
    ]


def test_encryption_is_asked_for_in_the_words_of_each_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@db/points?application_name=a&sslmode=require")
    url = settings.load().database_url
    assert url == "postgresql+asyncpg://u:p@db/points?application_name=a&ssl=require"
    assert database_urls.for_libpq(url) == "postgresql://u:p@db/points?application_name=a&sslmode=require"
    assert database_urls.for_psycopg(url) == "postgresql+psycopg://u:p@db/points?application_name=a&sslmode=require"


def test_a_socket_address_keeps_its_shape_in_every_spelling() -> None:
    url = "postgres://postgres@/milepost?host=/tmp/x&port=5432"
    assert database_urls.for_asyncpg(url) == "postgresql+asyncpg://postgres@/milepost?host=/tmp/x&port=5432"
    assert database_urls.for_psycopg(url) == "postgresql+psycopg://postgres@/milepost?host=/tmp/x&port=5432"
    assert database_urls.for_libpq(database_urls.for_asyncpg(url)) == url.replace("postgres://", "postgresql://")


def test_a_broker_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_URL", "nats://broker")
    assert refusal() == (
        "BROKER_URL: a broker address begins with one of amqp://, amqps://, postgres://, postgresql://, "
        "redis://, rediss://, this one with 'nats'"
    )


def test_production_refuses_webhooks_to_private_addresses() -> None:
    with pytest.raises(InvalidSettingsError, match="MILEPOST_WEBHOOKS_PRIVATE lets webhooks call private addresses"):
        settings.load(environment="production", webhooks_private=True)
    assert settings.load(environment="development", webhooks_private=True).webhooks_private


@pytest.mark.parametrize("url", ["smtp://mail", "smtp+starttls://user:sesame@mail:587", "smtps://mail:465"])
def test_the_address_of_a_mail_server_is_taken(url: str) -> None:
    taken = settings.load(smtp_url=url).smtp_url
    assert taken is not None
    assert taken.get_secret_value() == url


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "mail:25", "smtp://mail:0"])
def test_any_other_address_of_a_mail_server_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidSettingsError, match=r"^MILEPOST_SMTP_URL: expected smtp://"):
        settings.load(smtp_url=url)


def test_a_sender_is_an_email_address() -> None:
    assert settings.load(mail_from="points@example.com").mail_from == "points@example.com"
    with pytest.raises(InvalidSettingsError, match="MILEPOST_MAIL_FROM is Points: expected an email address"):
        settings.load(mail_from="Points")


def test_emails_go_into_the_data_folder_unless_another_is_named(tmp_path: Path) -> None:
    assert settings.load(data_folder=tmp_path).emails_folder == tmp_path / "mail"
    assert settings.load(data_folder=tmp_path, mail_folder=tmp_path / "out").emails_folder == tmp_path / "out"
