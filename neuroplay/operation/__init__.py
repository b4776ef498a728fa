"""What runs NeuroPlay on this machine and cares for it: start, settings of the running system,
logs, backups, diagnosis. The commands in `cli` use it; it knows neither them nor api or worker."""
