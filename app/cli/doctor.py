"""`wechat doctor`: look at everything, and say what to do."""

import sys
from collections.abc import Sequence

import click

from ..doctor import Finding, Verdict, examine
from ..services import current_services
from .terminal import Terminal

_CHECK_WIDTH = len("access_token")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.pass_obj
def doctor(terminal: Terminal, as_json: bool) -> None:
    """Check everything, and say what to do.

    Settings, store, DNS, TLS, clock, whether WeChat gives each credential (without harm to the current one), and
    with WECHAT_VERIFY_FILES whether each JS domain serves its file. The exit status is 0 only if all is well.
    """
    findings: list[Finding] = []
    for finding in examine(current_services()):
        if not as_json:
            _show(terminal, finding, heading=not findings or findings[-1].subject != finding.subject)
        findings.append(finding)
    failed = sum(finding.verdict is Verdict.FAILED for finding in findings)
    if as_json:
        terminal.json(_document(findings))
    else:
        terminal.line()
        terminal.line(f"{failed} of {len(findings)} checks failed." if failed else "All is well.", bold=True)
    sys.exit(1 if failed else 0)


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
