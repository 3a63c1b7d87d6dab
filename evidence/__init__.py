"""What was measured: importers, the store, the sample generator."""
