"""Introduction: inputs of any length, padding, the recurrent layer, its first state and its activation."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, checked, contrasts, together

SECTION = Section(
    "Introduction",
    [
        Claim(
            id="intro-variable-length",
            red=True,
            sentence="A feed-forward network cannot take inputs of varying length; a recurrent one can.",
            measure=(
                "Parameters as the length grows; accuracy at lengths that training did not have. "
                "“Cannot” is refuted if an MLP over averaged word vectors stays within 2 points of the LSTM; "
                "a flat MLP must lose 5 points more than the LSTM."
            ),
            judge=together(
                checked("intro-variable-length"),
                contrasts(
                    Contrast("variable_length", "lstm", "pooled_mlp", "accuracy", above=2),
                    Contrast("variable_length", "lstm", "flat_mlp", "accuracy", above=5),
                ),
            ),
            holds="Only what shares weights over positions takes any length, and averaging is not enough.",
            refuted=(
                "Averaging the word vectors is enough to take any length; what it gives up is their order."
            ),
            experiments=("variable_length",),
            literature="Iyyer et al. 2015 classify with averaged vectors alone, close to recurrent networks.",
            push="experiments.variable_length.data.max_tokens",
        ),
        Claim(
            id="intro-padding",
            red=True,
            sentence="Padding is done for recurrent networks too, since the input layer's weights are fixed.",
            measure=(
                "Packed against unpadded states (equal to 1e-10); accuracy lost where padding is read as "
                "words, behind or in front of the text; it counts as lost if surely more than 0.5 points."
            ),
            judge=together(
                checked("intro-padding"),
                contrasts(
                    Contrast("padding", "masked", "after", "accuracy", above=0.5),
                    Contrast("padding", "masked", "before", "accuracy", above=0.5),
                ),
            ),
            holds=(
                "Padding is for the batch's rectangle, not for the weights: masked it changes nothing, read "
                "as words it costs accuracy."
            ),
            refuted="Padding costs nothing here, even where it is read.",
            experiments=("padding",),
            literature="Dwarampudi & Reddy 2019 find padding in front better than behind for LSTMs.",
            push="experiments.padding.data.max_tokens",
        ),
        Claim(
            id="intro-other-sequences",
            sentence="Sequences need not be words: sound and measurements are sequences too.",
            measure="Word error rate on spoken digits against chance; error of forecasts against repeating.",
            judge=contrasts(
                Contrast("speech", "luong", "chance", "wer", above=20),
                Contrast("forecast_univariate", "lstm", "repeat_last", "mse"),
            ),
            holds="The same cells read sound frames and hourly measurements.",
            refuted="On these sequences a recurrent network is no better than not reading at all.",
            experiments=("speech", "forecast_univariate"),
            literature="Graves et al. 2013 (speech); Zhou et al. 2021 (ETT).",
        ),
        Claim(
            id="intro-recurrent-layer",
            sentence=(
                "A layer of 3 units over 5 inputs has weights (5, 3) and (3, 3), and reads its own last "
                "output."
            ),
            measure="Shapes, counts, and equality with the fused kernel, step by step.",
            judge=checked("intro-recurrent-layer"),
            holds=(
                "One small matrix reads the word, another the layer's own last output; all steps share both."
            ),
            refuted="The layer does not have these weights.",
            literature="Elman 1990.",
        ),
        Claim(
            id="intro-initial-state",
            sentence="For the first word the state that comes in is random or zero.",
            measure="Accuracy with a random or a learned first state against zero; a difference is 1 point.",
            judge=contrasts(
                Contrast("initial_state", "random", "zero", "accuracy", above=1, below=1),
                Contrast("initial_state", "learned", "zero", "accuracy", above=1, below=1),
            ),
            holds="The first state matters for sentiment.",
            refuted="Zero, random or learned: on texts of this length the first state makes no difference.",
            experiments=("initial_state",),
            literature="Learned initial states help where sequences are short and resets frequent.",
            push="experiments.initial_state.data.max_tokens",
        ),
        Claim(
            id="intro-activation",
            sentence="The recurrent layer has an activation function.",
            measure=(
                "A linear layer equals one linear map; accuracy of tanh against linear, surely above 1 point."
            ),
            judge=together(
                checked("intro-activation"),
                contrasts(Contrast("activation", "tanh", "linear", "accuracy", above=1)),
            ),
            holds="Without an activation a recurrent layer is one linear map of all its inputs.",
            refuted="A linear layer is one linear map, and for this task that is enough.",
            experiments=("activation",),
            literature="Le et al. 2015 (ReLU with an identity start).",
            push="experiments.activation.model.activation",
        ),
    ],
)
