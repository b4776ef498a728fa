"""All tests, and what several kinds of them share: builders, certificates, rounds."""
