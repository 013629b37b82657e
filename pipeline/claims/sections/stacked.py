"""Stacked networks: what layers on layers bring."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, checked, contrasts

DEEP = ("two", "three", "four")

SECTION = Section(
    "Stacked RNNs",
    [
        Claim(
            id="stacked-features",
            sentence=(
                "h_t of one layer is x_t of the next; lower layers hold basic, upper ones high-level "
                "features."
            ),
            measure="Two chained layers against a two-layer kernel.",
            judge=checked("stacked-features"),
            holds="Each layer reads the states of the one below, step by step.",
            refuted="Chained layers are not what a stack computes.",
            literature="Belinkov et al. 2017; Peters et al. 2018 probe what layers hold.",
        ),
        Claim(
            id="stacked-depth",
            sentence="Stacking layers helps.",
            measure="Accuracy of 2, 3 and 4 layers against one, all with the same number of parameters.",
            judge=contrasts(*(Contrast("depth", layers, "one", "accuracy") for layers in DEEP)),
            holds="At equal parameters, deeper is better.",
            refuted="At equal parameters, one wide layer is better than several narrow ones.",
            experiments=("depth",),
            literature="Graves et al. 2013; Hermans & Schrauwen 2013.",
            push="experiments.depth.model.parameters",
        ),
    ],
)
