"""NeuroPlay and others, as systems that `benchmarks.groups.peers` gives the same work."""
