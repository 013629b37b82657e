"use strict";

// Colours are CSS variables: light-dark() follows the scheme, so a change of theme redraws nothing.
const font = getComputedStyle(document.body).fontFamily;
const text = { labelColor: "var(--muted)", titleColor: "var(--muted)", labelFont: font, titleFont: font };
const config = {
  background: "transparent",
  padding: 2,
  font,
  axis: { ...text, gridColor: "var(--line)", domainColor: "var(--line)", tickColor: "var(--line)",
          labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", titlePadding: 8 },
  view: { stroke: null },
};
const options = { ast: true, renderer: "svg", actions: false, defaultStyle: false, config,
                  tooltip: { theme: "page", disableDefaultStyle: true } };

async function draw(place) {
  const spec = JSON.parse(document.getElementById(`spec-${place.id}`).textContent);
  const { view } = await vegaEmbed(place, spec, options);
  place.classList.add("drawn");
  place.dispatchEvent(new CustomEvent("drawn", { bubbles: true, detail: view }));
}

// A chart is drawn when it comes near the screen: forty experiments open as fast as one.
const drawn = new Map();
const drawOnce = (place) => {
  if (!drawn.has(place)) drawn.set(place, draw(place).catch((error) => console.error(place.id, error)));
  return drawn.get(place);
};
const near = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => drawOnce(entry.target)),
  { rootMargin: "400px" },
);
const places = [...document.querySelectorAll(".plot")];
places.forEach((place) => near.observe(place));
addEventListener("beforeprint", () => {
  claims.forEach((claim) => { claim.open = true; });
  places.forEach(drawOnce);
});

// One panel of a viewer at a time; without scripts all of them show.
for (const choice of document.querySelectorAll("[data-panels]")) {
  const panels = [...document.getElementById(choice.dataset.panels).children];
  const show = () => panels.forEach((panel, index) => { panel.hidden = index !== choice.selectedIndex; });
  choice.addEventListener("change", show);
  choice.parentElement.hidden = false;
  show();
}

// A sentence step by step: the slider, or a click on a chart, names the step; without scripts all of them show.
for (const figure of document.querySelectorAll(".stepped")) {
  const slider = figure.querySelector("[type=range]");
  const panels = [...figure.querySelectorAll(".panel")].map((panel) => [...panel.querySelectorAll("[data-step]")]);
  const names = JSON.parse(slider.dataset.steps);
  const views = [];
  const tell = (view) => view.signal("step", slider.valueAsNumber).runAsync();
  const show = () => {
    const name = names[slider.value - 1];
    const place = `${slider.value} of ${names.length}`;
    slider.ariaValueText = figure.querySelector("output").textContent = name ? `${place}: ${name}` : place;
    // One network may end sooner than another.
    panels.forEach((parts) => parts.forEach((part, index) => {
      part.hidden = index !== Math.min(slider.valueAsNumber, parts.length) - 1;
    }));
    views.forEach(tell);
  };
  figure.addEventListener("drawn", ({ detail: view }) => {
    views.push(view);
    view.addEventListener("click", (_, item) => {
      if (!item?.datum?.step) return;
      slider.value = item.datum.step;
      show();
    });
    tell(view);
  });
  slider.addEventListener("input", () => {
    show();
    // A chart that is wider than the screen follows.
    for (const wide of figure.querySelectorAll(".scroll:has(> .plot)")) {
      wide.scrollLeft = (wide.scrollWidth - wide.clientWidth) * (slider.value - 1) / (slider.max - 1 || 1);
    }
  });
  slider.parentElement.hidden = false;
  show();
}

// The ledger's filters; without scripts all rows show.
const filters = document.querySelector(".filters");
if (filters) {
  const rows = [...document.querySelectorAll(".ledger tbody tr")];
  const { section, verdict, red } = filters.elements;
  const filter = () => {
    const wanted = ({ dataset }) => (!section.value || dataset.section === section.value)
      && (!verdict.value || dataset.verdict === verdict.value) && (!red.checked || "red" in dataset);
    rows.forEach((row) => { row.hidden = !wanted(row); });
    filters.querySelector("output").textContent = `${rows.filter(wanted).length} of ${rows.length} claims`;
  };
  filters.addEventListener("change", filter);
  filters.hidden = false;
  filter();
}

// A link to a claim opens it.
const claims = [...document.querySelectorAll("details.claim")];
const reveal = () => {
  const claim = claims.find((one) => one.querySelector(".body").id === location.hash.slice(1));
  if (!claim) return;
  claim.open = true;
  claim.scrollIntoView();
};
addEventListener("hashchange", reveal);
reveal();

const remembered = { get: () => { try { return localStorage.theme; } catch { return null; } },
                     set: (value) => { try { localStorage.theme = value; } catch { /* a page without storage */ } } };
const button = document.querySelector(".theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.style.colorScheme || (system.matches ? "dark" : "light")) === "dark";
const label = () => { button.textContent = isDark() ? "Light" : "Dark"; };
document.documentElement.style.colorScheme = remembered.get() ?? "";
button.addEventListener("click", () => {
  remembered.set(document.documentElement.style.colorScheme = isDark() ? "light" : "dark");
  label();
});
system.addEventListener("change", label);
button.hidden = false;
label();

// Marks where the reader is.
const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
const reading = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((one) => one.isIntersecting)) {
    links.forEach((link) => link.removeAttribute("aria-current"));
    links.get(entry.target.id)?.setAttribute("aria-current", "true");
  }
}, { rootMargin: "-10% 0px -80% 0px" });
document.querySelectorAll("main > section, main > header").forEach((section) => reading.observe(section));
