"""`wechat-central doctor`: look at everything, and say what to do."""

import sys
from collections.abc import Sequence

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
            _show(terminal, finding, heading=not findings or findings[-1].subject != finding.subject)
        findings.append(finding)
    failed = _count(findings, Verdict.FAILED)
    if as_json:
        terminal.json(_document(findings))
    else:
        terminal.line()
        terminal.line(_summary(findings), bold=True)
    sys.exit(1 if failed else 0)


def _summary(findings: Sequence[Finding]) -> str:
    failed, notes = _count(findings, Verdict.FAILED), _count(findings, Verdict.NOTE)
    if failed:
        return f"{failed} of {len(findings)} checks failed."
    return f"No check failed; notes: {notes}." if notes else "All is well."


def _count(findings: Sequence[Finding], verdict: Verdict) -> int:
    return sum(finding.verdict is verdict for finding in findings)


def _show(terminal: Terminal, finding: Finding, *, heading: bool) -> None:
    if heading:
        terminal.line(finding.subject, bold=True)
    terminal.verdict(finding.verdict, f"{finding.check:<{_CHECK_WIDTH}}  {finding.found}")
    terminal.advice(finding.advice)


def _document(findings: Sequence[Finding]) -> dict[str, object]:
    return {
        "well": all(finding.verdict is not Verdict.FAILED for finding in findings),
        "findings": [
            {
                "subject": finding.subject,
                "check": finding.check,
                "verdict": finding.verdict.value,
                "found": finding.found,
                "advice": finding.advice,
            }
            for finding in findings
        ],
    }
