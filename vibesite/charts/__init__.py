"""Charts: what is drawn where (geometry) and how that is said in SVG. Pure: no Django, no clock, no network.

`shapes` are the data that pages hand over; `scales` choose ticks, labels and levels; `uprights` (columns, lines),
`grids` (heatmap, calendar), `rounds` (clock, radar) and `strips` (lanes, shares, sparklines) place them; `draw/` writes
them down. The template tags in `vibesite/templatetags/charts.py` put words and a table around them.
"""
