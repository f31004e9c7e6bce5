import re
import uuid
from typing import Any

import pytest
from endpoint import Endpoint

from imgflow.job import Failure, Written

JOB = {
    "input": "s3://bucket/input.jpg",
    "operations": [{"op": "resize", "width": 800}],
    "output": "s3://bucket/output.jpg",
}
BROKEN = Failure(code="source-invalid", message="Invalid image format")


def job(number: int) -> dict[str, Any]:
    return {**JOB, "input": f"s3://bucket/{number}.jpg", "output": f"s3://bucket/out/{number}.jpg"}


def test_the_example_from_submission_to_completion(endpoint: Endpoint) -> None:
    reply = endpoint.post("/jobs", JOB)
    assert reply.status_code == 202
    job_id = reply.json()["job_id"]
    assert reply.json() == {"job_id": job_id, "status": "queued"}
    assert str(uuid.UUID(job_id)) == job_id
    assert reply.headers["Location"] == f"/jobs/{job_id}"
    assert int(reply.headers["Retry-After"]) > 0

    (ticket,) = endpoint.claims.take(1)
    endpoint.claims.beat({ticket.id: (ticket.run, 50)})
    shown = endpoint.client.get(f"/jobs/{job_id}").json()
    assert shown.items() >= {"job_id": job_id, "status": "processing", "progress": 50}.items()
    assert ticket.job.steps == ({"op": "resize", "width": 800},)
    assert ticket.job.outputs[0].path == "s3://bucket/output.jpg"
    assert ticket.job.outputs[0].encoder == {"format": "jpeg"}
    endpoint.claims.release([ticket])

    written = Written(path="s3://bucket/output.jpg", format="jpeg", width=800, height=600, bytes=9)
    assert endpoint.run(written) == job_id
    done = endpoint.client.get(f"/jobs/{job_id}")
    expected = {"job_id": job_id, "status": "completed", "output": "s3://bucket/output.jpg"}
    assert done.json().items() >= expected.items()
    assert "Retry-After" not in done.headers


def test_a_failed_job_is_listed_and_retried(endpoint: Endpoint) -> None:
    job_id = endpoint.submit(JOB)
    assert endpoint.run(error=BROKEN) == job_id
    (shown,) = endpoint.client.get("/jobs/failed").json()
    expected = {"job_id": job_id, "error": "Invalid image format", "retries": 0}
    assert shown.items() >= expected.items()
    reply = endpoint.client.post(f"/jobs/{job_id}/retry")
    assert reply.status_code == 202
    assert reply.json() == {"job_id": job_id, "status": "queued"}
    assert endpoint.client.get("/jobs/failed").json() == []
    again = endpoint.client.post(f"/jobs/{job_id}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "job-not-failed")


def test_a_thousand_jobs_in_one_request(endpoint: Endpoint) -> None:
    reply = endpoint.post("/jobs", [job(number) for number in range(1000)])
    assert reply.status_code == 202
    receipts = reply.json()
    assert len({receipt["job_id"] for receipt in receipts}) == 1000
    assert {receipt["status"] for receipt in receipts} == {"queued"}
    found = endpoint.queue.job(receipts[731]["job_id"])
    assert found is not None
    assert found.input == "s3://bucket/731.jpg"
    assert found.outputs[0].path == "s3://bucket/out/731.jpg"
    assert endpoint.queue.stats().depth == {"high": 0, "normal": 1000, "low": 0}


@pytest.mark.parametrize(("number", "code"), [(0, "too-few"), (1001, "too-many")])
def test_a_list_that_is_too_short_or_too_long(endpoint: Endpoint, number: int, code: str) -> None:
    reply = endpoint.post("/jobs", [JOB] * number)
    assert (reply.status_code, reply.json()["code"]) == (422, code)
    assert endpoint.queue.stats().counts["submitted"] == 0


def test_nothing_of_a_list_is_queued_if_one_job_is_wrong(endpoint: Endpoint) -> None:
    jobs = [*(job(number) for number in range(3)), {**job(3), "priority": "urgent"}]
    reply = endpoint.post("/jobs", jobs)
    assert reply.status_code == 422
    (problem,) = reply.json()["problems"]
    assert problem["path"] == "[3].priority"
    assert endpoint.queue.stats().counts["submitted"] == 0


def test_the_same_job_twice_is_one(endpoint: Endpoint) -> None:
    first = endpoint.post("/jobs", JOB).json()
    second = endpoint.post("/jobs", JOB).json()
    assert second == {**first, "duplicate": True}
    assert endpoint.post("/jobs", {**JOB, "dedupe": False}).json()["job_id"] != first["job_id"]


def test_priority_time_to_live_and_webhook_reach_the_queue(endpoint: Endpoint) -> None:
    asked = {"priority": "high", "ttl": 60, "webhook": "https://example.com/hook"}
    job_id = endpoint.submit({**JOB, **asked})
    (status,) = endpoint.queue.status([job_id])
    assert status is not None
    assert status.priority == "high"
    endpoint.run(error=BROKEN)
    (event,) = endpoint.queue.due_events()
    assert (event.job_id, event.url) == (job_id, "https://example.com/hook")


def test_cancel(endpoint: Endpoint) -> None:
    job_id = endpoint.submit(JOB)
    reply = endpoint.client.delete(f"/jobs/{job_id}")
    assert (reply.status_code, reply.json()["status"]) == (200, "cancelled")
    assert endpoint.client.delete(f"/jobs/{job_id}").status_code == 200
    assert endpoint.client.post(f"/jobs/{job_id}/retry").status_code == 202
    (ticket,) = endpoint.claims.take(1)
    working = endpoint.client.delete(f"/jobs/{job_id}")
    assert (working.status_code, working.json()["status"]) == (202, "processing")
    assert working.json()["cancel_requested"] is True
    assert endpoint.claims.beat({ticket.id: (ticket.run, 0)}) == {job_id: "cancelled"}


def test_a_job_that_has_ended_cannot_be_cancelled(endpoint: Endpoint) -> None:
    job_id = endpoint.submit(JOB)
    endpoint.run(Written(path="s3://bucket/output.jpg", format="jpeg", width=1, height=1, bytes=1))
    reply = endpoint.client.delete(f"/jobs/{job_id}")
    assert (reply.status_code, reply.json()["code"]) == (409, "job-ended")


@pytest.mark.parametrize("name", ["nope", str(uuid.UUID(int=1)), "a%00b", "%F0%9F%90%88"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/jobs/{}"),
        ("DELETE", "/jobs/{}"),
        ("POST", "/jobs/{}/retry"),
        ("GET", "/jobs/{}/events"),
        ("GET", "/jobs/{}/outputs/0"),
    ],
)
def test_jobs_that_are_not_known(endpoint: Endpoint, name: str, method: str, path: str) -> None:
    reply = endpoint.client.request(method, path.format(name))
    assert (reply.status_code, reply.json()["code"]) == (404, "job-unknown")


def fail(endpoint: Endpoint, number: int) -> list[str]:
    ids = []
    for at in range(number):
        endpoint.submit(job(at))
        failure = Failure(code=f"code-{at % 2}", message="broken")
        ids.append(endpoint.run(error=failure))
    return ids[::-1]


def test_failed_jobs_in_pages(endpoint: Endpoint) -> None:
    ids = fail(endpoint, 5)
    url: str | None = "/jobs/failed?limit=2"
    found, pages = [], 0
    while url:
        reply = endpoint.client.get(url)
        found += [shown["job_id"] for shown in reply.json()]
        link = re.search(r'<([^>]+)>; rel="next"', reply.headers.get("Link", ""))
        url = link.group(1) if link else None
        pages += 1
    assert (found, pages) == (ids, 3)
    back = endpoint.client.get("/jobs/failed?limit=2&offset=3").headers["Link"]
    assert '</jobs/failed?limit=2&offset=1>; rel="prev"' in back


def test_failed_jobs_of_one_code(endpoint: Endpoint) -> None:
    ids = fail(endpoint, 4)
    reply = endpoint.client.get("/jobs/failed", params={"code": "code-1", "limit": 1})
    assert [shown["job_id"] for shown in reply.json()] == ids[:1]
    assert "code=code-1" in reply.headers["Link"]
    assert endpoint.client.get("/jobs/failed?batch=nope").json() == []


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "offset=-1", "limit=9" * 99])
def test_pages_that_make_no_sense(endpoint: Endpoint, query: str) -> None:
    reply = endpoint.client.get(f"/jobs/failed?{query}")
    assert (reply.status_code, reply.json()["code"]) == (422, "bad-query")


def test_retry_of_a_list(endpoint: Endpoint) -> None:
    ids = fail(endpoint, 3)
    reply = endpoint.post("/jobs/retry", {"job_ids": [ids[0], "nope", ids[0], ids[2]]})
    assert reply.status_code == 202
    assert reply.json() == {"retried": 2, "job_ids": [ids[0], ids[2]], "refused": ["nope"]}
    assert [one["job_id"] for one in endpoint.client.get("/jobs/failed").json()] == [ids[1]]


def test_retry_of_all_that_a_filter_leaves(endpoint: Endpoint) -> None:
    ids = fail(endpoint, 5)
    reply = endpoint.post("/jobs/retry", {"all": True, "code": "code-1"})
    assert reply.json() == {"retried": 2, "job_ids": ids[1::2], "refused": []}
    assert endpoint.post("/jobs/retry", {"all": True}).json()["retried"] == 3


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"all": True, "job_ids": ["x"]}, 422),
        ({"job_ids": ["x"], "code": "y"}, 422),
        ({"al": True}, 422),
        ({"all": "yes"}, 422),
        (b"{", 400),
        (b"\xff", 400),
    ],
)
def test_retries_that_make_no_sense(endpoint: Endpoint, body: Any, status: int) -> None:
    assert endpoint.post("/jobs/retry", body).status_code == status


def test_recipes_are_listed(endpoint: Endpoint) -> None:
    found = {recipe["name"]: recipe for recipe in endpoint.client.get("/recipes").json()}
    assert found["web-photo"]["description"].startswith("Responsive")
    assert set(found["web-photo"]) == {"name", "description"}
