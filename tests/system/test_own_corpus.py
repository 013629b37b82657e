"""docs/your-own-corpus.md, followed word by word, with messages of our own in the publisher's layout."""

import json
import random
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.xdist_group("own")
BLOCK = re.compile(r"(?:^`([\w/]+\.py)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A fenced block, after the name of its file where it is one."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4,000 made-up messages; the word "prize" makes spam."""
    rng = random.Random(0)
    words = ["see", "you", "at", "the", "station", "bring", "milk", "and", "call", "mother"]
    lines = []
    for number in range(4000):
        said = [*rng.choices(words, k=rng.randint(3, 9)), str(number)]
        kind = rng.choice(["ham", "spam"])
        said.insert(rng.randrange(len(said)), "prize" if kind == "spam" else "garden")
        lines.append(f"{kind}\t{' '.join(said)}\n")
    path = tmp_path_factory.mktemp("published") / "sms.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("SMSSpamCollection", "".join(lines))
        file.writestr("readme", "hello")
    return path


@pytest.fixture(scope="module")
def followed(root: Path, new_clone, archive: Path, tmp_path_factory: pytest.TempPathFactory):
    """A project in which the page's steps 1 to 3 were taken."""
    clone = new_clone.copy(tmp_path_factory.mktemp("own"))
    params = yaml.safe_load((clone.folder / "params.yaml").read_text(encoding="utf-8"))
    page = (root / "docs/your-own-corpus.md").read_text(encoding="utf-8")
    for name, language, content in BLOCK.findall(page):
        if language == "python":
            (clone.folder / name).write_text(content, encoding="utf-8")
        elif language == "diff":
            command = ["git", "apply", "-"]
            subprocess.run(command, cwd=clone.folder, input=content, text=True, check=True)
        elif language == "yaml":
            for block, entries in yaml.safe_load(content).items():
                params[block] |= entries
    params["corpora"]["sms_spam"]["upstream"] = str(archive)
    (clone.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    clone.commit()
    return clone


def commands(root: Path) -> list[list[str]]:
    page = (root / "docs/your-own-corpus.md").read_text(encoding="utf-8")
    (console,) = [content for _, language, content in BLOCK.findall(page) if language == "console"]
    return [line.removeprefix("$ ").split(maxsplit=1) for line in console.splitlines()]


def test_the_page_ends_in_a_model_that_answers(root: Path, followed) -> None:
    check, repro, metrics, classify = commands(root)
    assert "params.yaml: OK" in followed.run("pipeline.cli.main", check[1])
    followed.run("dvc", *repro[1].split())
    shown = json.loads(followed.run("dvc", *metrics[1].split(), "--json"))[""]["data"]
    accuracies = {Path(name).stem: each["data"]["accuracy"] for name, each in shown.items()}
    assert list(accuracies) == ["gru", "lstm", "majority", "nbsvm"]
    assert accuracies["lstm"] > 0.9 > accuracies["majority"]
    name, text = re.fullmatch(r'classify --model (\S+) "(.*)"', classify[1]).groups()  # type: ignore[union-attr]
    assert followed.run("pipeline.cli.main", "classify", "--model", name, text).startswith("spam\t")


def test_a_message_is_in_one_split_only(followed) -> None:
    followed.run("dvc", "repro", "prepare@sms_words")
    record = json.loads((followed.folder / "results/full/datasets/sms_words.json").read_text())[0]
    assert [overlap["rows"] for overlap in record["overlaps"]] == [0, 0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"ham\thello\nspma\tprize\n", "line 2: needs ham or spam, a tab, UTF-8 text"),
        (b"ham\thello\nspam\t\xff\n", "line 2: needs ham or spam, a tab, UTF-8 text"),
    ],
)
def test_the_pages_reader_names_the_line_that_is_wrong(
    followed, tmp_path: Path, content: bytes, message: str
) -> None:
    clone = followed.copy(tmp_path)
    path = tmp_path / "wrong.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("SMSSpamCollection", content)
    clone.set("corpora.sms_spam.upstream", str(path))
    clone.set("corpora.sms_spam.retries", 0)
    assert message in clone.run("stages.download", "sms_spam", code=2)
