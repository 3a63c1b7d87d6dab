"""Service-level arithmetic, pure: no database, no clock, no network; seconds and instants in, figures out.

Modules import `scipy` and write `scipy.special.ndtr(...)`: SciPy loads a part of itself at its first use, and
the parts take longer to load than most commands run.
"""
