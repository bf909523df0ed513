"""A client of the Reconciliation Service API 0.2, after its specification, with Python's own library
alone. What it checks of an answer is what the schemas of the specification require."""

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

ENDPOINT = sys.argv[1] + "/reconcile/default"
ORIGIN = "http://127.0.0.1:3333"


def call(url, form=None, origin=ORIGIN):
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=data, headers={"Origin": origin} if origin else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def get(url, form=None):
    status, body, headers = call(url, form)
    assert status == 200, (url, status, body)
    assert headers["Access-Control-Allow-Origin"] == ORIGIN, headers
    assert headers["Content-Type"].startswith("application/json")
    return json.loads(body)


def is_type(value):
    return isinstance(value, str) or (isinstance(value, dict) and isinstance(value["id"], str))


# The manifest.
manifest = get(ENDPOINT)
assert "0.2" in manifest["versions"]
for name in ("name", "identifierSpace", "schemaSpace"):
    assert isinstance(manifest[name], str) and manifest[name]
assert "{{id}}" in manifest["view"]["url"]
assert "{{id}}" in manifest["preview"]["url"]
assert isinstance(manifest["preview"]["width"], int) and isinstance(manifest["preview"]["height"], int)
assert len(manifest["defaultTypes"]) == len({t["id"] for t in manifest["defaultTypes"]}) > 3
assert all(isinstance(t["name"], str) for t in manifest["defaultTypes"])


def check(results, keys):
    assert set(results) == set(keys), results
    for result in results.values():
        for candidate in result["result"]:
            assert isinstance(candidate["id"], str) and isinstance(candidate["name"], str)
            assert isinstance(candidate["score"], (int, float))
            assert isinstance(candidate.get("description", ""), str)
            # Nobody is taken for somebody listed without a person having looked.
            assert candidate["match"] is False
            assert all(is_type(t) for t in candidate["type"])
            for feature in candidate["features"]:
                assert isinstance(feature["id"], str)
                assert isinstance(feature["value"], (bool, int, float))


# Queries, by GET and by POST.
queries = {
    "q0": {"query": "Quillon Examplesson", "type": "Person", "limit": 3, "type_strict": "should"},
    "q1": {
        "query": "Placeholt Widgets",
        "type": ["Company", "Organization"],
        "properties": [
            {"pid": "jurisdiction", "v": "gb"},
            {"pid": "Company:registrationNumber", "v": ["01234567", {"id": "x", "name": "01234567"}]},
        ],
    },
    "q2": {"query": "", "properties": []},
    "q3": {"properties": [{"pid": "name", "v": "Orsolya Testwick"}]},
}
sent = json.dumps(queries)
by_post = get(ENDPOINT, {"queries": sent})
by_get = get(ENDPOINT + "?" + urllib.parse.urlencode({"queries": sent}))
check(by_post, queries)
assert by_post == by_get
assert by_post["q0"]["result"][0]["id"] == "inv-1"
assert by_post["q1"]["result"][0]["id"] == "inv-3"
assert by_post["q2"]["result"] == []
assert by_post["q3"]["result"][0]["id"] == "inv-2"

# Words are completed.
suggest = manifest["suggest"]


def suggested(kind, prefix):
    service = suggest[kind]
    url = service["service_url"] + service["service_path"] + "?" + urllib.parse.urlencode({"prefix": prefix})
    results = get(url)["result"]
    for result in results:
        assert isinstance(result["id"], str) and isinstance(result["name"], str)
        assert all(is_type(t) for t in result.get("notable", []))
    return [result["id"] for result in results]


assert suggested("entity", "quil ex") == ["inv-1"]
assert suggested("entity", "banana man") == []
assert suggested("type", "organ") == ["Organization"]
assert "birthDate" in suggested("property", "birth")
for kind in ("entity", "type", "property"):
    assert suggested(kind, "") == []

# Columns are filled.
propose = manifest["extend"]["propose_properties"]
proposed = get(propose["service_url"] + propose["service_path"] + "?type=Person&limit=3")
assert len(proposed["properties"]) == 3
extend = {"ids": ["inv-1", "inv-3"], "properties": [{"id": "birthDate"}, {"id": "jurisdiction"}]}
extended = get(ENDPOINT, {"extend": json.dumps(extend)})
assert {meta["id"] for meta in extended["meta"]} == {"birthDate", "jurisdiction"}
assert extended["rows"]["inv-1"] == {"birthDate": [{"str": "1958-03-21"}], "jurisdiction": []}
assert extended["rows"]["inv-3"]["jurisdiction"] == [{"str": "gb"}]

# An entity is shown in a frame of OpenRefine's, and in nobody else's.
url = manifest["preview"]["url"].replace("{{id}}", "inv-1")
status, body, headers = call(url)
assert status == 200 and b"Quillon Examplesson" in body
assert headers["Content-Type"].startswith("text/html")
ancestors = re.search(r"frame-ancestors ([^;]*)", headers["Content-Security-Policy"]).group(1)
assert ancestors == "http://localhost:* http://127.0.0.1:*"

# A page from elsewhere reads nothing, and is given nothing that would run in it.
status, body, headers = call(ENDPOINT, origin="https://evil.example")
assert headers["Access-Control-Allow-Origin"] is None
status, body, headers = call(ENDPOINT + "?callback=steal")
assert body.startswith(b"{") and headers["X-Content-Type-Options"] == "nosniff"

for form, code in (
    ({"queries": json.dumps({"q0": {"query": 37473874}})}, (400, 422)),
    ({"queries": "no json"}, (400, 422)),
    ({}, (400, 422)),
    ({"queries": json.dumps({str(n): {"query": "x"} for n in range(101)})}, (400,)),
):
    status, body, _ = call(ENDPOINT, form)
    assert status in code, (form, status, body)
