"""From bundles and data to answers, scores and tables. Imports no Lightning."""
