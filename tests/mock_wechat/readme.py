"""The examples of mock_wechat/README.md, and how they are run: from an installed package, outside the checkout."""

import os
import re
import subprocess
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).parents[2] / "mock_wechat" / "README.md"
VOLATILE = {
    r"\b[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}\b": "RID",
    r"\b1[78]\d{8}(\.\d+)?\b": "UNIX_SECONDS",
    r"\bin \d+\.\d+s\b": "in SECONDS",
}
"""What differs from run to run."""


@dataclass(frozen=True)
class Example:
    """One block of code. `place` is the heading it stands under."""

    place: str
    language: str
    code: str

    @property
    def file(self) -> str | None:
        """The file that its first line names, for projects."""
        named = re.match(r"(?:#|//) ([\w./]+\.\w+)\b", self.code)
        return named[1] if named else None

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Each command of a console block with the output that is printed below it."""
        return re.findall(r"^\$ (.*\n(?: {4}.*\n)*)((?:(?!\$ ).*\n)*)", self.code, re.MULTILINE)


def examples() -> list[Example]:
    """All of them, in order."""
    found, place, text = [], "", README.read_text("utf-8")
    for heading, language, code in re.findall(r"(?ms)^##+ ([^\n]*)$|^```(\w+)\n(.*?)^```$", text):
        place = heading or place
        if not heading:
            found.append(Example(place, language, code))
    return found


def masked(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, name in VOLATILE.items():
        text = re.sub(pattern, name, text)
    return text.strip()


@dataclass(frozen=True)
class Installation:
    """A virtual environment with the mock alone; `libraries` has the packages of its extras, and pytest."""

    folder: Path
    libraries: Path

    def run(self, command: str, cwd: Path, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command line in CI style, with the environment's commands on PATH."""
        environment: Mapping[str, str] = self.environment(**more)
        return subprocess.run(
            ["sh", "-c", command], env=environment, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=50, check=False,
        )  # fmt: skip

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of this process but PATH and HOME."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.folder), "CI": "1", "PYTHONDONTWRITEBYTECODE": "1", **more}

    def with_libraries(self, guard: Path) -> dict[str, str]:
        """The variable by which Python finds the packages, and refuses to leave this machine."""
        (guard / "sitecustomize.py").write_text(NO_NETWORK)
        return {"PYTHONPATH": f"{guard}:{self.libraries}"}


NO_NETWORK = textwrap.dedent("""\
    import sys

    def refuse(event, arguments):
        if event == "socket.connect" and arguments[1][0] not in ("127.0.0.1", "::1"):
            raise OSError(f"no network in this test: {arguments[1]}")

    sys.addaudithook(refuse)
    """)
