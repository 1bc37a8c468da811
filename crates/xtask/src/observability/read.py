"""Reads YAML files. Answers on standard output: for each file its document."""

import json
import pathlib
import sys

import yaml

json.dump({file: yaml.safe_load(pathlib.Path(file).read_text()) for file in sys.argv[1:]}, sys.stdout)
