"""What deploys NeuroPlay is whole: the chart, the Compose file, the units, the shipping of logs."""
