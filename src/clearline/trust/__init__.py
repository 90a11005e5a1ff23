"""Whose key, since when, under which terms. Pure: bytes and instants in, values out.

``documents`` holds the one signed form; ``party`` cards, manifests, root changes and epoch
openings; ``chain`` one party's links in order; ``agreement`` the rules of the terms; ``draft`` the
text that people edit; ``show`` the text that people read; ``roster`` which key speaks where.
"""
