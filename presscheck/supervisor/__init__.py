"""`presscheck up`: Prefect's server, door, worker and press on one machine, and back up when one dies.

from presscheck.supervisor import run
run(settings)            # returns when SIGINT or SIGTERM asks it to stop
"""

from presscheck.supervisor.children import Child, Children
from presscheck.supervisor.up import Supervisor, run

__all__ = ["Child", "Children", "Supervisor", "run"]
