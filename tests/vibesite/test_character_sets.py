"""Forms come as UTF-8: half characters never reach a page or the database."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import Client, RequestFactory
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from ingest import own
from ingest.collection import address
from ingest.forms import ListForm
from ingest.models import TrackSource
from vibesite.middleware import utf8_alone

HALF = "\ud800"


def multipart(**fields: bytes) -> bytes:
    boundary = MULTIPART_CONTENT.partition("boundary=")[2].encode()
    parts = (
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, name.encode(), value)
        for name, value in fields.items()
    )
    return b"".join(parts) + b"--" + boundary + b"--\r\n"


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "latin-1", "rot13", "base64"])
def test_a_form_in_another_character_set_is_refused(client: Client, anna, charset):
    client.force_login(anna)
    body = multipart(name=b"x", pasted=HALF.encode("utf-7", "surrogatepass"))
    answer = client.generic("POST", "/library/lists/new/", body, f"{MULTIPART_CONTENT}; charset={charset}")
    assert (answer.status_code, answer["Content-Type"]) == (415, "text/plain; charset=utf-8")
    assert "Send it as UTF-8" in answer.content.decode()
    assert not TrackSource.objects.exists()


@pytest.mark.parametrize("charset", ["UTF-8", "utf8", "no-such"])
def test_a_form_in_utf8_is_read(client: Client, anna, charset):
    client.force_login(anna)
    body = multipart(theme=b"dark", next="/über/".encode())
    answer = client.generic("POST", reverse("appearance"), body, f"{MULTIPART_CONTENT}; charset={charset}")
    assert answer.url == "/%C3%BCber/"


def test_an_address_is_utf8_whatever_the_body_is():
    told = []

    def view(request: HttpRequest) -> HttpResponse:
        told.append(request.GET["q"])
        return HttpResponse()

    factory = RequestFactory()
    request = factory.generic("POST", "/", b"<x/>", "text/xml; charset=latin-1", query_params={"q": "Björk"})
    assert utf8_alone(view)(request).status_code == 200
    assert told == ["Björk"]


def test_a_files_name_is_cleaned():
    files = MultiValueDict({"files": [SimpleUploadedFile(f"a{HALF}.csv", b"Title,Artist")]})
    form = ListForm({}, files)
    assert form.is_valid()
    assert [name for name, _data in form.told()] == ["a.csv"]


def test_half_characters_are_left_out_of_what_is_said():
    assert own.field_of(f"occa{HALF}sion") == "occasion"
    assert own.value_of("occasion", f"a{HALF}  b\0") == "a b"
    assert address.asked(QueryDict("q=+o%00+")).filters.text == "o"
