"""`wechat-central doctor`: check everything, and say what to do."""

import sys
from dataclasses import asdict

import click

from ..doctor import Finding, Verdict, examine
from . import parameters
from .terminal import Terminal

_CHECK_WIDTH = len("access_token")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_obj
def doctor(terminal: Terminal, as_json: bool) -> None:
    """Check everything, and say what to do.

    Settings, store, DNS, TLS, clock, whether WeChat gives each credential (without harm to the current one), and
    with WECHAT_VERIFY_FILES whether each JS domain serves its file. The exit status is 0 if no check
    failed; a note is no failure.
    """
    findings: list[Finding] = []
    for finding in examine(parameters.services()):
        if not as_json:
            if not findings or findings[-1].subject != finding.subject:
                terminal.line(finding.subject, bold=True)
            terminal.verdict(finding.verdict, f"{finding.check:<{_CHECK_WIDTH}}  {finding.found}")
            terminal.advice(finding.advice)
        findings.append(finding)
    verdicts = [finding.verdict for finding in findings]
    failed, notes = verdicts.count(Verdict.FAILED), verdicts.count(Verdict.NOTE)
    if as_json:
        terminal.json(
            {
                "well": not failed,
                "findings": [asdict(finding) | {"verdict": finding.verdict.value} for finding in findings],
            }
        )
    else:
        summary = f"No check failed; notes: {notes}." if notes else "All is well."
        terminal.line()
        terminal.line(f"{failed} of {len(findings)} checks failed." if failed else summary, bold=True)
    sys.exit(1 if failed else 0)
