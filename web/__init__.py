"""Pages for managers, decision and survey pages for stakeholders, the JSON API."""
