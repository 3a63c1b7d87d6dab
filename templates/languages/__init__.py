"""The languages of letters and stakeholders' pages: a catalog each, and texts that can be told in any."""
