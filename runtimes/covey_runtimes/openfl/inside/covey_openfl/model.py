"""The model to begin with, as `fx plan initialize` makes it, and its native format."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openfl.protocols import utils
from openfl.utilities.dataloading import initialize_minimal_dataloader
from openfl.utilities.split import split_tensor_dict_for_holdouts

if TYPE_CHECKING:
    from openfl.federated import Plan

LAST = "last.pbuf"


class Model:
    """`runner` is None where nothing needed the app's own code so far."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._runner: Any = None
        # OpenFL would write it from its last.pbuf, and fail where there is no best.pbuf.
        self._native = plan.config["aggregator"]["settings"].pop("save_native_model", False)

    def initial(self) -> dict[str, Any]:
        """Of the workspace's own file where it has one; through OpenFL's format, so that types are as in OpenFL."""
        path = Path(self._plan.config["aggregator"]["settings"]["init_state_path"])
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._plan.save_model_to_state_file(self._global(), 0, str(path))
        arrays: dict[str, Any]
        arrays, _ = utils.deconstruct_model_proto(utils.load_proto(path), self._plan.get_tensor_pipe())
        return arrays

    def save(self, arrays: dict[str, Any], number: int, folder: Path) -> None:
        """In OpenFL's format, and in the app's framework's where the plan says `save_native_model`."""
        self._plan.save_model_to_state_file(arrays, number, str(folder / LAST))
        if self._native:
            self._save_native(arrays, folder / "native")

    def _save_native(self, arrays: dict[str, Any], path: Path) -> None:
        runner = self._task_runner()
        kept = runner.get_tensor_dict(with_opt_vars=False)
        runner.set_tensor_dict({**kept, **arrays}, with_opt_vars=False)
        runner.save_native(str(path))

    def _global(self) -> dict[str, Any]:
        runner = self._task_runner()
        arrays: dict[str, Any]
        own = runner.get_tensor_dict(with_opt_vars=False)
        arrays, _ = split_tensor_dict_for_holdouts(own, **runner.tensor_dict_split_fn_kwargs)
        return arrays

    def _task_runner(self) -> Any:
        if self._runner is None:
            self._runner = self._plan.get_task_runner(_loader(self._plan))
        return self._runner


def _loader(plan: Plan) -> Any:
    """Without data, as OpenFL 1.9 wants it; older workspaces need some to learn its shape: the hub's held-out data."""
    try:
        return initialize_minimal_dataloader(plan)
    except Exception:
        if not any(Path(os.environ["COVEY_DATA"]).iterdir()):
            raise
        return plan.get_data_loader(os.environ["COVEY_NAME"])
