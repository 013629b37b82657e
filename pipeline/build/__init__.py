"""The one place where names in parameters become classes."""
