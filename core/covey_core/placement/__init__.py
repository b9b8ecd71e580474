"""OCM's Placement as a pure function: (Placement, what is on the hub, now) to decisions, with a reason per cluster.

    world = World.of(objects)                      # plain ManagedClusters, sets, bindings, scores, PlacementDecisions
    outcome = evaluate(Placement.of(placement), world, now=now)
    outcome.chosen, outcome.others                 # best first with scores; the others by name, with reasons
    status(outcome, now=now, previous=old_status)  # the Placement's status, as OCM writes it
    decision_objects(outcome)                      # its PlacementDecisions; others with its label are to be deleted
    outcome.look_again                             # when a toleration ends and the choice changes by itself

Decisions so far are PlacementDecisions of the world: those of the Placement keep it steady, those of others balance it.
A Placement that is `idle` OCM leaves as it is. A misconfigured one has an outcome that says so; ObjectError means that
an object can't be understood, and then OCM writes nothing. Names, labels and claims in reasons are the spokes' words:
whoever prints them escapes them. What OCM 1.3 has in its API and does not act on has no effect here either:
`spreadPolicy`, `sortBy`, `scoreRateLimit`.
"""

from .evaluator import evaluate
from .outcome import Chosen, Condition, Group, NotChosen, Outcome, Part, Refusal, Step
from .shape import ObjectError
from .spec import Placement
from .world import World
from .writing import decision_objects, status

__all__ = [
    "Chosen",
    "Condition",
    "Group",
    "NotChosen",
    "ObjectError",
    "Outcome",
    "Part",
    "Placement",
    "Refusal",
    "Step",
    "World",
    "decision_objects",
    "evaluate",
    "status",
]
