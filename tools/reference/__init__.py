"""Parts of ``tools/make_reference.py``: each reads the code and gives Markdown."""
