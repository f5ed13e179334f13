"""Measures the service, next to a bare endpoint in the same run: `make bench-service`."""
