"""Model in, manifests out: one deterministic function per object."""

from covey_core.render.fleet import render_fleet
from covey_core.render.job import job_inputs, render_job
from covey_core.render.stamp import RenderedFile, read_stamp

__all__ = ["RenderedFile", "job_inputs", "read_stamp", "render_fleet", "render_job"]
