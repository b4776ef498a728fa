"""What runs NeuroPlay elsewhere: image, chart, units, alerts. No part of the distribution."""
