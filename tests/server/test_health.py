import re

import pytest
from endpoint import Endpoint, serving

from imgflow.job import Failure, Written
from imgflow.server.metrics import render_metrics

JOB = {"input": "s3://bucket/a.jpg", "output": "s3://bucket/a.webp"}
LINE = re.compile(r'([a-z_]+)(\{(?:[a-z]+="[^"]*",?)*\}) ([0-9.e+-]+)')


def figures(text: str) -> dict[str, float]:
    """Read the text format: every sample has its HELP and TYPE before it."""
    found, known = {}, set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            known.add(line.split()[2])
        elif not line.startswith("# HELP "):
            match = LINE.fullmatch(line)
            assert match, line
            name = re.sub(r"_(bucket|sum|count)$", "", match[1])
            assert name in known or match[1] in known
            found[match[1] + match[2].replace('queue="default"', "").replace("{,", "{")] = float(
                match[3]
            )
    return found


def test_metrics(endpoint: Endpoint) -> None:
    for priority in ("high", "low", "low"):
        endpoint.submit({**JOB, "priority": priority, "dedupe": False})
    endpoint.run(Written(path="s3://bucket/a.webp", format="webp", width=1, height=1, bytes=1))
    endpoint.run(error=Failure(code="source-invalid", message="broken"))
    reply = endpoint.client.get("/metrics")
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = figures(reply.text)
    assert found['imgflow_queue_depth{priority="high"}'] == 0
    assert found['imgflow_queue_depth{priority="low"}'] == 1
    assert found["imgflow_queue_backlog{}"] == 1
    assert found["imgflow_queue_oldest_age_seconds{}"] >= 0
    assert found["imgflow_queue_dead_letters{}"] == 1
    assert found["imgflow_jobs_submitted_total{}"] == 3
    assert found["imgflow_jobs_completed_total{}"] == 1
    assert found["imgflow_jobs_failed_total{}"] == 1
    inf = found['imgflow_job_wait_seconds_bucket{le="+Inf"}']
    assert inf == found["imgflow_job_wait_seconds_count{}"] == 2
    buckets = [found[name] for name in found if name.startswith("imgflow_job_wait_seconds_bucket")]
    assert buckets == sorted(buckets)


def test_a_name_of_a_queue_cannot_break_a_line(endpoint: Endpoint) -> None:
    import msgspec

    stats = msgspec.structs.replace(endpoint.queue.stats(), queue='a"b\\c\nd')
    lines = render_metrics(stats).splitlines()
    assert 'imgflow_queue_delayed{queue="a\\"b\\\\c\\nd"} 0' in lines


@pytest.mark.slow
def test_without_its_queue_the_server_lives_and_is_not_ready(start_server: object) -> None:
    server = start_server()  # type: ignore[operator]
    with serving(server.url, "s3://") as endpoint:
        assert endpoint.client.get("/readyz").json() == {"status": "ready"}
        server.kill()
        reply = endpoint.client.get("/readyz")
        assert (reply.status_code, reply.json()["code"]) == (503, "queue-unreachable")
        assert "Retry-After" in reply.headers
        assert endpoint.client.get("/livez").json() == {"status": "alive"}
        assert endpoint.post("/jobs", JOB).status_code == 503
        server.restart()
        assert endpoint.client.get("/readyz").status_code == 200
        assert endpoint.post("/jobs", JOB).status_code == 202


@pytest.mark.slow
def test_a_full_queue_refuses_jobs_and_serves_the_rest(start_server: object) -> None:
    server = start_server({"maxmemory": "4mb"})  # type: ignore[operator]
    with serving(server.url, "s3://") as endpoint:
        jobs = [{**JOB, "input": f"s3://bucket/{'x' * 900}{n}.jpg"} for n in range(500)]
        reply = endpoint.post("/jobs", jobs)
        for _ in range(50):
            if reply.status_code != 202:
                break
            reply = endpoint.post("/jobs", [{**job, "dedupe": False} for job in jobs])
        assert (reply.status_code, reply.json()["code"]) == (503, "queue-full")
        assert "Retry-After" in reply.headers
        assert endpoint.client.get("/jobs/failed").status_code == 200
        assert endpoint.client.get("/metrics").status_code == 200
