"""`milepost bench`: a benchmark is a module of `bench/` with a function `run(**parameters)` that returns its figures.

Figures go to standard output, one JSON object a line; a table for people goes to standard error.
"""

import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from app.failures import Failure

Name = Annotated[str | None, typer.Argument(help="Which benchmark; all, if none is named.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Only JSON, no table.")]


def bench(context: typer.Context, name: Name = None, only_json: Json = False) -> None:
    """Run a benchmark, or all of them. Its parameters are options: --members 10000.

    Example: milepost bench rules --json
    """
    names = [name] if name is not None else _names()
    for each in names:
        run = _find(each)
        figures = run(**_parameters(each, run, context.args))
        print(json.dumps(figures, default=str), flush=True)
        if not only_json:
            print(_table(figures), file=sys.stderr)


def _names() -> list[str]:
    import bench as benchmarks

    return sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if _has_run(module.name))


def _has_run(name: str) -> bool:
    return hasattr(importlib.import_module(f"bench.{name}"), "run")


def _find(name: str) -> Callable[..., Mapping[str, Any]]:
    if name not in _names():
        raise Failure(f"there is no benchmark {name!r}; there are {', '.join(_names())}")
    run: Callable[..., Mapping[str, Any]] = importlib.import_module(f"bench.{name}").run
    return run


def _parameters(name: str, run: Callable[..., Any], given: list[str]) -> dict[str, int]:
    known = inspect.signature(run).parameters
    found: dict[str, int] = {}
    for option, value in zip(given[::2], [*given[1::2], None], strict=False):
        parameter = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or parameter not in known:
            choices = ", ".join(f"--{each.replace('_', '-')}" for each in known) or "none"
            raise Failure(f"{name} has no option {option}; it has {choices}")
        if value is None or not value.isdecimal():
            raise Failure(f"{option} needs a whole number")
        found[parameter] = int(value)
    return found


def _table(figures: Mapping[str, Any], indent: str = "") -> str:
    lines = []
    for key, value in figures.items():
        nested = f"\n{_table(value, indent + '  ')}" if isinstance(value, Mapping) else f" {value}"
        lines.append(f"{indent}{key}:{nested}")
    return "\n".join(lines)
