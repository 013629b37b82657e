"""params.yaml and dvc.lock: put others in their place, and put them back, whatever happens in between."""

import subprocess
from pathlib import Path

import yaml

from pipeline.errors import UserError
from pipeline.files import read_json, write_bytes, write_json, write_text

PARAMS = Path("params.yaml")
ALTERNATIVES = Path("params")
LOCK = Path("dvc.lock")
MARKER = Path(".unrolled/swap.json")
PLACED = Path(".unrolled/placed.yaml")
LOCKS = Path(".unrolled/locks")


def swap_in(params: Path, profile: str) -> None:
    """Puts `params` and its profile's dvc.lock in place; `restore` undoes it, also in a later process."""
    swapped = _text(params)
    originals = {"params": _text(PARAMS), "lock": _text(LOCK)}
    write_json(MARKER, {"profile": profile, "swapped": swapped, "originals": originals})
    _set(LOCK, _text(LOCKS / f"{profile}.lock"))
    _set(PARAMS, swapped)


def restore() -> None:
    """Puts back what `swap_in` took away, and keeps the profile's dvc.lock for its next turn.

    Safe to repeat: killed at any point, the next call finishes the work. params.yaml comes back before
    dvc.lock, so a dvc.lock is kept for the profile only while the profile's params.yaml still stands.
    """
    if not MARKER.exists():
        return
    swap = read_json(MARKER)
    current = _text(PARAMS)
    if current != swap["originals"]["params"]:
        if is_whole(LOCK):
            write_bytes(LOCKS / f"{swap['profile']}.lock", LOCK.read_bytes())
        if current not in (None, swap["swapped"]):
            edited = MARKER.with_name("params.edited.yaml")
            _set(edited, current)
            print(f"params.yaml was edited while the demo had its own in place; the edited file is {edited}")
        _set(PARAMS, swap["originals"]["params"])
    _set(LOCK, swap["originals"]["lock"])
    MARKER.unlink()


def put_in_place(params: Path) -> None:
    """Copies a parameter file to params.yaml.

    Raises:
        UserError: params.yaml holds edits that are saved nowhere else.
    """
    wanted = params.read_bytes()
    current = PARAMS.read_bytes() if PARAMS.exists() else None
    if current == wanted:
        return
    kept = [*ALTERNATIVES.glob("*.yaml"), *PLACED.parent.glob(PLACED.name)]
    saved = [path.read_bytes() for path in kept] + [_committed(PARAMS)]
    if current is not None and current not in saved:
        raise UserError(
            f"params.yaml: holds edits that are neither committed nor in {ALTERNATIVES}/, and {params} would "
            f"overwrite them; commit them, copy them to {ALTERNATIVES}/NAME.yaml, or drop them with "
            "`git checkout params.yaml`"
        )
    write_bytes(PLACED, wanted)
    write_bytes(PARAMS, wanted)
    print(f"params.yaml is now {params}; `git checkout params.yaml` brings the committed one back")


def heal_lock() -> None:
    """Replaces a dvc.lock that a killed DVC left empty or cut off by the committed one, or by none."""
    if not LOCK.exists() or is_whole(LOCK):
        return
    committed = _committed(LOCK)
    if committed is None:
        LOCK.unlink()
        print("dvc.lock was cut off, none is committed: removed; the run cache brings finished stages back")
    else:
        write_bytes(LOCK, committed)
        print("dvc.lock was cut off: the committed one is back; the run cache brings finished stages back")


def is_whole(lock: Path) -> bool:
    """Whether a dvc.lock is complete YAML with DVC's two keys."""
    if not lock.exists():
        return False
    try:
        content = yaml.load(lock.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return False
    return isinstance(content, dict) and {"schema", "stages"} <= content.keys()


def _committed(path: Path) -> bytes | None:
    shown = subprocess.run(["git", "show", f"HEAD:./{path}"], capture_output=True)
    return shown.stdout if shown.returncode == 0 else None


def _text(path: Path) -> str | None:
    # Not read_text(), which would turn a file's line ends into this system's.
    return path.read_bytes().decode() if path.exists() else None


def _set(path: Path, content: str | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        write_text(path, content)
