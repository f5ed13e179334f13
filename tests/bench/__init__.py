"""What the gate costs, against what others cost on the same documents. Run with `python -m tests.bench`."""
