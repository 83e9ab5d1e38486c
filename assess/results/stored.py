"""The tables of a directory as a mapping that reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import polars as pl

from assess.results.directory import Directory
from assess.results.models import TABLES


class StoredTables(Mapping[str, pl.DataFrame]):
    """Tables by name, each read and validated when it is asked for first; `made` stand for those of their names.

    Raises NotAssessedError for a table that cannot be read.
    """

    def __init__(
        self, directory: Directory, names: Iterable[str], made: Mapping[str, pl.DataFrame] = MappingProxyType({})
    ):
        self.directory = directory
        self._names, self._frames = tuple(names), dict(made)

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._frames:
            if name not in self._names:
                raise KeyError(name)
            self._frames[name] = self.directory.read(name)
        return self._frames[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @classmethod
    def at(cls, path: Path, ahead: Iterable[str] = ()) -> StoredTables:
        """The tables of the assessment directory `path`, with those read `ahead` that are sure to be asked for.

        Raises UsageError when it is none.
        """
        tables = cls(Directory.open(path), TABLES)
        tables.ahead(ahead)
        return tables

    def columns(self, name: str, *columns: str) -> pl.DataFrame:
        """Some columns of a table; of one that was not read nothing but these is read."""
        return self._frames[name].select(columns) if name in self._frames else self.directory.columns(name, columns)

    def ahead(self, names: Iterable[str]) -> None:
        """Read these at once, side by side."""
        with ThreadPoolExecutor() as pool:
            for _ in pool.map(self.__getitem__, names):
                pass

    def unread(self, name: str) -> bool:
        """Whether a table was never asked for."""
        return name in self._names and name not in self._frames

    def instead(self, made: Mapping[str, pl.DataFrame], names: Iterable[str]) -> StoredTables:
        """The tables `names`, with those in `made` in the place of what is stored."""
        return StoredTables(self.directory, names, {**self._frames, **made})
