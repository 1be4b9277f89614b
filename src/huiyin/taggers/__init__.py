"""Conversation in, tags out: a spaCy pipeline over characters, then one file for each tag type."""
