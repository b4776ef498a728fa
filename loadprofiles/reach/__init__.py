"""Access to the server over HTTP: certificates, connections, JSON documents.
Imports no other part of loadprofiles; play and judge import it, and the locustfile."""
