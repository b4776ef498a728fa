"""How the server is reached over HTTP: certificates, connections, documents.
Imports no other part of loadprofiles; play and judge import it, and the locustfile."""
