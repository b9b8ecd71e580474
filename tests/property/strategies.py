"""Fleets, data sets and jobs as people could write them: all accepted by their schemas."""

from __future__ import annotations

from hypothesis import strategies as st

NAME = st.from_regex(r"[a-z]([-a-z0-9]{0,18}[a-z0-9])?", fullmatch=True).filter(
    lambda name: (
        not name.startswith(("covey-", "kube-", "openshift-", "open-cluster-management"))
        and name not in ("default", "argocd")
    ),
)
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
IMAGE = st.builds("{}.example/{}/{}@sha256:{}".format, NAME, NAME, NAME, HEX)
SIZE = st.builds("{}{}".format, st.integers(1, 9999), st.sampled_from(["Ki", "Mi", "Gi", "M", "G", "T"]))
CPU = st.one_of(st.integers(1, 64).map(str), st.integers(1, 99999).map("{}m".format))
DURATION = st.builds("{}{}".format, st.integers(1, 9999), st.sampled_from("smhd"))
WEIGHT = st.integers(-10, 10)
# Server-side apply can't carry these, and a spec with one is refused.
BARRED = "".join(map(chr, (*range(0x7F, 0x85), *range(0x86, 0xA0), 0xFFFE, 0xFFFF)))
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters=f"\0{BARRED}"), max_size=40)
VALUE = st.one_of(TEXT, st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
KEY = st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,20}", fullmatch=True)


def optional(**fields: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries({}, optional=fields)


REQUIREMENT = st.one_of(
    st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        NAME,
        st.sampled_from(["In", "NotIn"]),
        st.lists(NAME, min_size=1, max_size=3),
    ),
    st.builds(
        lambda key, operator: {"key": key, "operator": operator}, NAME, st.sampled_from(["Exists", "DoesNotExist"])
    ),
)
TOLERATION = st.fixed_dictionaries(
    {"key": NAME},
    optional={"operator": st.sampled_from(["Equal", "Exists"]), "value": TEXT, "seconds": st.integers(0, 9999)},
)
PREFER = optional(
    cpu=WEIGHT,
    memory=WEIGHT,
    score=st.fixed_dictionaries({"resource": NAME, "name": NAME, "weight": WEIGHT}),
)
GPUS = st.fixed_dictionaries({"count": st.integers(1, 64)}, optional={"resource": st.just("amd.com/gpu")})
RESOURCES = optional(
    aggregator=optional(cpu=CPU, memory=SIZE),
    collaborator=optional(cpu=CPU, memory=SIZE, gpus=GPUS),
)
LISTENER = st.one_of(
    st.sampled_from([{"type": "LoadBalancer"}, {"type": "Route"}]),
    st.fixed_dictionaries({"type": st.just("NodePort")}, optional={"nodePort": st.integers(30000, 32767)}),
)
STORAGE = st.fixed_dictionaries({"size": SIZE}, optional={"className": NAME})


@st.composite
def fleets(draw: st.DrawFn) -> tuple[dict, dict, dict]:
    """A fleet, a data set and a job that fit together."""
    namespace, data_set, sets = draw(NAME), draw(NAME), draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
    clusters = draw(st.lists(NAME, min_size=2, max_size=6, unique=True))
    fleet = {
        "apiVersion": "covey.dev/v1alpha1",
        "kind": "Fleet",
        "metadata": {"name": draw(NAME)},
        "spec": {
            "trustDomain": f"{draw(NAME)}.example",
            "hub": {"apiServer": {"cidrs": ["10.0.0.1/32"]}, "repository": "https://git.example/fleet.git"},
            "namespaces": [{"name": namespace, "team": "@team", "clusterSets": sets}],
            "listener": {
                "type": draw(st.sampled_from(["NodePort", "LoadBalancer", "Route"])),
                "domain": "apps.example",
            },
            "images": {"proxy": draw(IMAGE)},
            "egress": [{"cidr": "198.51.100.0/24", "ports": ["443", "30000-32767"]}],
        },
    }
    owner = {
        "apiVersion": "covey.dev/v1alpha1",
        "kind": "DataSet",
        "metadata": {"name": data_set},
        "spec": {
            "owner": "@owner",
            "namespaces": [namespace],
            "grants": [{"cluster": cluster} for cluster in clusters],
            **draw(optional(volume=STORAGE)),
        },
    }
    return fleet, owner, draw(jobs(namespace, data_set, sets, len(clusters)))


@st.composite
def jobs(draw: st.DrawFn, namespace: str, data_set: str, sets: list[str], most: int) -> dict:
    least = draw(st.integers(2, most))
    spec = {
        "runtime": "flower",
        "app": {"path": "app", "image": draw(IMAGE)},
        "rounds": draw(st.integers(1, 10000)),
        "collaborators": {
            "min": least,
            "clusterSets": draw(st.lists(st.sampled_from(sets), min_size=1, unique=True)),
            "dataSet": data_set,
            **draw(
                optional(
                    max=st.integers(least, 1000),
                    require=st.lists(REQUIREMENT, max_size=3),
                    prefer=PREFER,
                    tolerations=st.lists(TOLERATION, max_size=3),
                    lossSeconds=st.integers(0, 86400),
                ),
            ),
        },
        "model": {"storage": draw(STORAGE)},
        **draw(
            optional(
                run=optional(number=st.integers(1, 99999), state=st.sampled_from(["Run", "Suspend", "Cancel"])),
                config=st.dictionaries(KEY, VALUE, max_size=5),
                resources=RESOURCES,
                attempts=st.integers(1, 100),
                listener=LISTENER,
                privacy=st.fixed_dictionaries(
                    {"epsilon": st.floats(0.1, 100), "delta": st.floats(1e-9, 0.01)},
                ).map(lambda part: {**part, "clippingNorm": 1, "noiseMultiplier": 1.5}),
            ),
        ),
    }
    return {
        "apiVersion": "covey.dev/v1alpha1",
        "kind": "FederatedJob",
        "metadata": {"name": draw(NAME), "namespace": namespace},
        "spec": spec,
    }
