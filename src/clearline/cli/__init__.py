"""The command line: parse, call, print. One file a verb group; ``main.VERBS`` names them all.

Exit codes: 0 done, 1 refused or not the same, 2 wrong usage. A verb that gives more says so in its
``--help``.
"""
