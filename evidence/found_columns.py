"""Where a file has what a mapping names."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from evidence.mapping_schema import Mapping as FileMapping


class ChosenColumns:
    """The columns of a file that has no header of its own: one for each thing that the mapping names.

    Attributes:
        header: each thing's first name.
        names: each thing's names, of which the first that says something counts.
        places: each thing's column.
    """

    def __init__(self, mapping: FileMapping) -> None:
        named = mapping.columns.named()
        self.names = list(named.values())
        self.header = [names[0] for names in self.names]
        self.places = {thing: place for place, thing in enumerate(named)}

    def cells(self, said: Callable[[str], str]) -> list[str]:
        """Return a record's cells, asking what it says under each name."""
        return [next(filter(None, map(said, names)), "") for names in self.names]


def repeated(header: Sequence[str], found: Mapping[str, int]) -> list[str]:
    """Return the names of the found columns that stand in a header more than once."""
    return sorted({header[place] for place in found.values() if header.count(header[place]) > 1})


def places(mapping: FileMapping, header: Iterable[str]) -> tuple[dict[str, int], list[str]]:
    """Find each thing's column.

    Returns:
        The index of the column of each thing that the file says, and the names that are not there though
        the mapping counts on them.
    """
    index: dict[str, int] = {}
    for place, name in enumerate(header):
        index.setdefault(name, place)
    found, absent = dict[str, int](), []
    for thing, names in mapping.columns.named().items():
        there = next((index[name] for name in names if name in index), None)
        if there is not None:
            found[thing] = there
        elif isinstance(getattr(mapping.columns, thing), str) or mapping.needs(thing):
            absent.append(" or ".join(names))
    return found, sorted(absent)
