"""OpenSLO documents read as the targets of an agreement document.

OpenSLO (v1 and v1alpha) states objectives of metrics. One that names working time of tickets, a metric with
`op: lte` (or `lt`), a `value` and a `target`, becomes a target of response or resolution; another ratio or
threshold metric one of the measured values that are imported under the metric's name.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.errors import BadInputError
from config.texts import read_text
from config.yaml_texts import read_yaml_documents

_INDICATORS = ("response", "resolution")
_SECONDS = {"ms": 0.001, "s": 1, "sec": 1, "seconds": 1, "min": 60, "minutes": 60, "h": 3600, "hours": 3600}
_MOST_SECONDS = 100 * 366 * 86_400
_POPULATION = ("priority", "category", "request_type")
_CALENDAR = "service hours"
_MEASURED = ["measured values are imported under the names of the SLIs; lt and gt are taken as lte and gte"]
_SIDES = {"lte": "at most", "lt": "at most", "gte": "at least", "gt": "at least"}


@dataclass(frozen=True)
class SharedTargets:
    """What an OpenSLO document says that an agreement can promise.

    Attributes:
        targets: as the part `targets` of an agreement document wants them.
        left_out: why each other objective is none, by its name.
        assumed: what was taken for granted, a sentence each.
    """

    targets: list[dict[str, Any]]
    left_out: dict[str, str]
    assumed: list[str]


class _NoTargetError(ValueError):
    """Why an objective cannot be promised for tickets."""


def read_openslo(path: Path) -> SharedTargets:
    """Read the objectives of every SLO in a YAML file.

    The indicator is named by the label `indicator`, else by the name of the SLI or SLO in which *response* or
    *resolution* stands; the unit of `value` by the annotation `unit`, else seconds; labels `priority`,
    `category` and `request_type` narrow the population, and so does the service. Where neither is named, a
    ratio metric becomes a target of the kind `ratio` and a threshold metric one of the kind `value`; its
    measure is the name of the SLI.

    Raises:
        BadInputError: if the file is no YAML, or holds no SLO.
    """
    found = read_yaml_documents(read_text(path), str(path))
    documents = [document for document in found if isinstance(document, dict)]
    indicators = {_name(row): row for row in documents if row.get("kind") == "SLI"}
    slos = [row for row in documents if row.get("kind") == "SLO"]
    if not slos:
        raise BadInputError(f"{path}: no OpenSLO document of the kind SLO")
    targets, left_out = list[dict[str, Any]](), dict[str, str]()
    for slo in slos:
        objectives = _spec(slo).get("objectives")
        for number, objective in enumerate(objectives if isinstance(objectives, list) else [], 1):
            name = _key(f"{_name(slo)}-{number}" if len(objectives or []) > 1 else _name(slo))
            try:
                targets.append({"id": name} | _target(slo, objective, indicators))
            except _NoTargetError as error:
                left_out[name] = str(error)
    return SharedTargets(
        targets,
        left_out,
        [
            f"every target is measured on the calendar '{_CALENDAR}', which OpenSLO has no word for",
            "time windows are left to the agreement's review period",
            *_MEASURED * any("measure" in target for target in targets),
        ],
    )


def _target(slo: dict[str, Any], objective: Any, indicators: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(objective, dict):
        raise _NoTargetError("the objective is no mapping")
    indicator = _indicator(slo, indicators)
    if indicator is None:
        return _measured(slo, objective, indicators)
    if objective.get("op") not in ("lte", "lt") or "value" not in objective:
        raise _NoTargetError("only an upper bound of a duration (op lte, a value) is a target of tickets")
    target: dict[str, Any] = {"indicator": indicator}
    population = {name: str(_labels(slo)[name]) for name in _POPULATION if name in _labels(slo)}
    if service := _spec(slo).get("service"):
        population["service"] = str(service)
    target["population"] = population
    seconds = _number(objective["value"], "value") * _unit(slo)
    if not 1 <= seconds <= _MOST_SECONDS:
        raise _NoTargetError("a threshold under a second or over a century is none of tickets")
    target["threshold"] = round(seconds)
    target["objective"] = _objective(objective)
    return target | {"calendar": _CALENDAR}


def _measured(slo: dict[str, Any], objective: dict[str, Any], indicators: dict[str, Any]) -> dict[str, Any]:
    """A target of measured values, from a ratio or a threshold metric."""
    own, reference = _spec(slo).get("indicator"), str(_spec(slo).get("indicatorRef", ""))
    metric = _spec(own) or (own if isinstance(own, dict) else _spec(indicators.get(reference)))
    measure = _key(_name(own) or reference or _name(slo))
    service = _spec(slo).get("service")
    target: dict[str, Any] = {"measure": measure, "population": {"service": str(service)} if service else {}}
    if "timeSliceTarget" in objective:
        raise _NoTargetError("time slices are not counted here: import each slice's value as a measure")
    if "ratioMetric" in metric or "ratioMetrics" in objective:
        target["indicator"] = "ratio"
    elif "thresholdMetric" in metric and objective.get("op") in _SIDES and "value" in objective:
        target |= {"indicator": "value", "bound_side": _SIDES[objective["op"]]}
        target["bound"] = _number(objective["value"], "value")
    else:
        raise _NoTargetError(
            "nothing names the indicator: add the label indicator: response, or resolution, or the metric"
        )
    return target | {"objective": _objective(objective), "calendar": _CALENDAR}


def _indicator(slo: dict[str, Any], indicators: dict[str, Any]) -> str | None:
    own = _spec(slo).get("indicator")
    reference = str(_spec(slo).get("indicatorRef", ""))
    said = str(_labels(slo).get("indicator", "")).lower()
    names = [said] if said else [reference, _name(own), _name(slo), _name(indicators.get(reference))]
    found = [kind for kind in _INDICATORS if any(kind in name.lower() for name in names)]
    return found[0] if len(found) == 1 else None


def _objective(objective: dict[str, Any]) -> float:
    if "targetPercent" in objective:
        share = _number(objective["targetPercent"], "targetPercent") / 100
    else:
        share = _number(objective.get("target"), "target")
    if not 0 < share < 1:
        raise _NoTargetError(f"a target of {share:g} is no share between 0 and 1")
    return round(share, 12)


def _unit(slo: dict[str, Any]) -> float:
    metadata = slo.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    unit = str(annotations.get("unit", "s")) if isinstance(annotations, dict) else "s"
    if unit not in _SECONDS:
        raise _NoTargetError(f"the unit '{unit}' is none of {', '.join(_SECONDS)}")
    return _SECONDS[unit]


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise _NoTargetError(f"{name} is no number")
    return number


def _spec(document: Any) -> dict[str, Any]:
    spec = document.get("spec") if isinstance(document, dict) else None
    return spec if isinstance(spec, dict) else {}


def _labels(document: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return labels if isinstance(labels, dict) else {}


def _name(document: Any) -> str:
    metadata = document.get("metadata") if isinstance(document, dict) else None
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""


def _key(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-_.") or "target"
