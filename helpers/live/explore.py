"""Every live panel of the course by its name, as a cell calls it: `explore.units_at_work()`.

Each is declared beside its function: in explore_lines for the notebooks 00 to 03, where networks are
straight lines, in explore_bends from 04 on.
"""

from helpers.live import explore_bends, explore_lines  # noqa: F401 (they declare the panels)
from helpers.live.panels import DECLARED

globals().update(DECLARED)
