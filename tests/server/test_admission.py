from collections.abc import Iterator

import pytest
from endpoint import Endpoint, serving

from imgflow.server import Admission, is_loopback

JOB = {"input": "s3://bucket/a.jpg", "output": "s3://bucket/a.webp"}
CLOSED = ["/jobs/failed", "/recipes", "/metrics", "/openapi.json", "/events", "/nope"]


@pytest.fixture(scope="module")
def locked(one_url: str) -> Iterator[Endpoint]:
    with serving(one_url, "s3://", admission=Admission(("first", "secönd"))) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def one_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("single_server").url)


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic Zmlyc3Q6", "first"])
def test_without_a_token_nothing_is_told(locked: Endpoint, path: str, header: str) -> None:
    reply = locked.client.get(path, headers={"Authorization": header} if header else {})
    assert (reply.status_code, reply.json()["code"]) == (401, "unauthorized")
    assert reply.headers["WWW-Authenticate"].startswith('Bearer realm="imgflow"')


@pytest.mark.parametrize("header", ["Bearer first", "bearer  first", "Bearer secönd"])
def test_each_token_is_good(locked: Endpoint, header: str) -> None:
    headers = [(b"Authorization", header.encode("utf-8" if "ö" in header else "ascii"))]
    assert locked.client.get("/recipes", headers=headers).status_code == 200


def test_a_job_needs_a_token(locked: Endpoint) -> None:
    assert locked.post("/jobs", JOB).status_code == 401
    assert locked.post("/jobs", JOB, Authorization="Bearer first").status_code == 202


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/"])
def test_what_is_open(locked: Endpoint, path: str) -> None:
    assert locked.client.get(path).status_code == 200


def test_with_a_token_any_name_of_the_host_will_do(locked: Endpoint) -> None:
    headers = {"Host": "images.example.com", "Authorization": "Bearer first"}
    assert locked.client.get("/recipes", headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", ""])
def test_names_that_stand_for_this_machine_since_a_moment_ago(
    endpoint: Endpoint, host: str
) -> None:
    reply = endpoint.client.get("/recipes", headers={"Host": host})
    assert (reply.status_code, reply.json()["code"]) == (403, "bad-host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:9", "[::1]:8000"])
def test_names_of_this_machine(endpoint: Endpoint, host: str) -> None:
    assert endpoint.client.get("/recipes", headers={"Host": host}).status_code == 200


def test_any_host_if_everybody_is_to_be_let_in(one_redis_url: str) -> None:
    with serving(one_redis_url, admission=Admission(any_host=True)) as endpoint:
        reply = endpoint.client.get("/recipes", headers={"Host": "images.example.com"})
    assert reply.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:1"},
    ],
)
def test_pages_of_other_sites_change_nothing(endpoint: Endpoint, headers: dict[str, str]) -> None:
    job_id = endpoint.submit(JOB)
    for reply in (
        endpoint.post("/jobs", JOB, **headers),
        endpoint.client.delete(f"/jobs/{job_id}", headers=headers),
        endpoint.client.post(f"/jobs/{job_id}/retry", headers=headers),
    ):
        assert (reply.status_code, reply.json()["code"]) == (403, "cross-site")


def test_the_servers_own_page_may(endpoint: Endpoint) -> None:
    home = str(endpoint.client.base_url).rstrip("/")
    assert endpoint.post("/jobs", JOB, Origin=home).status_code == 202
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "https://proxied.example"}
    assert endpoint.post("/jobs", JOB, **own).status_code == 202


def test_a_browser_is_not_told_that_others_may_post(endpoint: Endpoint) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    reply = endpoint.client.options("/jobs", headers=headers)
    assert reply.status_code == 405
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", ""])  # noqa: S104
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)
