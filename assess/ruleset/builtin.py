"""The rulesets that come with the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def folder() -> Path:
    """Where the built-in rulesets are: inside an installed package, or beside it in a checkout."""
    installed = _PACKAGE / "_rulesets"
    return installed if installed.is_dir() else _PACKAGE.parent / "rulesets"


def names() -> list[str]:
    """The names under which built-in rulesets can be called."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def find(name: str) -> Path:
    """The file of a ruleset: a path, or the name of a built-in one."""
    path = Path(name)
    if not path.exists() and path.name == name and name in names():
        return folder() / f"{name}.yaml"
    return path
