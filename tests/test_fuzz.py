"""Mutated rulesets and mutated files: every run ends with one of the exit codes, and never with a traceback.

CI runs 500 mutations; ASSESS_FUZZ=5000 runs as many as that says.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import HEADER, RULESET, VISITS

from assess.cli import main
from assess.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_NOT_ASSESSED, EXIT_USAGE

MUTATIONS = int(os.environ.get("ASSESS_FUZZ", "500"))
SHARDS = 10
EXITS = {EXIT_DONE, EXIT_FINDINGS, EXIT_USAGE, EXIT_NOT_ASSESSED}
NOISE = [b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"\xe6\x9c", b" ", b"\t", b";", b"'", b"=", b"-",
         b"99999999999999999999", b"1e999", b"{", b"}", b"[", b"]", b":", b"&a ", b"*a", b"!!python/object", b"null",
         b"~", b"@", b"#", b"0", b"%",
         b"unit", b"person", b"visits", b"%\n", b"- ", b"\xef\xbb\xbf", "１".encode(), b"A,p9,1,,,\n"]  # fmt: skip


def mutated(content: bytes, draw: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        start = draw.randrange(len(out) + 1)
        end = min(len(out), start + draw.choice((0, 0, 1, 2, 8, 40)))
        kind = draw.randrange(4)
        if kind == 0:
            out[start:end] = b""
        elif kind == 1:
            out[start:end] = draw.choice(NOISE)
        elif kind == 2 and end > start:
            out[start:start] = out[start:end]
        elif out:
            out[start % len(out)] = draw.randrange(256)
    return bytes(out)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_mutation_ends_with_an_exit_code(shard: int, tmp_path: Path, lay: Callable[..., Path]) -> None:
    rules, runner = tmp_path / "rules.yaml", CliRunner()
    for number in range(shard, MUTATIONS, SHARDS):
        draw = random.Random(number)
        ruleset, visits = RULESET.encode(), VISITS.encode(draw.choice(("utf-8", "gb18030")))
        if draw.random() < 0.5:
            ruleset = mutated(ruleset, draw)
        else:
            visits = mutated(visits, draw)
        rules.write_bytes(ruleset)
        data = lay({"visits.csv": visits, "A/visits.csv": HEADER})
        command = ["lint", str(rules)] if ruleset != RULESET.encode() and draw.random() < 0.5 else [
            "intake", "--ruleset", str(rules), "--data", str(data), "--lang", draw.choice(("zh", "en")),
        ]  # fmt: skip
        result = runner.invoke(main, command)
        unexpected = result.exception if not isinstance(result.exception, SystemExit) else None
        assert unexpected is None, f"mutation {number}: {unexpected!r}\n{ruleset!r}\n{visits!r}"
        assert result.exit_code in EXITS, f"mutation {number}: {result.exit_code}"
