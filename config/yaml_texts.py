"""The one door for YAML: plain values only, and whatever is wrong is said in one line, with its place."""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

from config.errors import BadInputError

T = TypeVar("T")

_MOST_SIGNS = 1_000_000
_MOST_LEVELS = 50
_MOST_VALUES = 200_000
_KINDS = {"timestamp": "date or time", "int": "whole number", "float": "number"}


def read_yaml(text: str, where: str) -> Any:
    """Return what a YAML or JSON text says; `where` names it in errors.

    Aliases are read, as long as what they stand for stays small.

    Raises:
        BadInputError: if it is no YAML, or holds a value that cannot be; says the line and the column.
    """
    return _read(text, where, _Loader.get_single_data)


def read_yaml_documents(text: str, where: str) -> list[Any]:
    """Return what each document of a YAML text says, within the same bounds together as `read_yaml`.

    Raises:
        BadInputError: as `read_yaml`.
    """
    return _read(text, where, _Loader.every_data)


def _read(text: str, where: str, load: Callable[["_Loader"], T]) -> T:
    if len(text) > _MOST_SIGNS:
        raise BadInputError(f"{where}: over {_MOST_SIGNS:,} signs are not read as YAML")
    try:
        loader = _Loader(text)
    except yaml.YAMLError as error:
        _refuse(where, str(error).partition("\n")[0])
    try:
        return load(loader)
    except yaml.MarkedYAMLError as error:
        told = " ".join(part for part in (error.context, error.problem) if part)
        _refuse(where, told, error.problem_mark or error.context_mark)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        _refuse(where, str(error), loader.get_mark())
    finally:
        loader.dispose()


def _refuse(where: str, told: str, mark: Any = None) -> NoReturn:
    place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
    raise BadInputError(f"{where}: this is no YAML: {' '.join(told.split())}{place}")


class _Loader(yaml.SafeLoader):
    """Reads no deeper and, with aliases written out, no more values than any agreement has."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._level = 0
        self._extents = dict[int, tuple[int, int]]()

    def every_data(self) -> list[Any]:
        """Construct every document."""
        found = []
        while self.check_data():  # type: ignore[no-untyped-call]
            found.append(self.get_data())
        return found

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node, which must not be too deep, nor stand for too much, nor stand within itself."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        begun: Any = event.start_mark
        if self._level >= _MOST_LEVELS:
            raise ComposerError(None, None, f"more than {_MOST_LEVELS} levels deep", begun)
        self._level += 1
        node = super().compose_node(parent, index)
        self._level -= 1
        if node is None:
            return None
        if not isinstance(event, yaml.AliasEvent):
            self._extents[id(node)] = self._extent_of(node)
        elif id(node) not in self._extents:
            raise ComposerError(None, None, f"*{event.anchor} stands within itself", begun)
        values, levels = self._extents[id(node)]
        if values > _MOST_VALUES or levels > _MOST_LEVELS:
            raise ComposerError(None, None, "aliases stand for too many values", begun)
        return node

    def _extent_of(self, node: yaml.Node) -> tuple[int, int]:
        """How many values a node stands for, and over how many levels."""
        if isinstance(node, yaml.MappingNode):
            inside = [self._extents[id(child)] for pair in node.value for child in pair]
        elif isinstance(node, yaml.SequenceNode):
            inside = [self._extents[id(child)] for child in node.value]
        else:
            inside = []
        return 1 + sum(values for values, _ in inside), 1 + max((levels for _, levels in inside), default=0)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Construct a value; PyYAML lets what Python says of an impossible one through."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError, OverflowError):
            kind = node.tag.rpartition(":")[2]
            told = f"'{str(node.value)[:40]}' is no {_KINDS.get(kind, kind)}"
            raise _refused(node, told) from None

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        """Construct a text; half of a pair of surrogates is none that can be kept or sent."""
        text = super().construct_scalar(node)
        if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
            raise _refused(node, "a text holds half of a pair of surrogates")
        return text


def _refused(node: yaml.Node, told: str) -> ConstructorError:
    return ConstructorError(None, None, told, node.start_mark)
