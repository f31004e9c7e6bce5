"""HTML pages of one file: pictures, styles and scripts are inside, nothing is fetched."""
