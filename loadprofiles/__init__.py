"""Load on a NeuroPlay server, and a verdict on what it did.

A black box over HTTP: nothing here imports the server or the command line, so that it can be run
from any machine against any host. `python -m locust -f loadprofiles/locustfile.py`, or
`neuroplay loadtest`.
"""
