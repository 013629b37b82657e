"""Errors meant for the person at the keyboard."""


class UserError(Exception):
    """One line: where, what, what is allowed, what to do. Entry points print it and exit with 2."""
