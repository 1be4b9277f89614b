"""Read functions for the CLI, the JSON API and the pages: paged, filtered, a fixed number of statements each."""
