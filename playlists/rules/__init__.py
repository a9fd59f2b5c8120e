"""One rule language with three faces: nested builder, typed query, JSON. Pure: no Django, clock or network.

`nodes` what a rule is · `fields` what it may ask · `operators` and `evaluate` what it means · `table` and `masks` the
same, for a hundred thousand tracks at once · `choose` limit, order, distance · `explain` why · `validate` what is wrong
with it · `schema`, `text` with `printer`, `builder` the three faces · `templates` ready ones.
"""
