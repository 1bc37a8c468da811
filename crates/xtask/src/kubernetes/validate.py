"""Reads manifests and holds each document against its schema, strictly.

Arguments: the Kubernetes version, the folder of schemas for custom resources, and files of YAML documents.
Answers on standard output: for each file its documents, and what is wrong with them.
"""

import functools
import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

version, schemas, *files = sys.argv[1:]
CUSTOM = {}
for schema in pathlib.Path(schemas).glob("*.json"):
    CUSTOM[schema.stem] = json.loads(schema.read_text())
known = {}
# It would read two megabytes of definitions again for every document.
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)


def complaint(document):
    """What is wrong with one document; nothing when all is well. A kind that has no schema is a mistake."""
    own = CUSTOM.get(f"{document.get('kind')}-{document.get('apiVersion', '').replace('/', '-')}")
    try:
        if own is None:
            kubernetes_validate.validate(document, version, strict=True)
        else:
            jsonschema.validate(document, own)
    except (kubernetes_validate.ValidationError, jsonschema.ValidationError) as error:
        return f"{'.'.join(str(part) for part in error.path) or 'document'}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        return error.message
    return None


def checked(document):
    """The same document is part of many renderings, and held against its schema once."""
    text = json.dumps(document, sort_keys=True)
    if text not in known:
        known[text] = complaint(document)
    return known[text]


answers = {}
for file in files:
    read = yaml.load_all(pathlib.Path(file).read_text(), Loader=yaml.CSafeLoader)
    documents = [document for document in read if document]
    complaints = []
    for document in documents:
        found = checked(document)
        if found:
            name = document.get("metadata", document).get("name")
            complaints.append(f"{document.get('kind')} {name}: {found}")
    answers[file] = {"documents": documents, "complaints": complaints}
json.dump(answers, sys.stdout)
