"""The families of transformations, one file each."""
