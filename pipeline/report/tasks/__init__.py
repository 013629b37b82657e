"""What each task adds to an experiment's section of the page: one module per task."""
