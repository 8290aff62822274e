"""What a table of answers and distances says of many networks: classes, relations, clusters, groups."""
