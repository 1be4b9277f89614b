"""The command line: `huiyin`."""
