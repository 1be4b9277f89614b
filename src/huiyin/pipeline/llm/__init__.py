"""Asking a large model on the firm's own machines, where one is set: nothing leaves without it."""
