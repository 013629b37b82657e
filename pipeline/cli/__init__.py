"""The command line `unrolled`."""
