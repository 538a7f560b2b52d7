"""How many connections to its database one process may hold, from the pools that the code opens."""

from chassis.settings import Settings
from chassis.web.application import SPARE_CONNECTIONS
from chassis.worker import CONNECTIONS

SERVING = Settings().threads + SPARE_CONNECTIONS
WORKING = CONNECTIONS
MIGRATING = 1
