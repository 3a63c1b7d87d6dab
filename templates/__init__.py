"""Letters, pages and documents as Jinja templates."""
