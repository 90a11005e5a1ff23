"""Make the shipped geoid grid from the public EGM96 15-minute grid. Never run at run time.

    python tools/make_geoid.py /usr/share/proj/egm96_15.gtx

Input: ``egm96_15.gtx`` as in Debian's ``proj-data`` (NIMA and NASA GSFC, a work of the US
Government, public domain). Output: ``src/clearline/conflict/data/egm96_15.i16.xz`` and, on the
terminal, the two SHA-256 sums that ``conflict/geoid.py`` carries. Same input, same bytes.

Layout before compression: 721 rows from 90 N to 90 S, 1440 columns from 180 W eastwards, big-endian
int16 centimetres, as differences first along rows and then along columns (modulo 2^16).
"""

import hashlib
import lzma
import struct
import sys
from pathlib import Path

import numpy as np

ROWS, COLUMNS, STEP = 721, 1440, 0.25
OUT = Path(__file__).parent.parent / "src" / "clearline" / "conflict" / "data" / "egm96_15.i16.xz"


def main(source: Path) -> None:
    """Read, check the header, round to centimetres, difference, compress, write."""
    raw = source.read_bytes()
    south, west, dlat, dlon, rows, columns = struct.unpack(">4d2i", raw[:40])
    if (south, west, dlat, dlon, rows, columns) != (-90.0, -180.0, STEP, STEP, ROWS, COLUMNS):
        raise SystemExit(f"{source} is not the 15-minute EGM96 grid")
    metres = np.frombuffer(raw[40:], ">f4").reshape(ROWS, COLUMNS)[::-1].astype(np.float64)
    centimetres = np.rint(metres * 100).astype(np.int16)
    plain = centimetres.astype(">i2").tobytes()
    along = np.diff(centimetres, axis=1, prepend=np.int16(0))
    both = np.diff(along, axis=0, prepend=np.int16(0)).astype(">i2")
    packed = lzma.compress(both.tobytes(), preset=9)
    OUT.write_bytes(packed)
    print("grid, int16 big-endian centimetres:", hashlib.sha256(plain).hexdigest())
    print("file:", hashlib.sha256(packed).hexdigest(), len(packed), "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
