"""The HTML report: results on disk -> plain values (load, samples) -> charts (figures) -> one page (page)."""
