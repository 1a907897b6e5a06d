"""Rows before code: no branch names a metric where a row could say it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from diagnostics.book import load

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
KEYS = frozenset(load().metrics)
FILES = sorted(
    path for ring in ("bot", "storage", "diagnostics") for path in (ROOT / ring).rglob("*.py")
)


def named(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and key of every metric that a comparison or a match names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            parts: list[ast.expr] = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        else:
            continue
        for part in parts:
            inner = part.elts if isinstance(part, ast.Tuple | ast.Set | ast.List) else [part]
            for one in inner:
                if isinstance(one, ast.Constant) and one.value in KEYS:
                    yield one.lineno, str(one.value)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('key == "ctr"', ["ctr"]),
        ('key in ("gmv", "x")', ["gmv"]),
        ('match key:\n    case "roas":\n        pass', ["roas"]),
        ('key == "other"', []),
        ('headline = ("gmv", "ctr")', []),
    ],
)
def test_the_search_sees_branches_and_only_those(code: str, found: list[str]) -> None:
    assert [key for _, key in named(ast.parse(code))] == found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_branch_names_a_metric(path: Path) -> None:
    branches = [
        f"{path.relative_to(ROOT)}:{line}: {key}"
        for line, key in named(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not branches, "a branch names a metric; let a row say it"
