"""The page in a real Chromium, driven over its debugging pipe: nothing but the standard library is needed."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
EVIL = "<script>alert('unsafe')</script>"

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine (Debian: apt-get install chromium)"),
    pytest.mark.timeout(180),
]


class Browser:
    """A headless Chromium with one page; `problems` collects console errors, exceptions and requests."""

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM
        to_browser, from_browser = os.pipe(), os.pipe()
        # High numbers, so that neither end is overwritten while 3 and 4 are set up.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 64) for end in (to_browser[0], from_browser[1])]
        flags = "--headless --no-sandbox --disable-gpu --hide-scrollbars --remote-debugging-pipe"
        command = f'exec "$0" {flags} --user-data-dir="$1" about:blank 3<&{ends[0]} 4>&{ends[1]}'
        self.process = subprocess.Popen(
            ["bash", "-c", command, CHROMIUM, str(profile)], pass_fds=ends, stderr=subprocess.DEVNULL
        )
        for end in (*ends, to_browser[0], from_browser[1]):
            os.close(end)
        self._write, self._read = os.fdopen(to_browser[1], "wb"), os.fdopen(from_browser[0], "rb")
        self._sent, self._session, self.problems = 0, "", list[str]()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        self._write.write(json.dumps(message).encode() + b"\0")
        self._write.flush()
        while (answer := self._next()).get("id") != self._sent:
            self._note(answer)
        assert "error" not in answer, answer
        return dict(answer["result"])

    def run(self, script: str) -> Any:
        """The value of an expression; promises are awaited."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, page: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        media = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in media.items()]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call("Page.navigate", url=page.as_uri())
        loaded = "done => document.readyState === 'complete' ? done() : addEventListener('load', done)"
        self.run(f"new Promise({loaded})")
        self.settle()

    def wait_for(self, script: str) -> None:
        """Until an expression is true: also where the page may run no script."""
        for _ in range(200):
            if self.run(script):
                return
            time.sleep(0.05)
        raise AssertionError(f"never true: {script}")

    def settle(self) -> None:
        """Waits until every chart that can be seen is drawn."""
        self.run("Promise.all(places.filter(p => p.checkVisibility()).map(drawOnce)).then(() => 1)")

    def point_at(self, selector: str) -> None:
        """Scrolls to an element and moves the mouse over its middle."""
        element = f"document.querySelector({selector!r})"
        self.run(f"{element}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        x, y = self.run(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({element}.getBoundingClientRect())")
        for shift in (-1, 0):
            self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + shift, y=y)

    def press(self, key: str) -> None:
        code = {"ArrowDown": 40, "ArrowUp": 38, "Enter": 13, "Tab": 9, " ": 32}[key]
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)
        if key in "Enter ":
            self.call("Input.dispatchKeyEvent", type="char", text="\r" if key == "Enter" else key, key=key)

    def click(self, selector: str) -> None:
        """Scrolls to an element and clicks it; of words on several lines, the first."""
        element = f"document.querySelector({selector!r})"
        self.run(f"{element}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        x, y = self.run(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({element}.getClientRects()[0])")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, path: Path) -> None:
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        self._write.close()
        self.process.terminate()
        self.process.wait(timeout=20)
        self._read.close()

    def _next(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._read.read(1)) != b"\0":
            assert byte, "chromium ended"
            text += byte
        return dict(json.loads(text))

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event["method"]:
            case "Runtime.exceptionThrown":
                self.problems.append(json.dumps(params))
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning"):
                self.problems.append(json.dumps(params["args"]))
            case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
                self.problems.append(params["entry"]["text"])
            case "Network.requestWillBeSent" if not params["request"]["url"].startswith(
                ("file:", "data:", "about:")
            ):
                self.problems.append(f"request {params['request']['url']}")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, pristine: Any) -> Path:
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(pristine.page(), encoding="utf-8")
    return path


def tooltip(browser: Browser) -> str:
    """The text of the tooltip that shows."""
    browser.run("new Promise(done => setTimeout(done, 100))")
    return str(browser.run("document.querySelector('#vg-tooltip-element.visible')?.innerText"))


@pytest.mark.parametrize(
    ("width", "dark"), [(1280, False), (1280, True), (390, False)], ids=["light", "dark", "phone"]
)
def test_draws_every_chart_without_a_complaint_or_a_request(
    browser: Browser, page: Path, width: int, dark: bool
) -> None:
    browser.problems.clear()
    browser.open(page, width=width, dark=dark)
    browser.run("Promise.all(places.map(drawOnce)).then(() => 1)")
    assert browser.problems == []
    assert browser.run("document.querySelectorAll('.plot svg').length") == browser.run("places.length")
    assert browser.run("places.length") > 20
    assert browser.run("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [1100, 1280])
def test_nothing_is_cut_at_the_right_of_a_laptop(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width=width)
    browser.run("Promise.all(places.map(drawOnce)).then(() => 1)")
    cut = "[...document.querySelectorAll('.scroll')].filter(part => part.scrollWidth > part.clientWidth)"
    assert browser.run(f"{cut}.map(part => part.ariaLabel)") == []


def test_a_dot_tells_its_tag_and_score(browser: Browser, page: Path, pristine: Any) -> None:
    browser.open(page)
    browser.point_at("#tags-by-tag .mark-symbol path")
    facts = dict(line.split("\t") for line in tooltip(browser).split("\n"))
    scores = pd.read_csv(pristine.results / "tags/tables/by_tag.csv")
    own = scores[(scores["variant"] == facts["variant"]) & (scores["tag"] == facts["tag"])]
    assert float(facts["mean F1"]) == pytest.approx(own["f1"].mean(), rel=1e-4)
    tags = browser.run("[...document.querySelectorAll('#tags-by-tag .role-axis-label text')].length")
    assert tags > 17, "every tag has its name"


def test_a_heat_map_cell_tells_its_words_and_weight(browser: Browser, page: Path) -> None:
    browser.open(page)
    panel = "#samples-translation > div:not([hidden])"
    browser.point_at(f"{panel} .maps .mark-rect path")
    lines = tooltip(browser).split("\n")
    assert [line.split("\t")[0] for line in lines] == ["output", "source", "weight"]
    assert 0 < float(lines[2].split("\t")[1]) <= 1
    words = browser.run(f"[...document.querySelectorAll('{panel} .maps .role-axis-label text')].length")
    assert words > 4, "words stand on both axes"


def test_hover_on_a_curve_finds_the_nearest_point(browser: Browser, page: Path, pristine: Any) -> None:
    browser.open(page)
    browser.point_at("#sentiment-validation_score svg")
    facts = dict(line.split("\t") for line in tooltip(browser).split("\n"))
    assert set(facts) == {"variant", "seed", "epoch", "value"}
    curves = pd.read_csv(pristine.results / "sentiment/curves.csv").query("metric == 'validation_score'")
    points = curves.set_index(["variant", "seed", "epoch"])["value"]
    point = facts["variant"], int(facts["seed"]), int(facts["epoch"])
    assert float(facts["value"]) == pytest.approx(points[point], rel=1e-4)


def test_words_of_a_corpus_are_text_everywhere(browser: Browser, page: Path) -> None:
    browser.problems.clear()
    browser.open(page)
    # The first of the evenly spaced sentences; before them stand those that the parameters name.
    first = "select => select.querySelector('optgroup:last-of-type option').index"
    browser.run(
        f"(s => s.selectedIndex = ({first})(s))(document.querySelector('[data-panels=samples-translation]'))"
    )
    browser.run(
        "document.querySelector('[data-panels=samples-translation]').dispatchEvent(new Event('change'))"
    )
    browser.settle()
    assert browser.run(f'document.body.innerText.includes("{EVIL}")') is True
    browser.point_at("#samples-translation > div:not([hidden]) .maps .mark-rect path")
    assert EVIL in tooltip(browser)
    assert browser.problems == []


def test_the_keyboard_reaches_the_sentences(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('[data-panels=samples-translation]').focus()")
    shown = "[...document.querySelectorAll('#samples-translation > div')].findIndex(panel => !panel.hidden)"
    before = browser.run(shown)
    browser.press("ArrowDown")
    assert browser.run(shown) == before + 1
    assert (
        browser.run("[...document.querySelectorAll('#samples-translation > div:not([hidden])')].length") == 1
    )


def test_the_theme_can_be_switched_and_stays(browser: Browser, page: Path) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    label = "getComputedStyle(document.querySelector('.role-axis-label text')).fill"
    browser.open(page)
    light = browser.run(paper), browser.run(label)
    browser.run("document.querySelector('.theme').focus()")
    browser.press("Enter")
    dark = browser.run(paper), browser.run(label)
    assert dark[0] != light[0], "paper"
    assert dark[1] != light[1], "words of a chart"
    browser.open(page)
    assert browser.run(paper) == dark[0]
    browser.run("localStorage.clear()")


SHOWN = "[...document.querySelectorAll('.ledger tbody tr')].filter(row => row.checkVisibility())"
SAID = "document.querySelector('.filters output').textContent"


def test_the_ledgers_filters_work_by_keyboard_and_say_how_many_rows_are_left(
    browser: Browser, page: Path
) -> None:
    browser.problems.clear()
    browser.open(page)
    count = browser.run(f"{SHOWN}.length")
    assert browser.run(SAID) == f"{count} of {count} claims"
    assert browser.run("document.querySelector('.filters output').role || 'status'") == "status"
    browser.run("document.querySelector('[name=section]').focus()")
    browser.press("ArrowDown")
    assert browser.run(f"[...new Set({SHOWN}.map(row => row.dataset.section))]") == ["Introduction"]
    section = browser.run(f"{SHOWN}.length")
    assert browser.run(SAID) == f"{section} of {count} claims"
    browser.press("Tab")
    browser.press("Tab")
    assert browser.run("document.activeElement.name") == "red"
    browser.press(" ")
    assert browser.run(f"{SHOWN}.every(row => 'red' in row.dataset)") is True
    assert 0 < browser.run(f"{SHOWN}.length") < section
    assert browser.run(SAID) == f"{browser.run(f'{SHOWN}.length')} of {count} claims"
    assert browser.problems == []


def test_the_ledgers_filters_work_by_mouse(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.click("[name=red]")
    assert browser.run(f"{SHOWN}.length") == browser.run("document.querySelectorAll('tr[data-red]').length")
    browser.click("[name=red]")
    browser.run("document.querySelector('[name=verdict]').value = 'depends'")
    browser.run(
        "document.querySelector('[name=verdict]').dispatchEvent(new Event('change', {bubbles: true}))"
    )
    assert browser.run(f"{SHOWN}.map(row => row.dataset.verdict)") == ["depends"]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_row_leads_to_its_claim_whose_chart_is_drawn_when_it_opens(
    browser: Browser, page: Path, width: int
) -> None:
    browser.problems.clear()
    browser.open(page, width=width)
    claim = "document.querySelector('details:has(> #claim-many-to-one-sentiment)')"
    drawn = "document.querySelectorAll('#forest-many-to-one-sentiment-0 svg').length"
    assert browser.run(f"[{claim}.open, {drawn}]") == [False, 0]
    browser.click(".ledger a[href='#claim-many-to-one-sentiment']")
    browser.wait_for(drawn)
    assert browser.run(f"[{claim}.open, {drawn}]") == [True, 1]
    top = browser.run(
        f"new Promise(done => setTimeout(() => done({claim}.getBoundingClientRect().top), 900))"
    )
    assert 0 <= top < 200, "the sentence is in sight"
    assert browser.run("document.documentElement.scrollWidth") == width
    assert browser.run("document.querySelector('#forest-many-to-one-sentiment-0 svg').clientWidth") <= width
    assert browser.problems == []


def test_a_claim_opens_by_keyboard_and_by_its_address(browser: Browser, page: Path) -> None:
    browser.open(page)
    opened = "[...document.querySelectorAll('details.claim[open] .body')].map(body => body.id)"
    browser.run("document.querySelector('details:has(> #claim-memory) > summary').focus()")
    browser.press("Enter")
    assert browser.run(opened) == ["claim-memory"]
    browser.call("Page.navigate", url="about:blank")
    browser.call("Page.navigate", url=f"{page.as_uri()}#claim-bleu-formula")
    browser.wait_for(f"{opened}.join() === 'claim-bleu-formula'")


def test_a_comparison_tells_its_number_and_thresholds(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.run("location.hash = '#claim-many-to-one-sentiment'")
    browser.wait_for("document.querySelector('#forest-many-to-one-sentiment-0 svg')?.isConnected")
    browser.point_at("#forest-many-to-one-sentiment-0 .mark-symbol path")
    facts = dict(line.split("\t") for line in tooltip(browser).split("\n"))
    assert facts["label"] == "rnn against majority (sentiment)"
    assert float(facts["points of accuracy"]) == pytest.approx(28, abs=1.5)
    assert facts["holds above"] == "0"


def open_claim(browser: Browser, page: Path, name: str) -> None:
    """Opens a claim and waits for the charts of its pictures that show."""
    browser.open(page)
    browser.run(f"location.hash = '#claim-{name}'")
    browser.wait_for(f"document.querySelector('#claim-{name}').checkVisibility()")
    browser.settle()


def test_gates_are_stepped_through_by_keyboard(browser: Browser, page: Path) -> None:
    browser.problems.clear()
    open_claim(browser, page, "lstm-gates")
    figure = "document.querySelector('#claim-lstm-gates .stepped')"
    told = f"{figure}.querySelector('output').textContent"
    shown = f"[...{figure}.querySelectorAll('.told')].filter(one => one.checkVisibility())"
    column = "document.querySelectorAll('#gates-filler-lstm .mark-rect')[1].querySelector('path')"
    assert browser.run(told) == "5 of 5: bad"
    before = browser.run(f"{column}.getBoundingClientRect().x")
    browser.run(f"{figure}.querySelector('[type=range]').focus()")
    browser.press("ArrowDown")
    assert browser.run(told) == "4 of 5: not"
    assert browser.run("document.activeElement.ariaValueText") == "4 of 5: not"
    assert browser.run(f"{shown}.map(one => one.textContent)") == ["After not it would say negative 0.70."]
    browser.run("new Promise(done => setTimeout(done, 100))")
    assert browser.run(f"{column}.getBoundingClientRect().x") < before
    browser.point_at("#units-filler-lstm .mark-tick path, #units-filler-lstm .mark-rect path")
    assert "word\tnot" in tooltip(browser)
    assert browser.problems == []


def test_a_click_on_a_column_names_its_word(browser: Browser, page: Path) -> None:
    open_claim(browser, page, "lstm-gates")
    browser.click("#gates-filler-lstm .mark-rect path:nth-of-type(2)")
    told = "document.querySelector('#claim-lstm-gates output').textContent"
    assert browser.run(told) == "2 of 5: film"
    assert browser.run("document.querySelector('#claim-lstm-gates [type=range]').value") == "2"


def test_the_tree_grows_with_the_slider_and_a_word_tells_what_leads_to_it(
    browser: Browser, page: Path
) -> None:
    browser.problems.clear()
    open_claim(browser, page, "beam-width")
    words = "[...document.querySelectorAll('#tree-translation-none .mark-text text')].map(t => t.textContent)"
    tables = (
        "[...document.querySelectorAll('#claim-beam-width [data-step]')].filter(t => t.checkVisibility())"
    )
    assert {"start", "la", "lampe", "⏎", EVIL} <= set(browser.run(words))
    assert browser.run(f"{tables}.map(table => table.ariaLabel)") == ["Candidates of step 3"]
    browser.run("document.querySelector('#claim-beam-width [type=range]').focus()")
    browser.press("ArrowDown")
    browser.press("ArrowDown")
    browser.wait_for(f"!{words}.includes('lampe')")
    assert set(browser.run(words)) == {"start", "la", "une", EVIL}
    assert browser.run(f"{tables}.map(table => table.ariaLabel)") == ["Candidates of step 1"]
    browser.press("ArrowUp")
    browser.wait_for(f"{words}.includes('porte')")
    browser.run(
        "[...document.querySelectorAll('#tree-translation-none text')]"
        ".filter(t => t.textContent === 'porte').at(-1).id = 'porte'"
    )
    browser.point_at("#porte")
    facts = dict(line.split("\t") for line in tooltip(browser).split("\n"))
    assert facts["so far"] == "la porte"
    assert float(facts["log-probability so far"]) == -1.9
    assert facts["fate"] == "kept"
    assert browser.problems == []


def test_another_network_is_shown_at_the_same_word(browser: Browser, page: Path) -> None:
    open_claim(browser, page, "lstm-gates")
    browser.run("document.querySelector('#claim-lstm-gates [type=range]').focus()")
    browser.press("ArrowDown")
    choice = "document.querySelector('[data-panels=stepped-gates-filler]')"
    browser.run(f"({choice}.selectedIndex = 0, {choice}.dispatchEvent(new Event('change')))")
    browser.settle()
    browser.point_at("#units-filler-rnn .mark-rect path")
    assert "word\tnot" in tooltip(browser)


def test_without_scripts_every_claim_can_be_read(browser: Browser, page: Path) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.call("Page.navigate", url=page.as_uri())
        browser.wait_for("document.readyState === 'complete' && !window.vegaEmbed")
        assert browser.run("document.querySelector('.filters').hidden") is True
        rows = browser.run("document.querySelectorAll('.ledger tbody tr').length")
        assert browser.run(f"{SHOWN}.length") == rows > 50
        browser.click("details:has(> #claim-memory) > summary")
        assert "doublings of the half-life" in browser.run(
            "document.querySelector('#claim-memory').innerText"
        )
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
