"""Forward propagation, and one to many: the chain of outputs, its sigmoid, a sequence out of one vector."""

from collections.abc import Iterator

import torch
from torch.nn import functional as F

from pipeline.nn.classifier import Classifier
from pipeline.nn.recurrent import FinalState, Recurrent
from pipeline.nn.writer import Writer
from pipeline.probes.identities.check import About, Check, Checks, normal, shape

WORDS, STEPS = 13, 11


def sigmoid() -> Iterator[Check]:
    about = About("forward-sigmoid")
    network = Classifier(vocabulary=WORDS, classes=2, cell="rnn", embedding=5, hidden=7).double().eval()
    text = torch.randint(WORDS, (1, STEPS))
    logits = network(text, torch.tensor([STEPS]))[0]
    into, back, bias_in, bias_back = network.recurrent.weights(0)
    output = torch.zeros(7, dtype=torch.float64)
    for word in text[0]:
        output = torch.tanh(into @ network.embedding.weight[word] + back @ output + bias_in + bias_back)
    chained = network.output.weight @ output + network.output.bias
    yield about.near(
        "O_t = tanh(W x_t + U O_{t-1} + b) word by word, against the classifier", chained, logits
    )
    two_way = logits.softmax(-1)[1]
    check = "the two-way softmax of the classifier against the sigmoid of the difference of its logits"
    yield about.near(check, two_way, (logits[1] - logits[0]).sigmoid())

    z, labels = 5 * normal(1000), torch.arange(1000) % 2
    pairs = torch.stack((torch.zeros_like(z), z), 1)
    yield about.near("sigmoid(z) against the two-way softmax of (0, z)", z.sigmoid(), pairs.softmax(1)[:, 1])
    binary = F.binary_cross_entropy_with_logits(z, labels.double(), reduction="none")
    check = "binary cross-entropy of the one against cross-entropy of the other"
    yield about.near(check, binary, F.cross_entropy(pairs, labels, reduction="none"))


def return_sequences() -> Iterator[Check]:
    about = About("one-to-many-return-sequences")
    layers = Recurrent(input_size=5, hidden_size=7, layers=2).double()
    outputs, final = layers(normal(3, STEPS, 5))
    yield about.equal("all outputs of 3 texts of 11 words and 7 units: shape", shape(outputs), (3, 11, 7))
    last = final[0][-1]
    yield about.equal("the last output alone: shape", shape(last), (3, 7))
    yield about.near("the last of all outputs against the last output", outputs[:, -1], last)

    writer = Writer(vocabulary=WORDS, embedding=5, hidden=7, attention="none").double().eval()
    tokens = torch.randint(WORDS, (3, STEPS))
    vectors: FinalState = (normal(1, 3, 7), normal(1, 3, 7))
    readouts = _written(writer, vectors, tokens)
    check = "one vector as the initial state, a row of the output at each of 11 steps: shape"
    yield about.equal(check, shape(readouts), (3, 11, 7))
    other = _written(writer, tuple(part + 1 for part in vectors), tokens)
    yield about.differ(
        "the last step's row for another vector, the words the same", other[:, -1], readouts[:, -1]
    )


def _written(writer: Writer, vectors: FinalState, tokens: torch.Tensor) -> torch.Tensor:
    memory = vectors[0].transpose(0, 1)
    mask = torch.ones(memory.shape[:2], dtype=torch.bool)
    return writer.decode(tokens, writer.begin(memory, mask, vectors)).readouts


CHECKS: list[Checks] = [sigmoid, return_sequences]
