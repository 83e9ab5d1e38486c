"""The databases that rules are written for, and how each says what they say differently.

Everything is a tree of SQLGlot, which writes it down in the end; here is what it leaves to whoever builds the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from assess.tables import ColumnType, Table

ALIAS = "t"  # what every query calls the table that is checked


@dataclass(frozen=True)
class Dialect:
    """One database: its name in SQLGlot, and a type of whole numbers that holds the product of two.

    `collation` compares texts by their characters, whatever language the database speaks; none: it does so anyway.
    `digit` is what \\d of a regular expression, a decimal digit of any script, is called there; none: it has no name.
    """

    name: str
    wide: str
    collation: str | None
    digit: str | None

    def table(self, name: str, table: Table) -> exp.Create:
        """The statement that makes an empty table with the columns of a declared one."""
        columns = [self._column(column, spec.type) for column, spec in table.columns.items()]
        schema = exp.Schema(this=exp.Table(this=exp.to_identifier(name, quoted=True)), expressions=columns)
        return exp.Create(this=schema, kind="TABLE")

    def _column(self, name: str, kind: ColumnType) -> exp.ColumnDef:
        constraints = []
        if kind in _TEXTS and self.collation is not None:
            collate = exp.CollateColumnConstraint(
                this=exp.to_identifier(self.collation, quoted=self.name == "postgres")
            )
            constraints = [exp.ColumnConstraint(kind=collate)]
        said = exp.DataType.build(_TYPES[kind])
        return exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=said, constraints=constraints)

    def written(self, tree: exp.Expr) -> str:
        """The text of a statement."""
        return tree.sql(self.name, pretty=True, identify=True)

    def days(self, to: exp.Expr, since: exp.Expr) -> exp.Expr:
        """The number of days from one date to another."""
        if self.name == "mysql":
            return exp.DateDiff(this=to, expression=since, unit=exp.var("DAY"))
        return exp.paren(exp.Sub(this=to, expression=since), copy=False)

    def matches(self, value: exp.Expr, pattern: str) -> exp.Expr:
        """Whether the whole of a text matches a pattern that every database reads alike."""
        # In ICU, which MySQL uses, $ also matches before a line break at the end.
        end = r"\z" if self.name == "mysql" else "$"
        return exp.RegexpLike(this=value.copy(), expression=text(f"^(?:{pattern}){end}"))

    def as_double(self, decimal: exp.Expr) -> exp.Expr:
        """A number that is kept as printed as a number; null for marks that stand for none."""
        number = self.matches(decimal, r"[+-]?[0-9]+(?:\.[0-9]+)?")
        return exp.case().when(number, exp.TryCast(this=decimal.copy(), to=exp.DataType.build("double")))

    def compact(self, date: exp.Expr) -> exp.Expr:
        """A date as the eight digits of year, month and day."""
        return exp.TimeToStr(this=date, format=exp.Literal.string("%Y%m%d"))


_TEXTS: tuple[ColumnType, ...] = ("text", "code", "decimal")
_TYPES: dict[ColumnType, str] = {
    **dict.fromkeys(_TEXTS, "text"), "integer": "bigint", "number": "double", "boolean": "boolean", "date": "date",
}  # fmt: skip

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("duckdb", "HUGEINT", None, r"\p{Nd}"),
        Dialect("postgres", "DECIMAL(60, 0)", "C", None),
        Dialect("mysql", "DECIMAL(60, 0)", "utf8mb4_bin", r"\p{Nd}"),
    )
}


def column(name: str, table: str = ALIAS) -> exp.Column:
    """A column of the table that is checked, or of another by its alias."""
    return exp.column(name, table=table, quoted=True)


def named(table: str, alias: str = ALIAS) -> exp.Table:
    """A table or view under an alias."""
    return exp.Table(
        this=exp.to_identifier(table, quoted=True), alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True))
    )


def text(value: str) -> exp.Expr:
    """A text."""
    return exp.Literal.string(value)


def number(value: float) -> exp.Expr:
    """A number; fractions are of double precision, as columns are."""
    if isinstance(value, int):
        return exp.Literal.number(value)
    return exp.cast(exp.Literal.number(repr(value)), "double")


def literal(value: str | float | bool) -> exp.Expr:
    """A value of a list."""
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    return text(value) if isinstance(value, str) else number(value)


def present(*values: exp.Expr) -> exp.Expr:
    """Whether all of them are there."""
    return exp.and_(*[exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null())) for value in values])


def absent(value: exp.Expr) -> exp.Expr:
    """Whether it is not there."""
    return exp.Is(this=value.copy(), expression=exp.Null())


def not_(condition: exp.Expr) -> exp.Expr:
    """The opposite; of what is unknown it is unknown as well."""
    return exp.not_(condition)


def any_of(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """Whether one of them is true."""
    return exp.or_(*conditions)


def piece(value: exp.Expr, start: int, length: int) -> exp.Expr:
    """So many characters of a text, from one on."""
    return exp.Substring(this=value.copy(), start=number(start), length=number(length))


def place(character: exp.Expr, alphabet: str) -> exp.Expr:
    """The place of a character in an alphabet, from 0; never an error, whatever the text holds."""
    return exp.paren(exp.Sub(this=exp.StrPosition(this=text(alphabet), substr=character), expression=number(1)))
