"""Prefect flows: one module a sweep, about ten lines each.

Whoever imports one has told Prefect first what `config.prefect_bootstrap` says: no telemetry, its own folder.
"""

from config.prefect_bootstrap import prepare

prepare()
