"""The stages in order, and run.py, which composes them. Knows nothing of databases or HTTP."""
