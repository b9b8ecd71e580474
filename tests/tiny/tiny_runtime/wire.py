"""What both ends share: arrays as bytes, reports, the app, and the exit codes that the launcher understands."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import sys
import traceback
from pathlib import Path

import numpy as np

APP_FAILED, DATA_GONE = 20, 40


def pack(arrays):
    file = io.BytesIO()
    np.savez(file, *arrays)
    return file.getvalue()


def unpack(data):
    with np.load(io.BytesIO(data)) as file:
        return [file[name] for name in file.files]


def report(**fields):
    with Path(os.environ["COVEY_REPORTS"]).open("a") as file:
        file.write(json.dumps(fields) + "\n")


def app():
    spec = importlib.util.spec_from_file_location("app", Path(os.environ["COVEY_APP"], "app.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(function, *arguments):
    """An app's function; its failure ends the process with the code that says so."""
    try:
        return function(*arguments)
    except FileNotFoundError as error:
        traceback.print_exc()
        inside = str(error.filename).startswith(os.environ["COVEY_DATA"])
        end(DATA_GONE if inside else APP_FAILED)
    except Exception:  # noqa: BLE001 - the app is a stranger
        traceback.print_exc()
        end(APP_FAILED)


def end(code):
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # from whichever thread
