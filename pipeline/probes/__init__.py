"""What no score shows: inside trained networks, and properties that mathematics decides."""
