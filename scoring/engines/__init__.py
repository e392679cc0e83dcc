"""Where work that is cut in pieces is done: in this process, or on a Spark cluster. Engines know no work."""

from scoring.engines.engine import Engine, Local, Work
from scoring.engines.named import ENGINES, LOCAL, engine_named

__all__ = ["ENGINES", "LOCAL", "Engine", "Local", "Work", "engine_named"]
