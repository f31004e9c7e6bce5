import uuid
from pathlib import Path

from endpoint import Endpoint

from imgflow.job import Failure, Written

BATCH = {
    "recipe": "email",
    "inputs": [f"s3://bucket/{number}.jpg" for number in range(4)],
    "out": "s3://bucket/small",
}


def test_a_batch_is_counted_to_its_end(endpoint: Endpoint) -> None:
    reply = endpoint.post("/batches", BATCH)
    assert reply.status_code == 202
    begun = reply.json()
    assert reply.headers["Location"] == f"/batches/{begun['batch_id']}"
    assert begun.items() >= {"status": "processing", "total": 4, "pending": 4}.items()
    assert begun["recipe"] == "email"
    for _ in range(3):
        endpoint.run(Written(path="s3://bucket/x.jpg", format="jpeg", width=1, height=1, bytes=1))
    endpoint.run(error=Failure(code="source-invalid", message="broken"))
    done = endpoint.client.get(f"/batches/{begun['batch_id']}").json()
    expected = {"status": "completed", "completed": 3, "failed": 1, "pending": 0, "progress": 100}
    assert done.items() >= expected.items()
    failed = endpoint.client.get(f"/jobs/failed?batch={begun['batch_id']}").json()
    assert [one["batch"] for one in failed] == [begun["batch_id"]]


def test_each_input_has_its_place_in_the_batch(endpoint: Endpoint) -> None:
    request = {
        "inputs": ["s3://bucket/a/x.jpg", "s3://bucket/b/x.jpg"],
        "output": "s3://bucket/out/{stem}-{index}.webp",
    }
    endpoint.post("/batches", request)
    jobs = [ticket.job for ticket in endpoint.claims.take(2)]
    assert [(job.input, job.index) for job in jobs] == [
        ("s3://bucket/a/x.jpg", 0),
        ("s3://bucket/b/x.jpg", 1),
    ]


def test_inputs_whose_outputs_would_collide(endpoint: Endpoint) -> None:
    request = {
        "inputs": ["s3://bucket/a/x.jpg", "s3://bucket/b/x.jpg"],
        "output": "s3://bucket/out/{stem}.webp",
    }
    reply = endpoint.post("/batches", request)
    assert reply.status_code == 422
    (problem,) = reply.json()["problems"]
    assert (problem["code"], problem["path"]) == ("path-collision", "output")
    assert endpoint.queue.stats().counts["submitted"] == 0


def test_a_batch_is_cancelled(endpoint: Endpoint) -> None:
    batch_id = endpoint.post("/batches", BATCH).json()["batch_id"]
    reply = endpoint.client.delete(f"/batches/{batch_id}")
    assert reply.status_code == 200
    assert reply.json().items() >= {"status": "completed", "cancelled": 4, "pending": 0}.items()


def test_batches_that_are_not_known(endpoint: Endpoint) -> None:
    for method in ("GET", "DELETE"):
        reply = endpoint.client.request(method, f"/batches/{uuid.uuid4()}")
        assert (reply.status_code, reply.json()["code"]) == (404, "batch-unknown")


def test_one_input_that_is_not_allowed_stops_the_batch(
    endpoint: Endpoint, allowed_folder: Path
) -> None:
    inputs = [f"{allowed_folder}/a.jpg", "/etc/hostname"]
    request = {"inputs": inputs, "recipe": "email", "out": str(allowed_folder)}
    reply = endpoint.post("/batches", request)
    assert reply.status_code == 403
    assert [problem["path"] for problem in reply.json()["problems"]] == ["inputs[1]"]
    assert endpoint.queue.stats().counts["submitted"] == 0
