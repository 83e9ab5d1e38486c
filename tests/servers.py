"""Database servers that a test starts for itself on this machine, or a skip where there are none."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER, PASSWORD = "clerk-7q", "p@ss/" + secrets.token_hex(8)


def _found(program: str, folder: str = "/usr/sbin") -> Path:
    place = shutil.which(program) or next(iter(sorted(Path("/").glob(f"{folder.lstrip('/')}/{program}"))[-1:]), None)
    if place is None:
        assert not os.environ.get("CI"), f"tests that need {program} are never skipped in CI"
        pytest.skip(f"no {program} on this machine")
    return Path(place)


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _somebody_else(user: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []


@contextmanager
def postgres() -> Iterator[str]:
    """A new PostgreSQL with one user and a password; yields what follows its user in an address."""
    programs, port = _found("initdb", "/usr/lib/postgresql/*/bin").parent, _port()
    as_user = _somebody_else("postgres")
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        data, word = Path(folder) / "data", Path(folder) / "password"
        word.write_text(PASSWORD, encoding="utf-8")
        data.mkdir()
        if as_user:
            shutil.chown(folder, "postgres")
            shutil.chown(data, "postgres")
            shutil.chown(word, "postgres")
        subprocess.run(
            [*as_user, str(programs / "initdb"), "-D", str(data), "-U", USER, f"--pwfile={word}", "-A", "scram-sha-256",
             "-E", "UTF8", "--locale=C.UTF-8"],
            check=True, capture_output=True, cwd="/",
        )  # fmt: skip
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data} -c fsync=off"
        control = [*as_user, str(programs / "pg_ctl"), "-D", str(data), "-w"]
        log = str(data / "log")
        subprocess.run([*control, "-l", log, "-o", settings, "start"], check=True, capture_output=True, cwd="/")
        try:
            yield f"127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd="/")


@contextmanager
def mariadb() -> Iterator[str]:
    """A new MariaDB, which speaks as MySQL does; yields what follows its user in an address."""
    import pymysql

    server, install, port = _found("mariadbd"), _found("mariadb-install-db", "/usr/bin"), _port()
    with tempfile.TemporaryDirectory(prefix="maria-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        made = [f"--datadir={data}", *as_root]
        subprocess.run(
            [str(install), "--no-defaults", *made, "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True, capture_output=True,
        )  # fmt: skip
        process = subprocess.Popen(
            [str(server), "--no-defaults", *made, f"--port={port}", "--bind-address=127.0.0.1",
             f"--socket={folder}/s", f"--pid-file={folder}/pid"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            for _ in range(150):
                try:
                    connection = pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)
                    break
                except pymysql.MySQLError:
                    time.sleep(0.2)
            with connection, connection.cursor() as cursor:
                cursor.execute("CREATE DATABASE county CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
                cursor.execute(f"CREATE USER '{USER}'@'%%' IDENTIFIED BY %s", [PASSWORD])
                cursor.execute(f"GRANT ALL ON county.* TO '{USER}'@'%'")
            yield f"127.0.0.1:{port}/county"
        finally:
            process.terminate()
            process.wait(30)
