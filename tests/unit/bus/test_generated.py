"""The generated modules are those of the schemas: nobody forgot `make proto`."""

import importlib.util
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "proto-schemas"


def test_generated_modules_are_current(tmp_path):
    sources = sorted(SCHEMAS.glob("stemedb/v1/*.proto"))
    include = Path(str(importlib.util.find_spec("grpc_tools").origin)).parent / "_proto"
    arguments = [
        "protoc",
        f"-I{SCHEMAS}",
        f"-I{include}",
        f"--python_out={tmp_path}",
        f"--pyi_out={tmp_path}",
    ]
    assert protoc.main([*arguments, *map(str, sources)]) == 0
    made = sorted((tmp_path / "stemedb" / "v1").iterdir())
    assert len(made) == 2 * len(sources)
    for file in made:
        committed = ROOT / "shared" / "stemedb" / "v1" / file.name
        assert committed.read_bytes() == file.read_bytes(), f"{file.name}: run `make proto`"
