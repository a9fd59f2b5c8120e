"""`/` and `/_sandbox/`: what stands here, and the desk to steer it.

For programs: control_words.py (clock, faults, apps, log …) and control_people.py (truth, plays, player, exports);
for people: control_pages.py.
"""

from vibesite.sandbox import control_pages, control_people, control_words
from vibesite.sandbox.control_door import service

services = [service, control_pages.home]
__all__ = ["control_pages", "control_people", "control_words", "service", "services"]
