"""One run: one process (or one per device), one `fit`."""

import importlib
import logging
import os
import warnings
from pathlib import Path
from typing import Any

import lightning as L
import torch
from safetensors.torch import load_model

from pipeline.bundle.save import save
from pipeline.data.store import PreparedDataset
from pipeline.files import write_json, write_text
from pipeline.machine import describe_machine
from pipeline.nn.memory import keep_freed_memory
from pipeline.training.data_module import RunData
from pipeline.training.recorder import Recorder
from pipeline.training.recording import read_curves
from pipeline.training.spec import RunSpec


def fit(folder: Path) -> None:
    """Trains the run that `folder/spec.json` describes, from its last checkpoint where there is one.

    Leaves bundle/, curves.csv, run.json, timing.json and, last, done.json in the folder.

    Raises:
        UserError: the loss became NaN or infinite.
    """
    spec = RunSpec.read(folder / "spec.json")
    parameters = spec.parameters
    trainer_parameters, training = parameters["trainer"], parameters["training"]
    torch.set_num_threads(trainer_parameters["threads"])
    # Kernels that have a deterministic form use it; the few that have none on a GPU warn.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling fresh memory would only help code that reads it unwritten, at half the speed.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    keep_freed_memory()
    _quiet()
    L.seed_everything(spec.seed, verbose=False)

    task_module = importlib.import_module(spec.task_module)
    dataset = PreparedDataset.open(Path(spec.dataset_folder))
    task = task_module.build(dataset, parameters)
    recorder = Recorder(folder, spec.name, spec.seed, task_module.token_count, training["patience"])
    trainer = L.Trainer(
        accelerator=trainer_parameters["accelerator"],
        devices=trainer_parameters["devices"],
        num_nodes=trainer_parameters["num_nodes"],
        strategy=trainer_parameters["strategy"],
        precision=training["precision"],
        max_epochs=training["epochs"],
        callbacks=[recorder],
        reload_dataloaders_every_n_epochs=1,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
    )
    data = RunData(dataset, task_module.batches, parameters["data"], spec.seed)
    checkpoint = folder / "last.ckpt"
    trainer.fit(task, data, ckpt_path=str(checkpoint) if checkpoint.exists() else None, weights_only=False)
    if trainer.is_global_zero:
        _finish(folder, spec, task_module.ARCHITECTURE, dataset, task, recorder, trainer)


def _finish(
    folder: Path,
    spec: RunSpec,
    architecture: str,
    dataset: PreparedDataset,
    task: Any,
    recorder: Recorder,
    trainer: L.Trainer,
) -> None:
    load_model(task.network.cpu(), str(folder / "best.safetensors"))
    score = {"name": task.score_name, "value": recorder.best_score}
    facts = {key: value for key, value in dataset.description.items() if key not in ("splits", "tests")}
    description = facts | {
        "task": spec.task,
        "architecture": architecture,
        "dataset": spec.parameters["dataset"],
        "model": spec.parameters["model"],
        "data": spec.parameters["data"],
        "seed": spec.seed,
        "signature": spec.signature,
        "score": score,
    }
    tokenizers = {column: dataset.tokenizer(column) for column in dataset.vocabulary}
    save(folder / "bundle", task.network, tokenizers, description)
    points = read_curves(folder / "curves.jsonl")
    lines = [
        "step,epoch,metric,value",
        *(f"{p['step']},{p['epoch']},{p['metric']},{p['value']!r}" for p in points),
    ]
    write_text(folder / "curves.csv", "\n".join(lines) + "\n")
    run = {
        "signature": spec.signature,
        "parameters": spec.parameters,
        "seed": spec.seed,
        "dataset_digest": spec.dataset_digest,
        "code_digest": spec.code_digest,
        "best_epoch": recorder.best_epoch,
        "best_score": recorder.best_score,
        "score_name": task.score_name,
        "parameters_count": sum(parameter.numel() for parameter in task.network.parameters()),
        "epochs": trainer.current_epoch,
        "steps": trainer.global_step,
    }
    write_json(folder / "run.json", run)
    timing = {
        "minutes": round(recorder.elapsed / 60, 3),
        "tokens_per_second": round(recorder.tokens * trainer.world_size / max(recorder.seconds, 1e-9)),
        "data_wait_share": round(recorder.waited / max(recorder.seconds, 1e-9), 4),
        "machine": describe_machine(),
    }
    write_json(folder / "timing.json", timing)
    write_json(folder / "done.json", {"signature": spec.signature})
    (folder / "last.ckpt").unlink(missing_ok=True)
    (folder / "best.safetensors").unlink(missing_ok=True)


def _quiet() -> None:
    """Lightning's advice on loaders, loggers and checkpoints doesn't apply to how runs work here."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for message in (
        ".*does not have many workers.*",
        ".*Starting from v1.9.0, .tensorboardX.*",
        ".*mid-epoch.*",
        ".*sync_dist=True.*",
        ".*overridden `transfer_batch_to_device`.*",
    ):
        warnings.filterwarnings("ignore", message)
