"""Which tickets a target is about, and what is left of them when a label's value is set apart."""

from dataclasses import dataclass, replace

from levels.windows import WEEKDAYS
from models.versions import ServiceLevelTarget
from states.hours_in_words import WEEKDAYS as NAMES


@dataclass(frozen=True)
class Part:
    """The tickets of a target: by their attributes, and by the weekdays on which they were opened."""

    population: dict[str, str]
    weekdays: list[str]

    @classmethod
    def of(cls, target: ServiceLevelTarget) -> "Part":
        """Return what a target says."""
        return cls(dict(target.population), list(target.weekdays))

    def apart(self, column: str, value: str) -> "Part":
        """Return the part in which a label, the weekday's name or an attribute, has this value."""
        if column == "weekday":
            return replace(self, weekdays=[_day(value)])
        return replace(self, population=self.population | {column: value})

    def rest(self, column: str, value: str, other: str) -> "Part":
        """Return what is left: on all other weekdays, or of the attribute's only other value."""
        if column == "weekday":
            return replace(self, weekdays=[day for day in self.weekdays or WEEKDAYS if day != _day(value)])
        return replace(self, population=self.population | {column: other})


def _day(name: str) -> str:
    return WEEKDAYS[NAMES.index(name)]
