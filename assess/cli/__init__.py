"""The command line: options, exit codes, and nothing else."""

from __future__ import annotations

import atexit
import gc
import warnings

import click

from assess import __version__
from assess.cli import assessing, comparing, crosschecking, exporting, replaying, results, rulesets
from assess.cli.shell import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="assess")
def main() -> None:
    """Check submissions against a ruleset, count indicators, score units, split a fund, and report it all.

    Exit codes: 0 done; 1 findings at or above --fail-on; 2 usage or ruleset error; 3 could not assess.
    """
    # Modules, rulesets and tables are made to stay: looking among them for rubbish as often as Python does would take a
    # tenth of the time of a short command.
    gc.set_threshold(1_000_000)
    # So would looking among them once more when all of them go.
    atexit.register(gc.freeze)
    # pandera imports what it finds of PySpark, which warns of the pandas that pandera needs.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)


for _command in (
    assessing.run,
    assessing.intake,
    assessing.report,
    rulesets.lint,
    rulesets.test_rules,
    rulesets.explain,
    rulesets.schema,
    replaying.rescore,
    replaying.verify,
    replaying.impact,
    replaying.whatif,
    crosschecking.crosscheck,
    comparing.compare,
    comparing.bulletin,
    comparing.workbooks,
    exporting.export,
    results.results,
    results.tables,
):
    main.add_command(_command)

exporting.export.add_command(crosschecking.export_gx)

__all__ = ["main"]
