"""Search, and pictures with their captions."""

from pipeline.report.pictures import read_pictures
from pipeline.report.tasks.part import Part, Scored
from pipeline.report.tasks.translation import greedy_against_beam
from pipeline.report.vega import Plot


def part(scored: Scored) -> Part:
    name = scored.study.name
    searched = [system for system in scored.systems if "cider_greedy" in system.scores]
    search = [Plot(f"{name}-search", "Greedy and beam search", greedy_against_beam(searched, "cider"))]
    return Part(
        plots={"search": search if searched else []},
        samples=read_pictures(scored.predictions, scored.study.split, scored.order),
    )
