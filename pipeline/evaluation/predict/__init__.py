"""Answers of a bundle: for raw texts (command line, served model) or stored token ids (evaluation)."""
