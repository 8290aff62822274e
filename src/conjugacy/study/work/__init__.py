"""One run over a study's store: what is there, what is missing, who works on it, on how much memory."""
