"""Forms of `ingest`."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files; a file without a byte is dropped, as the import would have nothing to say of it."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [file for file in data or [] if file]
        filled = [file for file in files if file.size]
        if files and not filled:
            raise forms.ValidationError(
                _("There is nothing in what you chose. Download your zip again and drop it here."), code="empty"
            )
        if not files:
            raise forms.ValidationError(_("Choose your zip first."), code="required")
        return filled


class UploadForm(forms.Form):
    """The zip of a person's history, as sent; or the files out of it."""

    files = ManyFilesField(  # type: ignore[assignment]  # a form has `files` too, which nobody reads by that name
        label=_("Your zip, or the files out of it"),
        widget=ManyFilesInput(
            attrs={"accept": ".zip,.json,application/zip,application/json", "aria-describedby": "id_files_helptext"}
        ),
    )
