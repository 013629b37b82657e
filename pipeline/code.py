"""Which source files a module uses, and a digest of them that ignores comments, docstrings and layout."""

import ast
import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path

from pipeline.files import sha256_of_bytes

ROOTS = ("pipeline", "stages")


def closure(modules: Sequence[str]) -> list[Path]:
    """Files of the named modules and of all of ours that they import, also inside functions, sorted."""
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found or name.split(".")[0] not in ROOTS:
            continue
        path = _file_of(name)
        if path is None:
            continue
        found[name] = path
        waiting.extend(_imports(path))
        waiting.append(name.rpartition(".")[0])
    return sorted(set(found.values()))


@functools.cache
def code_digest(*modules: str) -> str:
    """Digest of what the named modules and their closure compute.

    Two sources with the same syntax tree, docstrings aside, share a digest, so that mending a comment
    leaves finished runs valid.
    """
    lines = [f"{_place(path)}\n{_meaning(path)}" for path in closure(modules)]
    return sha256_of_bytes("\n".join(lines).encode())


@functools.cache
def _file_of(name: str) -> Path | None:
    """Looks on disk: to find a module by its name, Python would import all that stands above it."""
    root, *parts = name.split(".")
    spec = importlib.util.find_spec(root)
    if spec is None or spec.origin is None:
        return None
    place = Path(spec.origin).parent.joinpath(*parts)
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists()), None)


def _imports(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def _meaning(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _is_text(statement)] or [ast.Pass()]
    return ast.dump(tree)


def _is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _place(path: Path) -> str:
    root = next(i for i, part in enumerate(path.parts) if part in ROOTS)
    return "/".join(path.parts[root:])
