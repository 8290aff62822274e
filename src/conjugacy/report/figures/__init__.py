"""The figures of the pages, as SVG with the page's own colours; one file draws one figure."""
