"""The shape of the house: what lies at the top, how long a file may be, what the wheel carries."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "diagnostics", "storage")
TOP = {
    "bot", "diagnostics", "storage", "tests", "pyproject.toml", ".env.example",
    "README.md", "README.zh.md", "CHANGELOG.md", "LICENSE",
}  # fmt: skip
LONGEST_FILE = 450
LONGEST_FUNCTION = 60


def tracked() -> list[str]:
    """Return the files that git knows, or that a source archive holds."""
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode == 0 and done.stdout:
        return [name for name in done.stdout.splitlines() if (ROOT / name).exists()]
    found = (path for top in TOP for path in (ROOT / top).rglob("*") if path.is_file())
    return [str(path.relative_to(ROOT)) for path in found]


def sources() -> list[Path]:
    """Return the Python files of the three rooms, without the generated migrations."""
    return [
        ROOT / name
        for name in tracked()
        if name.endswith(".py") and name.split("/")[0] in ROOMS and "/versions/" not in name
    ]


def test_nothing_more_lies_at_the_top() -> None:
    tops = {name.split("/")[0] for name in tracked()}
    assert {top for top in tops if not top.startswith(".")} <= TOP


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_go(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_FILE
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says in its first line what it is"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or node.lineno) - node.lineno < LONGEST_FUNCTION, node.name


def test_no_registry_address_is_kept() -> None:
    address = re.compile(r"https?://(registry\.|files\.pythonhosted|pypi\.)")
    for name in tracked():
        path = ROOT / name
        if path.suffix in {".toml", ".json", ".lock", ".cfg", ".npmrc"} or path.name == ".npmrc":
            assert not address.search(path.read_text(encoding="utf-8")), name


def test_every_data_file_goes_into_the_wheel() -> None:
    """The wheel takes whole packages: a data file needs only to lie inside one."""
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = built["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert packages == list(ROOMS)
    for name in tracked():
        if name.split("/")[0] in ROOMS and name.endswith((".toml", ".json", ".mako")):
            folder = (ROOT / name).parent
            assert (folder / "__init__.py").exists(), f"{name} lies in no package"
