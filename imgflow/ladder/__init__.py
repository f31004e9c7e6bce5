"""Size against score, for each format: what quality costs, measured on one picture."""
