"""Geometry written down as SVG text, all of it escaped: a template engine would take longer than the drawing."""
