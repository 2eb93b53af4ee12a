"""The generated tables of `docs/reference`, by page; `docs/generate.py` writes them."""
