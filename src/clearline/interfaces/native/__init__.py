"""The native link between nodes: two standing connections per pair, and files on a stick."""

from clearline.interfaces.native.file import export_file, import_file
from clearline.interfaces.native.timing import Timing
from clearline.interfaces.native.tls import Identity
from clearline.interfaces.native.transport import Address, Links

__all__ = ["Address", "Identity", "Links", "Timing", "export_file", "import_file"]
