"""Renders a fleet repo, writes it, and checks every rendered object against its schema and CEL rules."""

from __future__ import annotations

import sys
from pathlib import Path

from covey_cli.files import write_tree
from covey_cli.rendering import plan
from covey_cli.repo import load
from covey_core.checks.limits import limit_findings
from covey_core.documents import Document
from covey_core.validation import Validator
from covey_schemas.catalog import bundled


def main(root: Path) -> int:
    planned = plan(load(root))
    validator = Validator(bundled())
    documents = [Document(file.path, 0, file.value, file.text) for file in planned.writes]
    wrong = [one for document in documents for one in (*validator.check(document), *limit_findings(document))]
    write_tree(root, planned.writes, planned.removals)
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
