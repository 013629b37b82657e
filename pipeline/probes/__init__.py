"""What no score shows: properties that mathematics decides, tried on the modules that are trained."""
