"""Checks requests and answers against the two official Swagger files, where they are present beside the project.

Types, closed lists and undeclared properties are checked. Not checked: dates (declared date-time, really
``YYYY-MM-DD``: api.md 5.6) and null in answers (really sent). Two documented differences are allowed: ``deposer/pdf``
answers ``codeRetour`` and ``libelle`` too, and ``pieceJointePrincipale`` may be an array.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "chorus-pro"
FILES = ("swagger-factures.json", "swagger-structures.json")
INTERNAL = ("champsDeTri", "ordreTriGenerique", "taillePageGenerique", "indexPageGenerique")  # annex A: omitted


def available() -> bool:
    """Tell whether the Swagger files are there."""
    return all((FOLDER / name).is_file() for name in FILES)


def validate(path: str, direction: str, body: dict[str, Any]) -> list[str]:
    """Return what is wrong with a body.

    Args:
        path: Whole path (``/cpro/factures/v1/soumettre``).
        direction: ``request`` or ``response``.
        body: The JSON object.

    Returns:
        One sentence a fault. Nothing for the APIs without a Swagger file (transverses, utilisateurs).

    """
    if not path.startswith(("/cpro/factures/", "/cpro/structures/")):
        return []
    schema = schemas(direction).get(path)
    if schema is None:
        return [f"{path} is not in the Swagger files"]
    found = jsonschema.Draft4Validator(schema).iter_errors(body)
    return [f"{path} {'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in found]


@functools.cache
def schemas(direction: str) -> dict[str, dict[str, Any]]:
    """Return path -> JSON schema of the request or answer body."""
    found = {}
    for name in FILES:
        swagger = json.loads((FOLDER / name).read_text(encoding="utf-8"))
        allow_differences(swagger["definitions"])
        definitions = strict(swagger["definitions"], nullable=direction == "response")
        for path, operations in swagger["paths"].items():
            operation = operations["post"]
            if direction == "request":
                reference = next(p["schema"] for p in operation["parameters"] if p["in"] == "body")
            else:
                reference = operation["responses"]["200"]["schema"]
            found[swagger["basePath"] + path] = {**reference, "definitions": definitions}
    return found


def allow_differences(definitions: dict[str, Any]) -> None:
    """Put the two documented differences into the definitions."""
    if "WsRetourDeposerPdfFacture" not in definitions:
        return
    answer = definitions["WsRetourDeposerPdfFacture"]
    answer["properties"] |= definitions["WsRetour"]["properties"]
    answer["required"] = ["codeRetour", "libelle"]
    properties = definitions["SoumettreFactureParam"]["properties"]
    one = properties["pieceJointePrincipale"]
    properties["pieceJointePrincipale"] = {"anyOf": [one, {"type": "array", "items": one, "maxItems": 1}]}


def strict(definitions: dict[str, Any], *, nullable: bool) -> dict[str, Any]:
    """Turn Swagger definitions into JSON schemas that refuse undeclared properties."""
    return {name: strict_one(schema, nullable=nullable) for name, schema in definitions.items()}


def strict_one(schema: dict[str, Any], *, nullable: bool) -> dict[str, Any]:
    result = {k: v for k, v in schema.items() if k not in ("format", "example", "description")}
    if "anyOf" in result:
        result["anyOf"] = [strict_one(s, nullable=nullable) for s in result["anyOf"]]
    if "items" in result:
        result["items"] = strict_one(result["items"], nullable=nullable)
    if "properties" in result:
        result["additionalProperties"] = False
        result["properties"] = {
            name: strict_one(inner, nullable=nullable)
            for name, inner in result["properties"].items()
            if name not in INTERNAL
        }
        if nullable:
            result["properties"] = {
                name: {"anyOf": [inner, {"type": "null"}]} for name, inner in result["properties"].items()
            }
    return result


def properties(path: str) -> set[str]:
    """Return the dotted names of all the properties that a request may have."""
    schema = schemas("request")[path]
    definitions = schema["definitions"]

    def walk(node: dict[str, Any], where: str) -> set[str]:
        if "$ref" in node:
            node = definitions[node["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in node:
            return walk(node["anyOf"][0], where)
        if "items" in node:
            return walk(node["items"], where)
        inner = node.get("properties", {})
        return {f"{where}{k}" for k in inner}.union(*(walk(v, f"{where}{k}.") for k, v in inner.items()))

    return walk(schema, "")
