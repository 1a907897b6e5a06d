"""The exact versions of the whole tree: writes them into pyproject.toml, or checks them there.

`python -m tests.pins` checks against a fresh resolve; `python -m tests.pins --write` writes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "pyproject.toml"
BLOCK = re.compile(r"(?ms)^constraint-dependencies = \[\n.*?^\]\n")


def resolve(pyproject: str) -> list[str]:
    """Return the tree that a fresh resolve of this pyproject.toml takes, one pin a line."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_text(pyproject, encoding="utf-8")
        command = [
            "uv", "export", "--quiet", "--all-groups", "--no-hashes", "--no-annotate",
            "--no-header", "--no-emit-project",
        ]  # fmt: skip
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return sorted(line.strip() for line in done.stdout.splitlines() if "==" in line)


def written(pyproject: str) -> list[str]:
    """Return the pins that stand in the file."""
    found = BLOCK.search(pyproject)
    return sorted(re.findall(r'^  "(.+)",$', found.group(0), re.MULTILINE)) if found else []


def main() -> int:
    """Check or write; 1 when they differ."""
    if shutil.which("uv") is None:
        sys.stderr.write("uv is needed: pip install uv\n")
        return 2
    text = FILE.read_text(encoding="utf-8")
    if "--write" in sys.argv:
        loose = BLOCK.sub("constraint-dependencies = [\n]\n", text)
        lines = "".join(f'  "{pin}",\n' for pin in resolve(loose))
        FILE.write_text(
            BLOCK.sub(lambda _: f"constraint-dependencies = [\n{lines}]\n", text), encoding="utf-8"
        )
        return 0
    fresh, here = resolve(text), written(text)
    for pin in sorted(set(fresh) ^ set(here)):
        sys.stdout.write(f"{'+' if pin in fresh else '-'} {pin}\n")
    return int(fresh != here)


if __name__ == "__main__":
    sys.exit(main())
