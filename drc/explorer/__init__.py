"""The explorer: one HTML file in which every theorem of the catalogue answers to sliders."""
