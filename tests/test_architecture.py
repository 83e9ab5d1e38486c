"""What the shape of the code promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from assess.pipeline import assess
from assess.ruleset import builtin
from assess.ruleset.load import load

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for path in (ROOT / "assess").rglob("*") if path.suffix in {".py", ".j2", ".js", ".css", ".po"})

# The engine learns arithmetic, not medicine: the domain lives in rulesets and samples.
DOMAIN = re.compile(
    r"health|medic|patient|hospital|clinic|diabet|hypertens|blood|disease|doctor|vaccin|pregnan|physician|nurse"
    r"|卫生|健康|患者|医|病|血压|血糖|糖尿|疫苗|孕|接种|诊",
    re.IGNORECASE,
)
# A formula names its source, and what it measures is part of the source's name.
ALLOWED = re.compile(r"NHS Quality and Outcomes Framework")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_engine_holds_no_word_of_the_domain(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        found = DOMAIN.search(ALLOWED.sub("", line))
        assert not found, f"{path.name}:{number}: {line.strip()}"


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not [path for path in SOURCES if path.stem in {"utils", "helpers", "common", "misc"}]


# What takes long to import: from a fortieth of a second (xlsxwriter) to several seconds (great_expectations).
SLOW = {"great_expectations", "pandera", "pandas", "numpy", "polars", "pydantic", "jinja2", "sqlglot", "xlsxwriter"}
RULES = {"polars", "pydantic"}
SCORES = RULES | {"numpy"}  # points are reckoned in columns of whole numbers
CONTRACTS = {"pandera", "pandas", "numpy"}  # pandera imports the other two where they are installed
IMPORTS = {
    "--help": set[str](),
    "run --help": set[str](),
    "crosscheck --help": set[str](),
    "schema": SCORES,
    "export sql reported-figures --dialect duckdb --out {new}": SCORES | {"sqlglot"},
    "explain": RULES,
    "explain in_range": RULES,
    "explain reported-figures": SCORES,
    "lint reported-figures": SCORES,
    "test work-points-county": SCORES,
    "report {done} --lang en": RULES | {"jinja2"},
    "workbooks {done} --out {new}": RULES | {"jinja2", "xlsxwriter"},
    "results {done}": RULES,
    "results {done} --format github": RULES,
    "tables {done} --out {new}": RULES | {"jinja2", "xlsxwriter"},
    "verify {done}": SCORES,
    "compare {done} {done}": SCORES,
    "impact reported-figures reported-figures --on {done}": SCORES,
    "rescore {done} --ruleset reported-figures --out {new}": SCORES,
    "run --ruleset reported-figures --data samples/reported-figures --out {new}": RULES | CONTRACTS | {"jinja2"},
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assessment directory of a sample."""
    out = tmp_path_factory.mktemp("done") / "out"
    assess(load(builtin.find("reported-figures")), ROOT / "samples" / "reported-figures").write(out)
    return out


@pytest.mark.parametrize(("command", "imported"), IMPORTS.items(), ids=IMPORTS)
def test_a_command_imports_only_what_it_uses(command: str, imported: set[str], done: Path, tmp_path: Path) -> None:
    words = [word.format(done=done, new=tmp_path / "new") for word in command.split()]
    code = (
        "import sys, contextlib, io\n"
        "from assess.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    main({words!r})\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert SLOW & set(ended.stdout.split()) == imported


def test_the_lock_files_pin_by_hash_and_name_no_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9][\w.\-\[\]]*==", text, re.MULTILINE)
        assert len(pins) > 20
        assert all("--hash=sha256:" in block for block in re.split(r"(?m)^(?=[a-z0-9])", text) if "==" in block[:80])
