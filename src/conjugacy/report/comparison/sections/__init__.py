"""The sections of the page of a comparison, one file each; `page_order` says in which order they stand."""
