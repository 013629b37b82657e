"""Generated turns of a conversation whose replies follow from them by rule, as ELIZA's do (Weizenbaum 1966).

The rule that a turn matches says the reply's form. What a reply takes over from the turn it turns round: "my"
becomes "your". So a turn has one right reply, and whoever knows the rules has them all.
"""

import random
import re
from collections.abc import Iterator

import pyarrow as pa

from pipeline.config.schema.corpora import RepliesCorpus
from pipeline.corpora.canonical import Split
from pipeline.corpora.turns import SCHEMA
from pipeline.errors import UserError

SLOTS = {
    "who": ("amina", "boris", "carla", "dev", "elif", "femi", "gita", "hugo"),
    "whose": ("my", "the", "your"),
    "colour": ("blue", "green", "red", "white"),
    "thing": ("bicycle", "candle", "hammer", "kite", "ladder", "lemon", "map", "violin"),
    "where": ("at home", "at the lake", "in the attic", "in the garden", "on the bus", "on the roof"),
    "state": ("broken", "dirty", "heavy", "lovely", "lost", "old"),
}
WHAT = "{whose} {colour} {thing}"
TURNS = (
    f"i saw {{who}} {{where}} with {WHAT}",
    f"i left {WHAT} {{where}}",
    f"can you bring {WHAT} to {{who}}",
    f"{{who}} says that {WHAT} is {{state}}",
    f"is {WHAT} {{where}}",
)
RULES = (
    (r"i saw (\w+) (.+) with (.+)", "what did {0} do {1} with {2}"),
    (r"i left (.+) ((?:at|in|on) .+)", "then look for {0} {1}"),
    (r"can you (.+)", "yes i can {0}"),
    (r"(\w+) says that (.+)", "why does {0} say that {1}"),
    (r"is (.+) ((?:at|in|on) .+)", "no {0} is not {1}"),
)
"""What a turn is like, and its reply."""
ROUND = {"my": "your", "your": "my"}
TRIES = 1000


def splits(corpus: RepliesCorpus) -> list[Split]:
    return [Split(name, SCHEMA, rows) for name, rows in corpus.sizes.model_dump().items()]


def generate(corpus: RepliesCorpus) -> dict[str, pa.Table]:
    """Every split, of dialogues of two turns; no first turn occurs twice.

    Raises:
        UserError: there are fewer different turns than asked for.
    """
    turns, found = _turns(random.Random(corpus.seed)), {}
    for split in splits(corpus):
        prompts = [next(turns) for _ in range(split.rows or 0)]
        columns = [prompts, map(reply_to, prompts), range(len(prompts)), [1] * len(prompts)]
        found[split.name] = pa.table([list(column) for column in columns], SCHEMA)
    return found


def reply_to(turn: str) -> str:
    """The one right reply.

    Raises:
        ValueError: no rule knows such a turn.
    """
    for pattern, reply in RULES:
        if match := re.fullmatch(pattern, turn):
            return reply.format(*map(turned_round, match.groups()))
    raise ValueError(f"no rule replies to {turn!r}")


def turned_round(words: str) -> str:
    return " ".join(ROUND.get(word, word) for word in words.split())


def _turns(rng: random.Random) -> Iterator[str]:
    """Different ones without end."""
    seen = set[str]()
    tries = 0
    while tries < TRIES:
        turn = rng.choice(TURNS).format(**{slot: rng.choice(words) for slot, words in SLOTS.items()})
        tries = tries + 1 if turn in seen else 0
        if not tries:
            seen.add(turn)
            yield turn
    raise UserError(f"corpora: only {len(seen):,} different turns found; lower sizes")
