"""proto-schemas/stemedb/v1/statements.proto and the model describe the same statements."""

from pathlib import Path

import msgspec
import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from grpc_tools import protoc
from msgspec import inspect

from stemedb.statements import model
from stemedb.types import Kind
from stemedb.v1 import statements_pb2

SCALARS = {
    FieldDescriptor.TYPE_STRING: "text",
    FieldDescriptor.TYPE_DOUBLE: "number",
    FieldDescriptor.TYPE_BOOL: "boolean",
    FieldDescriptor.TYPE_UINT32: "integer",
    FieldDescriptor.TYPE_UINT64: "integer",
}


def proto_fields(descriptor: Descriptor) -> dict[str, tuple[str, bool]]:
    return {field.name: (proto_type(field), proto_absent(field)) for field in descriptor.fields}


def proto_absent(field: FieldDescriptor) -> bool:
    # No items stand for no member: the model wants at least one item, or does not mind (metadata).
    return field.is_repeated or field.containing_oneof is not None


def proto_type(field: FieldDescriptor) -> str:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields
        return f"map of {proto_type(key)} to {proto_type(value)}"
    if field.message_type is not None:
        name = field.message_type.name
    elif field.enum_type is not None:
        name = "one of " + " ".join(enum_names(field.enum_type))
    else:
        name = SCALARS[field.type]
    return f"list of {name}" if field.is_repeated else name


def enum_names(descriptor: EnumDescriptor) -> list[str]:
    prefix = descriptor.name.upper() + "_"
    unspecified, *values = descriptor.values
    assert (unspecified.name, unspecified.number) == (f"{prefix}UNSPECIFIED", 0)
    assert all(value.name.startswith(prefix) for value in values)
    return sorted(value.name.removeprefix(prefix).lower() for value in values)


def model_fields(struct: type[msgspec.Struct]) -> dict[str, tuple[str, bool]]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return {field.encode_name: (model_type(field.type), not field.required) for field in info.fields}


def model_type(found: inspect.Type) -> str:
    match found:
        case inspect.StrType():
            return "text"
        case inspect.BoolType():
            return "boolean"
        case inspect.IntType():
            return "integer"
        case inspect.FloatType():
            return "number"
        case inspect.LiteralType():
            return "one of " + " ".join(sorted(found.values))
        case inspect.DictType():
            return f"map of {model_type(found.key_type)} to {model_type(found.value_type)}"
        case inspect.VarTupleType():
            return f"list of {model_type(found.item_type)}"
        case inspect.StructType():
            return found.cls.__name__
        case inspect.UnionType():
            return union_type({model_type(member) for member in found.types})
        case _:
            raise AssertionError(found)


def union_type(names: set[str]) -> str:
    if names == {"integer", "number"}:
        return "number"
    if names == {"Text", "Number", "Boolean", "Reference"}:
        return "Value"
    raise AssertionError(names)


@pytest.mark.parametrize("struct", [model.Assertion, model.Vote, model.Epoch, model.Source, model.Signature])
def test_a_message_has_the_fields_and_types_of_its_model(struct):
    descriptor = statements_pb2.DESCRIPTOR.message_types_by_name[struct.__name__]
    assert proto_fields(descriptor) == model_fields(struct)


def test_a_value_is_one_of_the_types_of_the_model():
    (choice,) = statements_pb2.Value.DESCRIPTOR.oneofs
    tags = {
        struct.__struct_config__.tag: model_type(inspect.type_info(struct).fields[0].type)
        for struct in (model.Text, model.Number, model.Boolean, model.Reference)
    }
    assert {field.name: proto_type(field) for field in choice.fields} == tags


def test_a_statement_is_one_of_the_kinds():
    (choice,) = statements_pb2.Statement.DESCRIPTOR.oneofs
    assert [(field.number, field.name) for field in choice.fields] == [
        (kind.value, kind.wire) for kind in Kind
    ]
    assert [proto_type(field) for field in choice.fields] == ["Assertion", "Vote", "Epoch"]


def test_enums_are_those_of_the_model():
    lifecycle, relation = (
        statements_pb2.DESCRIPTOR.enum_types_by_name[name] for name in ("Lifecycle", "Relation")
    )
    assert enum_names(lifecycle) == sorted(model.LIFECYCLES)
    assert enum_names(relation) == sorted(model.RELATIONS)


def test_the_generated_module_is_up_to_date(tmp_path):
    root = Path(__file__).parents[3]
    arguments = ["protoc", f"-I{root / 'proto-schemas'}", f"--python_out={tmp_path}", f"--pyi_out={tmp_path}"]
    assert protoc.main([*arguments, "stemedb/v1/statements.proto"]) == 0
    for name in ("statements_pb2.py", "statements_pb2.pyi"):
        assert (tmp_path / "stemedb/v1" / name).read_text() == (root / "shared/stemedb/v1" / name).read_text()
