"""Where submissions are: a folder, or a database at an address; its password is taken and never shown."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from assess.errors import Problem, UsageError

PASSWORD = "ASSESS_DATABASE_PASSWORD"  # noqa: S105 - the name of a variable
_KINDS = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql"}
_PORTS = {"postgresql": 5432, "mysql": 3306}


@dataclass(frozen=True)
class Address:
    """A database: kind, host, port and name, a schema of PostgreSQL, options of its driver, and who asks.

    As text it is what may be shown: neither the user nor the password nor the options.
    """

    kind: str
    host: str
    port: int
    database: str
    schema: str | None = None
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        schema = f"?schema={self.schema}" if self.schema else ""
        return f"{self.kind}://{host}:{self.port}/{self.database}{schema}"

    @property
    def described(self) -> dict[str, str | int | None]:
        """What the provenance says of it."""
        return {"kind": self.kind, "host": self.host, "port": self.port, "database": self.database,
                "schema": self.schema}  # fmt: skip

    def hushed(self, said: str) -> str:
        """What a driver said, in one line and without the password."""
        for secret in (self.password, os.environ.get("PGPASSWORD"), os.environ.get("MYSQL_PWD")):
            said = said.replace(secret, "***") if secret else said
        return " ".join(said.split())


def located(data: str) -> Path | Address:
    """The folder or the database that is meant. UsageError for an address that is none, and it does not repeat it."""
    kind, found, _ = data.partition("://")
    if not found:
        return Path(data)
    if kind not in _KINDS:
        raise UsageError(
            Problem(f"{kind}://...", 0, 0, "IN010", "no such kind of database is read", "postgresql:// or mysql://")
        )
    kind = _KINDS[kind]
    try:
        parts = urlsplit(data)
        port, host = parts.port, parts.hostname
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        port, host, options, parts = None, None, {}, urlsplit("")
    name = unquote(parts.path.removeprefix("/"))
    schema = options.pop("schema", None)
    if not host or not name or "/" in name or parts.fragment or (kind == "mysql" and (options or schema)):
        wanted = f"{kind}://USER@HOST:{_PORTS[kind]}/DATABASE"
        raise UsageError(Problem(f"{kind}://...", 0, 0, "IN010", "is no address of a database", f"write {wanted}"))
    return Address(
        kind,
        unquote(host),
        port or _PORTS[kind],
        name,
        schema,
        unquote(parts.username) if parts.username else None,
        (unquote(parts.password) if parts.password else None) or os.environ.get(PASSWORD) or None,
        tuple(options.items()),
    )
