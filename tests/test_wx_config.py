"""static/wx-config.js as others take it along: its size, its types, old WeChats, servers that render pages."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / "node_modules" / ".bin"
MINIFIED_BYTES = 3000

RIGHT = """
import { configure, ready, type WxConfigError } from "./wx-config.mjs";
const list = ["chooseImage"] as const;
const config = await configure({ endpoint: "", account: "shop", jsApiList: list, openTagList: [], debug: true });
const url: string = config.url;
const stamp: number = (await ready()).timestamp;
wxConfig.configure().catch((error: WxConfigError) => error.code === "refused" && error.answer?.errMsg);
"""
WRONG = [
    'wxConfig.configure({ jsApiList: "chooseImage" });',
    'wxConfig.configure({ jsApilist: ["chooseImage"] });',
    "wxConfig.again();",
    'import { configure } from "./wx-config.js";',
    'import type { WxConfigError } from "./wx-config.mjs"; const code: WxConfigError["code"] = "no-such-code";',
]


@pytest.fixture(autouse=True)
def _tools() -> None:
    if not (TOOLS / "tsc").exists():
        reason = "terser and TypeScript are missing: npm ci --ignore-scripts brings them"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


def complaints(folder: Path, *sources: str, module: str = "nodenext") -> str:
    """What TypeScript says to modules that stand beside ours, page0.mts and so on, in one run."""
    for name in ("wx-config.d.ts", "wx-config.d.mts"):
        (folder / name).write_text((ROOT / "static" / name).read_text("utf-8"), "utf-8")
    pages = [f"page{number}.mts" for number in range(len(sources))]
    for page, source in zip(pages, sources, strict=True):
        (folder / page).write_text(source, "utf-8")
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", module]
    command = [str(TOOLS / "tsc"), *options, *pages, "wx-config.d.ts"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_minified_it_is_under_3_kb() -> None:
    options = ["--compress", "--mangle"]
    done = subprocess.run(
        [TOOLS / "terser", ROOT / "static" / "wx-config.js", *options], capture_output=True, check=True
    )
    assert len(done.stdout.strip()) < MINIFIED_BYTES


def test_the_syntax_is_that_of_2019() -> None:
    """iOS 12.2, Chrome 78: no ?. and ?? yet."""
    source = (ROOT / "static" / "wx-config.js").read_text("utf-8")
    parse = "require('acorn').parse(require('fs').readFileSync(0, 'utf8'), { ecmaVersion: 2019 })"
    done = subprocess.run(["node", "-e", parse], input=source, text=True, capture_output=True, cwd=ROOT, check=False)
    assert done.stderr == ""


def test_types_accept_right_uses_and_refuse_wrong_ones(tmp_path: Path) -> None:
    told = complaints(tmp_path, RIGHT, *WRONG)
    assert set(re.findall(r"^page(\d)\.mts.*error TS", told, re.MULTILINE)) == {"1", "2", "3", "4", "5"}


def test_example_for_bundlers_is_right_typescript(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "weixin-js-sdk").symlink_to(ROOT / "node_modules" / "weixin-js-sdk-for-bundlers")
    text = (ROOT / "docs" / "wx-config.md").read_text("utf-8")
    (example,) = re.findall(r"^```ts\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert complaints(tmp_path, example, module="preserve") == ""


@pytest.mark.parametrize(
    "there_is",
    ["delete globalThis.navigator", "set('navigator', { userAgent: 'MicroMessenger/8.0.47' })", "set('window', {})"],
)
@pytest.mark.parametrize("package", ["commonjs", "module"])
def test_on_a_server_it_can_be_imported_and_its_functions_reject(tmp_path: Path, there_is: str, package: str) -> None:
    (tmp_path / "package.json").write_text(json.dumps({"type": package}))
    for name in ("wx-config.js", "wx-config.mjs"):
        (tmp_path / name).write_text((ROOT / "static" / name).read_text("utf-8"), "utf-8")
    script = f"""
        const set = (name, value) => Object.defineProperty(globalThis, name, {{ value, configurable: true }});
        {there_is};
        const {{ configure, ready }} = await import("./wx-config.mjs");
        for (const call of [ready, configure, ready]) call().catch((error) => console.log(error.code));
    """
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["outside-wechat"] * 3, "")
