"""One page for a party that has no node: what is notified, where, when, by whom, and its proof.

Pure: an entry with its proof, the terms and the reader's settings in, text and HTML out. Nothing of
a page is fetched from anywhere, and nothing in it runs.
"""
