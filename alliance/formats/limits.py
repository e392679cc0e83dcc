"""The limits every reader keeps, so that no file costs more than its size explains."""

MIB = 1024 * 1024

MAX_BYTES = 4096 * MIB  # what one packed file may unpack to, whatever its size
FREE_BYTES = 64 * MIB  # below this no ratio is asked for: small files may pack very well
MAX_RATIO = 200  # unpacked bytes for each packed byte, beyond FREE_BYTES

MAX_CELL = MIB  # characters of one value
MAX_LINE = 4 * MIB  # characters of one line, or of one row in a nested format
MAX_VALUES = 200_000  # names and values of one row in a nested format
MAX_COLUMNS = 4096  # columns of one batch
MAX_JSON_DEPTH = 32
MAX_XML_DEPTH = 64

BATCH_ROWS = 50_000
BATCH_CELLS = 1_000_000
BATCH_CHARS = 16 * MIB


def allowed_bytes(packed: int) -> int:
    """Return how many bytes a file (or the part read so far) of ``packed`` bytes may unpack to."""
    return min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * packed))
