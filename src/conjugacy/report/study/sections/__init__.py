"""The sections of the page of a study, one file each; `page_order` says in which order they stand."""
