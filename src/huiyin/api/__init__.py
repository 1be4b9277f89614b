"""What people and programs call: the command line, JSON under /api/v1, and pages."""
