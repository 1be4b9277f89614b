"""Huiyin (回音): what brokerage clients say, as tags with proof, and whether each lead was followed up."""

__version__ = "0.1.0"
