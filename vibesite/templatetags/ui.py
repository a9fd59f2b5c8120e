"""Components: each a typed tag and a template of the same name under `templates/components/`."""

from django import template

register = template.Library()
