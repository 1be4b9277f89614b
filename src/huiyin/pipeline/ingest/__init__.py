"""Data folders in: CSV, WeCom archives and transcripts as spec/formats.md describes them."""
