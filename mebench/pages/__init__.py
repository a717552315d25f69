"""What pages are made of, of a run and of a board: one HTML shell, one set of colours, figures drawn as SVG."""
