"""The chart's autoscaling rules, followed by this machine with real processes."""
