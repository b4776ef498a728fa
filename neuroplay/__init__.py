"""NeuroPlay: offline-first brain-training games for children."""
