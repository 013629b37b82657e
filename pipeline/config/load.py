"""Reading params.yaml: a mistake becomes one line with place, value, what is allowed and the nearest name."""

import difflib
import types
from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, Tag, ValidationError

from pipeline.config.schema.params import AnyExperiment, Params
from pipeline.errors import UserError

M = TypeVar("M", bound=BaseModel)


def load(path: Path = Path("params.yaml")) -> Params:
    """Reads and checks a parameter file whole.

    Raises:
        UserError: one line for each mistake (file, path of keys, value, what is allowed).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(
            f"{path}: no such file; run from the project's root or name a parameter file"
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    try:
        raw = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise UserError(f"{path}, line {line}: not YAML ({error.problem}); mend that line") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UserError(f"{path}: not YAML ({' '.join(str(error).split())}); mend it") from None
    return parse(raw, str(path))


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice: YAML would silently take the second."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                problem = f"{key.value!r} stands twice in one block"
                raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def parse(raw: Any, where: str = "params") -> Params:
    """Checks a parsed file: types, names, references between blocks, and every variant of every grid."""
    if not isinstance(raw, dict):
        raise UserError(f"{where}: holds {type(raw).__name__}, needs keys: {', '.join(Params.model_fields)}")
    params = _validated(Params, raw, where)
    mistakes = []
    for name, dataset in params.datasets.items():
        if dataset.corpus not in params.corpora:
            place = f"datasets.{name}.corpus"
            mistakes.append(_unknown(where, place, dataset.corpus, list(params.corpora)))
    for name, experiment in params.experiments.items():
        if experiment.dataset not in params.datasets:
            place = f"experiments.{name}.dataset"
            mistakes.append(_unknown(where, place, experiment.dataset, list(params.datasets)))
            continue
        kind = params.datasets[experiment.dataset].kind
        if kind != experiment.dataset_kind:
            mistakes.append(
                f"{where}: experiments.{name}.dataset: {experiment.dataset} holds {kind}; "
                f"task {experiment.task} needs {experiment.dataset_kind}"
            )
        try:
            variants(params, name, where)
        except UserError as error:
            mistakes.append(str(error))
    if mistakes:
        raise UserError("\n".join(mistakes))
    return params


def variants(params: Params, name: str, where: str = "params") -> dict[str, AnyExperiment]:
    """The experiment once per variant, with the variant's changes merged in (variant -> experiment)."""
    experiment = params.experiments[name]
    base = experiment.model_dump()
    resolved = {}
    for variant, changes in experiment.grid.items():
        place = f"experiments.{name}.grid.{variant}"
        allowed = ["model", "training", "data"]
        for block in changes:
            if block not in allowed:
                raise UserError(_unknown(where, place, block, allowed))
            if not isinstance(changes[block], dict):
                raise UserError(f"{where}: {place}.{block}: needs a mapping, holds {changes[block]!r}")
        merged = base | {block: base[block] | changes[block] for block in changes}
        resolved[variant] = _validated(type(experiment), merged, where, place)
    return resolved


def _validated(model: type[M], raw: Any, where: str, block: str = "") -> M:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise UserError("\n".join(_sentence(model, detail, where, block) for detail in details)) from None


def _sentence(model: type[BaseModel], detail: Any, where: str, block: str) -> str:
    """One mistake as pydantic reports it -> one line for a person; `block` is where `model` stands."""
    location, value = [part for part in detail["loc"] if part != "[key]"], detail["input"]
    place = ".".join(str(part) for part in [*filter(None, [block]), *_without_tags(model, location)])
    prefix = f"{where}: {place}" if place else where
    match detail["type"]:
        case "extra_forbidden":
            fields = _fields(_at(model, location[:-1]))
            return _unknown(where, ".".join(place.split(".")[:-1]), location[-1], fields)
        case "missing":
            return f"{prefix}: is missing; add it"
        case "literal_error" | "union_tag_invalid":
            allowed = detail["ctx"].get("expected") or detail["ctx"]["expected_tags"]
            choices = [choice.strip(" '") for choice in allowed.replace(" or ", ", ").split(",")]
            if detail["type"] == "union_tag_invalid":
                prefix, value = (
                    f"{prefix}.{detail['ctx']['discriminator'].strip(chr(39))}",
                    detail["ctx"]["tag"],
                )
            return f"{prefix}: {value!r} is not one of {', '.join(choices)}{_nearest(value, choices)}"
        case "union_tag_not_found":
            return f"{prefix}: needs the key {detail['ctx']['discriminator']}"
        case "model_type" | "model_attributes_type" | "dict_type":
            held = "nothing; write {} for none" if value is None else repr(value)
            return f"{prefix}: needs a mapping, holds {held}"
        case "string_pattern_mismatch":
            return f"{prefix}: {value!r} is no name; allowed: small letters, digits and _, a letter first"
        case _:
            shown = f"{value!r}: " if isinstance(value, str | int | float | bool | None) else ""
            message = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
            return f"{prefix}: {shown}{message}"


def _unknown(where: str, place: str, name: Any, allowed: list[str]) -> str:
    prefix = f"{where}: {place}" if place else where
    return f"{prefix}: unknown name {name!r}; allowed: {', '.join(allowed)}{_nearest(name, allowed)}"


def _nearest(name: Any, allowed: list[str]) -> str:
    close = difflib.get_close_matches(str(name), allowed, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def _at(kind: Any, location: list[Any]) -> Any:
    """The type that stands at a pydantic error location (field names, mapping keys, union tags)."""
    for part in location:
        kind = _bare(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[part].annotation
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        elif _is_union(kind):
            kind = next((member for member in get_args(kind) if part in _tags(member)), None)
        else:
            return None
    return _bare(kind)


def _without_tags(model: type[BaseModel], location: list[Any]) -> list[Any]:
    return [part for i, part in enumerate(location) if not _is_union(_at(model, location[:i]))]


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_union(kind: Any) -> bool:
    if get_origin(kind) not in (Union, types.UnionType):
        return False
    return all(_tags(member) for member in get_args(kind))


def _tags(member: Any) -> set[Any]:
    """By which pydantic tells a member of a union from the others; none: not a union that it tells apart."""
    if get_origin(member) is Annotated:
        return {note.tag for note in member.__metadata__ if isinstance(note, Tag)}
    if not (isinstance(member, type) and issubclass(member, BaseModel)):
        return set()
    literals = [field.annotation for field in member.model_fields.values()]
    return {tag for kind in literals if get_origin(kind) is Literal for tag in get_args(kind)}


def _fields(kind: Any) -> list[str]:
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return list(kind.model_fields) if is_model else []
