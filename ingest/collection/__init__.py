"""All tracks of one person, once for each recording: what they heard, like or have in a list, and what is known of it.

`rows.py` has the rows, `filters.py` which of them pass, in which order and by pages, `address.py` the words of an
address, `page.py` what is shown of a row.
"""
