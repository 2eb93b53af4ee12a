"""Functions that read and write rows: session first, never committing."""
