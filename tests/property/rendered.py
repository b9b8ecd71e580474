"""All objects of a fleet with one data set and one job, as Covey renders them."""

from __future__ import annotations

import copy

from covey_core.model.parse import parse_data_set, parse_fleet, parse_job
from covey_core.render import render_fleet, render_job
from covey_runtimes.flower import RUNTIME
from covey_schemas.catalog import kind_schema


def rendered(fleet_value, data_set_value, job_value):
    fleet = parse_fleet(copy.deepcopy(fleet_value), kind_schema("Fleet"))
    data_set = parse_data_set(copy.deepcopy(data_set_value), kind_schema("DataSet"))
    job = parse_job(copy.deepcopy(job_value), kind_schema("FederatedJob"))
    return (
        *render_fleet(fleet, [data_set], version="1"),
        *render_job(job, fleet=fleet, data_set=data_set, runtime=RUNTIME, version="1"),
    )
