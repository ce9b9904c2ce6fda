"""`make bench`: measure, print the table, write ``bench.json``.

``python -m bench [NAME ...]`` runs only the modules named (``mst`` for ``bench_mst.py``).
"""

import importlib
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.harness import Context, Figure, floor_figures, measure_floors, scratch_folder

HERE = Path(__file__).parent
REPORT = HERE.parent.parent / "bench.json"


def main(names: list[str]) -> int:
    """Run the measurements; 0 whatever they say, since speed is reported and never judged by exit code."""
    console = Console()
    modules = sorted(p.stem for p in HERE.glob("bench_*.py"))
    wanted = [f"bench_{n}" for n in names] or modules
    unknown = sorted(set(wanted) - set(modules))
    if unknown:
        console.print(f"no such measurement: {', '.join(unknown)}; there are: {', '.join(modules)}")
        return 2
    rows: list[Figure] = []
    with scratch_folder() as scratch:
        floors = measure_floors(scratch)
        rows.extend(floor_figures(floors))
        for name in wanted:
            console.print(f"[dim]measuring {name.removeprefix('bench_')} …[/dim]")
            folder = scratch / name
            folder.mkdir()
            rows.extend(importlib.import_module(f"bench.{name}").figures(Context(folder, floors)))
    console.print(_table(rows, floors))
    REPORT.write_text(
        json.dumps([_as_json(row, floors) for row in rows], indent=1, ensure_ascii=False) + "\n"
    )
    console.print(f"written to {REPORT.name}")
    return 0


def _ratio(row: Figure, floors: dict[str, float]) -> float | None:
    return None if row.floor is None else row.value / floors[row.floor]


def _as_json(row: Figure, floors: dict[str, float]) -> dict[str, object]:
    return {
        "name": row.name,
        "value": row.value,
        "unit": row.unit,
        "aim": row.aim,
        "met": row.met,
        "floor_ratio": _ratio(row, floors),
    }


def _table(rows: list[Figure], floors: dict[str, float]) -> Table:
    table = Table(title="StemeDB measurements")
    for column, justify in (("figure", "left"), ("value", "right"), ("unit", "left"), ("aim", "right")):
        table.add_column(column, justify=justify)
    table.add_column("met")
    table.add_column("× floor", justify="right")
    for row in rows:
        ratio = _ratio(row, floors)
        aim = "" if row.aim is None else f"{'≤' if row.better == 'lower' else '≥'} {row.aim:,g}"
        met = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}[row.met]
        floor = "" if ratio is None else f"{ratio:.1f} {row.floor}"
        table.add_row(
            row.name,
            f"{row.value:,.4g}" if row.value < 1000 else f"{row.value:,.0f}",
            row.unit,
            aim,
            met,
            floor,
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
