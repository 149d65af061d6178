"""The statements, one a file. Every module here is imported, and registers its claim."""
