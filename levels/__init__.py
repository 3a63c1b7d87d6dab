"""Service-level arithmetic, pure: no database, no clock, no network; seconds and instants in, figures out."""
