"""The HTML report: results on disk (load, samples) -> charts (figures, tasks) -> sections (view) -> page."""
