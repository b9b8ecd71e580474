"""Model in, manifests out: one deterministic function per object."""

from covey_core.render.fleet import fleet_groups, render_fleet
from covey_core.render.job import job_group, job_inputs, render_job
from covey_core.render.stamp import Group, RenderedFile, Stamp, files_digest, read_stamp

__all__ = [
    "Group",
    "RenderedFile",
    "Stamp",
    "files_digest",
    "fleet_groups",
    "job_group",
    "job_inputs",
    "read_stamp",
    "render_fleet",
    "render_job",
]
