"""What a ruleset comes to: each rule, indicator and part of the score, with the origin of each field."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from assess.checks import Profile
from assess.errors import Problem, UsageError, did_you_mean
from assess.indicators import Indicator, Measure
from assess.ruleset.load import Loaded
from assess.ruleset.located import Path_
from assess.ruleset.spec import Rule
from assess.scores import AnyPart, Group, Node, Score, Veto, walk
from assess.sql import Sql
from assess.texts import Text

_LONGEST = 600
_STATED = (("pass", "passing"), ("fail", "failing"), ("not applicable", "not_applicable"))


def listing(loaded: Loaded) -> str:
    """Every id that can be explained, with its title."""
    return "\n".join(_listing(loaded))


def effective(loaded: Loaded, name: str) -> str:
    """What bears that name as it is in effect: a rule or indicator with how the score looks at it, a group, an item.

    Raises UsageError, with the nearest id, when there is none.
    """
    spec = loaded.ruleset
    pages = [_rule(loaded, rule) for rule in spec.checks if rule.id == name]
    pages += [_indicator(loaded, indicator) for indicator in spec.indicators if indicator.id == name]
    if spec.score is not None:
        for node, above in _nodes(spec.score.parts, ()):
            if isinstance(node, Group) and node.group == name:
                pages.append(_group(loaded, spec.score, node, above))
            elif not isinstance(node, Group) and name in (node.subject, *(subject for _, subject in node.subjects)):
                pages.append(_part(loaded, node, above))
        pages += [_veto(loaded, veto) for veto in spec.score.veto if name in (veto.id, veto.subject[1])]
    if pages:
        return "\n\n".join("\n".join(page) for page in pages)
    known = [*(rule.id for rule in spec.checks), *(indicator.id for indicator in spec.indicators)]
    known += [_name(node) for node, _ in _nodes(spec.score.parts, ())] if spec.score is not None else []
    message = f"ruleset {spec.ruleset!r} has no rule, indicator or part of the score {name!r}"
    raise UsageError(Problem("", 0, 0, "EX002", message, did_you_mean(name, known)))


def _listing(loaded: Loaded) -> Iterator[str]:
    spec = loaded.ruleset
    files = " < ".join(source.file for source in loaded.sources)
    yield f"{spec.ruleset} {spec.version} ({files})"
    for what, entries in (("Rules", spec.checks), ("Indicators", spec.indicators)):
        yield f"\n{what} (assess explain RULESET ID):"
        width = max((len(entry.id) for entry in entries), default=0)
        yield from (f"  {entry.id:<{width}}  {_words(entry.title)}" for entry in entries)
    if spec.score is not None:
        yield f"\nScore of {spec.score.max:g} ({spec.score.aggregate}):"
        for node, above in _nodes(spec.score.parts, ()):
            aggregate = [word for word in (spec.score.aggregate, *(one.aggregate for one in above)) if word][-1]
            yield f"{'  ' * (len(above) + 1)}{_name(node)}  {_worth(node, aggregate)}, {_how(node, aggregate)}"
        for veto in spec.score.veto:
            yield f"  veto {veto.id}  {_words(veto.title)}"


def _rule(loaded: Loaded, rule: Rule) -> Iterator[str]:
    path = _path(loaded, "checks", rule.id)
    yield f"{rule.id} (rule on {rule.table})\n"
    yield from _fields(loaded, path, rule.model_dump(by_alias=True), {"examples", "source"})
    yield from _source(loaded, path, rule.source)
    check = rule.check
    yield f"\nEvaluated by {check.kind} ({check.dimension})"
    yield "  " + " ".join(inspect.cleandoc(check.__doc__ or "").split("\n\n")[0].split())
    if isinstance(check, Profile):
        for name, amount in check.amounts(loaded.ruleset.unit.key).items():
            yield f"  sum {name}: {amount}"
    else:
        for lookup in check.lookups():
            having = f" where {lookup.where.bound}" if lookup.where is not None else ""
            yield f"  joins {lookup.table} by {', '.join(lookup.columns)} = {', '.join(lookup.keys)}{having}"
        for name in type(check).model_fields:
            if isinstance(value := getattr(check, name), Sql):
                yield f"  {name.rstrip('_')}: {value.bound}"
        text = str(check.outcome)
        more = f"... ({len(text):,} characters in all; `assess explain {check.kind}` shows it by cases)"
        yield "  expression: " + (text if len(text) <= _LONGEST else text[:_LONGEST] + more)
    examples = [(word, record) for word, field in _STATED for record in getattr(rule.examples, field)]
    yield "\nExamples" if examples else "\nNo examples"
    for word, record in examples:
        yield f"  {word:<14}  {_shown(record)}"


def _indicator(loaded: Loaded, indicator: Indicator) -> Iterator[str]:
    path = _path(loaded, "indicators", indicator.id)
    yield f"{indicator.id} (indicator, {indicator.kind})\n"
    yield from _fields(loaded, path, indicator.model_dump(by_alias=True), {"source"})
    yield from _source(loaded, path, indicator.source)
    yield "\nEvaluated"
    for side, measure in (("numerator", indicator.numerator), ("denominator", indicator.denominator)):
        if measure is not None:
            yield f"  {side}: {_measure(measure)}"
    yield "  ceiling: " + ("none" if indicator.ceiling is None else f"{indicator.ceiling:.0%}")
    judges = [r.id for r in loaded.ruleset.checks if r.effect == "disqualify"
              and indicator.numerator is not None and r.table == indicator.numerator.table]  # fmt: skip
    yield f"  verified: without records that violate {', '.join(judges)}" if judges else "  verified: every record"


def _nodes(nodes: tuple[Node, ...], above: tuple[Group, ...]) -> Iterator[tuple[Node, tuple[Group, ...]]]:
    """Every part and group of a score, each with the groups it stands in."""
    for node in nodes:
        yield node, above
        if isinstance(node, Group):
            yield from _nodes(node.parts, (*above, node))


def _name(node: Node) -> str:
    return node.group if isinstance(node, Group) else node.subject


def _worth(node: Node, above: str) -> str:
    if above == "sum":
        return f"{node.points:g} points" if node.points is not None else "the points of its parts"
    return f"weight {node.weight:g}" if node.weight is not None else "weight 1"


def _how(node: Node, above: str) -> str:
    return f"group, {node.aggregate or above}" if isinstance(node, Group) else node.method


def _part(loaded: Loaded, part: AnyPart, above: tuple[Group, ...]) -> Iterator[str]:
    inside = f" in {' / '.join(group.group for group in above)}" if above else ""
    yield f"{part.subject} (part of the score{inside}, {part.method})\n"
    stated = {key: value for key, value in part.model_dump(by_alias=True).items() if value is not None}
    yield from _fields(loaded, _part_path(loaded, part.subject), stated, set())
    yield f"\nScored by {part.method}"
    yield from (f"  {line}".rstrip() for line in inspect.cleandoc(type(part).__doc__ or "").splitlines())


def _group(loaded: Loaded, score: Score, group: Group, above: tuple[Group, ...]) -> Iterator[str]:
    inside = f" in {' / '.join(one.group for one in above)}" if above else ""
    yield f"{group.group} (group of the score{inside})\n"
    stated = {key: value for key, value in group.model_dump(by_alias=True).items() if value is not None}
    yield from _fields(loaded, _part_path(loaded, group.group), stated, {"parts"})
    aggregates = [score.aggregate, *(one.aggregate for one in above), group.aggregate]
    policies = [score.not_applicable, *(one.not_applicable for one in above), group.not_applicable]
    aggregate, policy = ([word for word in words if word][-1] for words in (aggregates, policies))
    yield f"\nAggregated by {aggregate}, not_applicable: {policy}"
    said = str(aggregate)
    yield from (f"  {_name(node)}  {_worth(node, said)}, {_how(node, said)}" for node in group.parts)


def _veto(loaded: Loaded, veto: Veto) -> Iterator[str]:
    yield f"{veto.id} (veto on the {veto.subject[0]} {veto.subject[1]})\n"
    stated = {key: value for key, value in veto.model_dump(by_alias=True).items() if value is not None}
    entries = (loaded.located.data.get("score") or {}).get("veto") or []
    path = next((("score", "veto", i) for i, entry in enumerate(entries) if entry.get("id") == veto.id), None)
    yield from _fields(loaded, path, stated, set())


def _part_path(loaded: Loaded, name: str) -> Path_ | None:
    for path, entry in walk((loaded.located.data.get("score") or {}).get("parts")):
        rules = entry.get("rules") or ()
        if name in (entry.get("group"), entry.get("indicator"), entry.get("rule"), entry.get("item"), "+".join(rules)):
            return ("score", *path)
    return None


def _measure(measure: Measure) -> str:
    what = f"sum of {measure.sum.bound}" if measure.sum is not None else "number of records"
    return f"{what} in {measure.table}" + (f" where {measure.where.bound}" if measure.where is not None else "")


def _path(loaded: Loaded, section: str, name: str) -> Path_ | None:
    entries = loaded.located.data.get(section) or []
    return next(((section, i) for i, entry in enumerate(entries) if entry.get("id") == name), None)


def _fields(loaded: Loaded, path: Path_ | None, dumped: Mapping[str, Any], left: set[str]) -> Iterator[str]:
    """Every field, its value and where it was stated: in a file, or nowhere (its default holds)."""
    rows = [row for key, value in dumped.items() if key not in left for row in _leaves((key,), value)]
    width = max(len(".".join(steps)) for steps, _ in rows)
    for steps, value in rows:
        yield f"  {'.'.join(steps):<{width}}  {_shown(value)}  [{_origin(loaded, path, steps)}]"


def _leaves(steps: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves((*steps, str(key)), inner)
    else:
        yield steps, value


def _origin(loaded: Loaded, path: Path_ | None, steps: tuple[str, ...]) -> str:
    if path is None:
        return "added to every table"
    marks = loaded.located.values
    for n in range(len(steps), 0, -1):
        if (at := (*path, *steps[:n])) in marks:
            return f"{marks[at].file}:{marks[at].line}"
    return "default"


def _source(loaded: Loaded, path: Path_ | None, source: Text | None) -> Iterator[str]:
    if source is not None:
        yield f"\nSource: {_words(source)}  [{_origin(loaded, path, ('source',))}]"


def _words(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh} / {text.en}"


def _shown(value: Any) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump(by_alias=True)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_shown(inner)}" for name, inner in value.items())
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
