"""Load tests of a NeuroPlay server, with a verdict.

They use HTTP only and import neither the server nor the command line, so they run from any machine
against any host: `locust -f loadprofiles/locustfile.py`, or `neuroplay loadtest`. The locustfile
starts a run, `profiles` names the loads; cli imports all but the locustfile.
"""
