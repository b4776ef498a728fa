"""Load tests of a NeuroPlay server, with a verdict.

They use HTTP only and import neither the server nor the command line, so they run on any machine
against any server: `locust -f loadprofiles/locustfile.py`, or `neuroplay loadtest`. The locustfile
starts a run, and `profiles` defines the loads. cli imports all but the locustfile.
"""
