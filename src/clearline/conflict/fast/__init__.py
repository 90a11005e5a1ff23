"""The fast way to the same verdicts: columns, a grid of cells, compiled loops.

What is here never says NO where ``clearline.conflict`` says that two volumes conflict, and says YES
only where it does; what it cannot settle is judged there. Numba makes it quick and is optional.
"""
