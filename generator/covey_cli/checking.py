"""All checks of a fleet repo that look at more than one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core.checks.limits import limit_findings
from covey_core.checks.references import reference_findings
from covey_core.findings import has_errors, in_order
from covey_core.reading import read
from covey_core.validation import Validator
from covey_schemas.catalog import bundled

from .errors import UserError
from .rendering import plan
from .repo import load
from .sources import rendered_texts

if TYPE_CHECKING:
    from pathlib import Path

    from covey_core.documents import Document
    from covey_core.findings import Finding


def check_repo(root: Path) -> tuple[Finding, ...]:
    """Specs, their references, rendered files against their specs, limits, and references inside the rendered tree.

    Each rendered object's own schema is checked with all other manifests; what does not fit it is left out here.
    """
    repo = load(root)
    findings = [*repo.findings, *plan(repo).findings]
    documents = _rendered(root)
    for document in documents:
        findings += limit_findings(document)
    return in_order((*findings, *reference_findings(documents)))


def _rendered(root: Path) -> list[Document]:
    validator = Validator(bundled())
    documents: list[Document] = []
    for path, content in rendered_texts(root):
        if isinstance(content, UserError):
            continue
        reading = read(path, content, strict=False)
        if not has_errors(reading.findings):
            documents += (one for one in reading.documents if validator.fits_schema(one.value))
    return documents
