"""Other people's programs, unmodified, against this server over real HTTP and TLS."""

import datetime
import hashlib
import ipaddress
import ssl
import threading
import time

import liblistenbrainz
import listenbrainz_submit
import pylast
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.wsgi import get_wsgi_application
from django.db import connections
from liblistenbrainz.errors import ListenBrainzAPIException
from werkzeug.serving import make_server

from accounts import keys, lastfm_keys
from accounts.keys import Scope
from ingest.actions import player
from ingest.models import Play

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def token(anna):
    """(token, text)"""
    return keys.make(user=anna, name="", scopes=[Scope.READ, Scope.SUBMIT], now=anna.date_joined)


def titles(user):
    return sorted(Play.objects.of(user).values_list("track__name", flat=True))


# --- liblistenbrainz, the library of most Python programs ------------------------------------------------------------
@pytest.fixture
def library(live_server, token):
    client = liblistenbrainz.ListenBrainz(api_base_url=live_server.url)
    client.set_auth_token(token[1])
    return client


def listen(at, title="Vantablack", **rest):
    return liblistenbrainz.Listen(title, "Dool", listened_at=at, release_name="Here Now", **rest)


def test_the_library_submits_and_reads_back(library, anna):
    now = int(time.time())
    one = listen(now - 600, isrc="NLXX11700001", tracknumber=1, spotify_id="http://open.spotify.com/track/" + "1" * 22)
    assert library.submit_single_listen(one) == {"status": "ok"}
    many = [listen(now - 3600 * n, f"Song {n:02}") for n in range(1, 41)]
    for _time in range(2):  # a batch that is sent again, as after a lost answer
        assert library.submit_multiple_listens(many) == {"status": "ok"}
    newest = library.get_listens("anna", count=3)
    assert [(each.track_name, each.listened_at) for each in newest] == [
        ("Vantablack", now - 600),
        ("Song 01", now - 3600),
        ("Song 02", now - 7200),
    ]
    assert (newest[0].isrc, newest[0].spotify_id[-22:]) == ("NLXX11700001", "1" * 22)
    older = library.get_listens("anna", max_ts=now - 39 * 3600)
    assert [each.track_name for each in older] == ["Song 40"]
    assert library.get_user_listen_count("anna") == 41
    assert len(titles(anna)) == 41


def test_the_library_says_what_plays(library, anna, now):
    assert library.get_playing_now("anna") is None
    library.submit_playing_now(listen(None))
    assert library.get_playing_now("anna").track_name == "Vantablack"


def test_the_library_hears_refusals(library, live_server, ben):
    with pytest.raises(ListenBrainzAPIException) as refused:
        library.submit_single_listen(listen(5))
    assert (refused.value.status_code, "too low" in refused.value.message) == (400, True)
    with pytest.raises(ListenBrainzAPIException) as refused:
        library.get_listens("ben")
    assert (refused.value.status_code, refused.value.message) == (404, "Cannot find user: ben")
    with pytest.raises(liblistenbrainz.errors.InvalidAuthTokenException):
        library.set_auth_token("vs_nobody")


# --- Programs that insist on TLS --------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Paths of a certificate for 127.0.0.1 and of its key, for this run alone."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.timedelta(days=1)
    made = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), made - day, made + day)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(text)
    return str(folder / "cert.pem"), str(folder / "key.pem")


@pytest.fixture
def secure(certificate):
    """“127.0.0.1:port” of this server behind TLS."""
    django = get_wsgi_application()

    def app(environ, start):
        answer = django(environ, start)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()
            connections.close_all()

    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=certificate)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_listenbrainz_submit(secure, certificate, token, anna, monkeypatch):
    monkeypatch.setattr(listenbrainz_submit, "HOST_NAME", secure)  # its one setting
    trusts = ssl.create_default_context(cafile=certificate[0])
    client = listenbrainz_submit.ListenBrainzClient(token[1], ssl_context=trusts)
    track = listenbrainz_submit.Track("Dool", "Vantablack", additional_info={"listening_from": "Mine"})  # album: null
    now = int(time.time())
    assert client.playing_now(track).status == 200
    assert client.listen(now - 900, track).status == 200
    assert client.import_tracks([(now - 900, track), (now - 9000, track)]).status == 200
    assert titles(anna) == ["Vantablack"] * 2
    assert player.told_now(anna, datetime.datetime.now(datetime.UTC)).device == "Mine"


@pytest.fixture
def lastfm(secure, certificate, token):
    pylast.SSL_CONTEXT.load_verify_locations(cafile=certificate[0])
    one = token[0]

    def network(**changed):
        secret = lastfm_keys.shared_secret(one)
        told = {
            "api_key": one.prefix,
            "api_secret": secret,
            "username": one.user.username,
            "password_hash": pylast.md5(secret),
        }
        network = pylast.LastFMNetwork()
        network.ws_server = (secure, "/2.0/")
        for name, value in (told | changed).items():
            setattr(network, name, value)
        network.session_key = pylast.SessionKeyGenerator(network).get_session_key(
            network.username, network.password_hash
        )
        return network

    return network


def test_pylast_scrobbles(lastfm, anna):
    network = lastfm()
    now = int(time.time())
    network.update_now_playing("Dool", "Vantablack", album="Here Now", duration=200)
    network.scrobble("Dool", "Vantablack", now - 900, album="Here Now", duration=200)
    many = [{"artist": "Dool", "title": f"Song {n}", "timestamp": now - 600 * n} for n in range(2, 62)]
    network.scrobble_many(many)  # in calls of fifty
    network.scrobble_many(many[:5])
    assert len(titles(anna)) == 61
    assert player.told_now(anna, datetime.datetime.now(datetime.UTC)).track.name == "Vantablack"


def test_pylast_hears_refusals(lastfm):
    with pytest.raises(pylast.WSError, match="wrong user name or password"):
        lastfm(password_hash=hashlib.md5(b"guess").hexdigest())
    with pytest.raises(pylast.WSError, match="Invalid method signature"):
        lastfm(api_secret="guess")
    with pytest.raises(pylast.WSError, match="Invalid API key"):
        lastfm(api_key="vs_nobody")
