"""A client of yente's matching API, after its documentation, with Python's own library alone."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

BASE = sys.argv[1]


def call(path, body=None, params=None):
    url = BASE + path + ("?" + urllib.parse.urlencode(params, doseq=True) if params else "")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data)
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response), response.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers


EXAMPLE_1 = {
    "schema": "Person",
    "properties": {"name": ["Examplesson, Quillon", "Quillon Examplesson"], "birthDate": ["1958"]},
}
EXAMPLE_2 = {
    "id": "my-company",
    "schema": "Company",
    "properties": {"name": ["Placeholt Widgets Ltd"], "jurisdiction": "gb"},
}

status, body, headers = call("/match/default", {"queries": {"q1": EXAMPLE_1, "q2": EXAMPLE_2}})
assert status == 200, body
assert headers["x-batch-size"] == "2"
assert set(body) >= {"responses", "matcher", "limit"}
assert body["limit"] == 5
for doc in body["matcher"].values():
    assert set(doc) >= {"description", "coefficient"}
for key, wanted in (("q1", "inv-1"), ("q2", "inv-3")):
    answer = body["responses"][key]
    assert answer["status"] == 200
    assert answer["total"] == {"value": 1, "relation": "eq"}, answer["total"]
    result = answer["results"][0]
    assert result["id"] == wanted
    assert isinstance(result["caption"], str) and result["caption"]
    assert isinstance(result["schema"], str)
    assert all(isinstance(v, list) for v in result["properties"].values())
    assert result["datasets"] == ["invented"]
    assert isinstance(result["referents"], list)
    assert isinstance(result["target"], bool)
    assert set(result) >= {"first_seen", "last_seen", "last_change"}
    assert 0 <= result["score"] <= 1
    assert result["match"] is True
    assert all(isinstance(v, (int, float)) for v in result["features"].values())
assert body["responses"]["q1"]["query"]["properties"]["birthDate"] == ["1958"]
assert body["responses"]["q2"]["query"]["id"] == "my-company"
assert body["responses"]["q2"]["query"]["properties"]["jurisdiction"] == ["gb"]

# Scores are ordered, bounded by the cutoff, and marked by the threshold.
NAME = {"queries": {"a": {"schema": "Person", "properties": {"name": ["Quillon Examplesson"]}}}}
status, body, _ = call("/match/default", NAME, {"threshold": 1.0, "cutoff": 0.0, "limit": 2})
results = body["responses"]["a"]["results"]
assert status == 200 and 1 <= len(results) <= 2
assert not any(r["match"] for r in results if r["score"] < 1)
assert [r["score"] for r in results] == sorted((r["score"] for r in results), reverse=True)


def found(**params):
    status, body, _ = call("/match/default", NAME, params)
    assert status == 200, body
    return [r["id"] for r in body["responses"]["a"]["results"]]


assert found() == ["inv-1"]
assert found(topics=["sanction", "role.pep"]) == ["inv-1"]
assert found(topics=["role.pep"]) == []
assert found(exclude_schema=["Person"]) == []
assert found(exclude_entity_ids=["inv-1"]) == []
assert found(include_dataset=["invented"]) == ["inv-1"]
assert found(changed_since="2001-01-01") == ["inv-1"]
assert found(algorithm="best") == ["inv-1"]

# What cannot be done is refused with words in `detail`.
for path, query, code, params in (
    ("/match/default", {"queries": {"a": {"properties": {"name": "Banana"}}}}, 422, None),
    ("/match/default", {"queries": {"a": {"schema": "xxx", "properties": {"name": "B"}}}}, 400, None),
    ("/match/default", {"queries": {}}, 400, None),
    ("/match/default", {"queries": {str(i): EXAMPLE_1 for i in range(101)}}, 400, None),
    ("/match/default", NAME, 400, {"algorithm": "no-such-thing"}),
    ("/match/default", NAME, 422, {"limit": 501}),
    ("/match/default", NAME, 422, {"changed_since": "yesterday"}),
    ("/match/no-such-dataset", NAME, 404, None),
):
    status, body, _ = call(path, query, params)
    assert status == code, (path, query, params, status, body)
    assert isinstance(body["detail"], str) and body["detail"]

status, body, _ = call("/search/default", params={"q": "orsolya testwick", "limit": 3})
assert status == 200
assert body["results"][0]["id"] == "inv-2", body
assert set(body) == {"results", "facets", "total", "limit", "offset"}
assert body["total"]["relation"] == "eq" and body["limit"] == 3 and body["offset"] == 0
status, body, _ = call("/search/default", params={"q": "orsolya testwick", "schema": "Company"})
assert status == 200 and body["results"] == []
status, body, _ = call("/search/default", params={"q": "a", "schema": "NoSuchThing"})
assert status == 400

status, body, _ = call("/entities/inv-2")
assert status == 200
assert body["id"] == "inv-2" and body["schema"] == "Person"
assert body["properties"]["nationality"] == ["hu"]
assert call("/entities/inv-2", params={"nested": "false"})[0] == 200
assert call("/entities/no-such-entity")[0] == 404

status, body, _ = call("/catalog")
assert status == 200
assert {d["name"] for d in body["datasets"]} == {"invented", "default"}
for dataset in body["datasets"]:
    assert set(dataset) >= {"name", "title", "load", "version", "index_version", "index_current", "children"}
assert sorted(body["current"]) == ["default", "invented"] and body["outdated"] == []
status, body, _ = call("/manifest")
assert status == 200 and {d["name"] for d in body["datasets"]} == {"invented", "default"}
status, body, _ = call("/algorithms")
assert status == 200
names = {a["name"] for a in body["algorithms"]}
assert body["default"] in names and body["best"] in names
for algorithm in body["algorithms"]:
    assert set(algorithm) >= {"name", "description", "features"}
for path in ("/healthz", "/readyz"):
    assert call(path)[:2] == (200, {"status": "ok"})
