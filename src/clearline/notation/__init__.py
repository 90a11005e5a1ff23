"""Places, heights and times as people write them, in and out. Pure: text in, values out.

Frame: WGS 84. What a text could mean is found by its grammar; where that is more than one thing,
every meaning is given with how far they lie apart, and nobody guesses (FM04). Digits of other
scripts are read and never written.
"""

from clearline.notation.reading import Ambiguous, Notation, Order, Position, Reading

__all__ = ["Ambiguous", "Notation", "Order", "Position", "Reading"]
