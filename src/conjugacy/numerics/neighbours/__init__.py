"""Who is near whom: nearest rows and states, dimension, continuity, dissimilarities."""
