"""Evaluates a Tiltfile with everything Tilt offers it replaced by a recorder.

Arguments: the Tiltfile, `up` or `ci`, what `getconf GNU_LIBC_VERSION` answers, and one pair per call of `kustomize`: folder=file.
Answers on standard output: every call in order, as [name, positional arguments, named arguments].
"""

import json
import pathlib
import sys

import starlark

tiltfile, subcommand, c_library, *rendered = sys.argv[1:]
rendered = dict(pair.split("=", 1) for pair in rendered)
calls = []
ANSWERS = {
    "_local": lambda words: c_library if words[0].startswith("getconf") else "",
    "kustomize": lambda words: pathlib.Path(rendered[words[0]]).read_text(),
    "_parse": lambda words: {},
    "sync": lambda words: ["sync", *words],
    "run": lambda words: ["run", *words],
    "fall_back_on": lambda words: ["fall_back_on", *words],
    "link": lambda words: list(words),
}
RECORDED = [
    "_local",
    "_parse",
    "_define",
    "_enable",
    "allow_k8s_contexts",
    "docker_build",
    "fall_back_on",
    "k8s_resource",
    "k8s_yaml",
    "kustomize",
    "link",
    "local_resource",
    "run",
    "sync",
]
# Tilt's own values have attributes and methods, which only Starlark itself can make.
PRELUDE = f"""
config = struct(
    tilt_subcommand = {json.dumps(subcommand)},
    define_string_list = _define,
    parse = _parse,
    set_enabled_resources = _enable,
)
def local(command, quiet = False):
    return _local(command)
"""


def recorder(name):
    def record(*words, **options):
        calls.append([name, list(words), options])
        return ANSWERS.get(name, lambda _: None)(words)

    return record


module = starlark.Module()
for name in RECORDED:
    module.add_callable(name, recorder(name))
dialect = starlark.Dialect.extended()
library = starlark.Globals.extended_by([starlark.LibraryExtension.StructType])
text = PRELUDE + pathlib.Path(tiltfile).read_text()
starlark.eval(module, starlark.parse("Tiltfile", text, dialect), library)
json.dump(calls, sys.stdout)
