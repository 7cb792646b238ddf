// Steps through the exchanges.

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const find = (id) => document.getElementById(id);

// What is shown. The URL can set it: page.html#lang=zh&view=both&loss=20&seed=36&step=7&open
const shown = {
  lang: navigator.language.startsWith("zh") ? "zh" : "en",
  view: data.protocol,
  loss: String(data.loss),
  seed: data.seed,
  raw: false,
  step: 0,
};
const embedded = window !== window.parent;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let panels = [];
let moments = [];
let playing = 0;

const words = () => WORDS[shown.lang];

// The steps: for each one, the number of visible rows in each panel.

function makeMoments() {
  const [one, other] = panels.map((panel) => panel.exchange.rows);
  if (!other) return one.map((_, at) => [at + 1]);
  // Side by side they share a clock: a step adds a row to each that has one at this time.
  const times = new Set([...one, ...other].map((row) => row.at));
  const all = [];
  let seen = [0, 0];
  for (const time of [...times].sort((a, b) => a - b)) {
    const more = (rows, from) => from < rows.length && rows[from].at === time;
    while (more(one, seen[0]) || more(other, seen[1])) {
      seen = [seen[0] + more(one, seen[0]), seen[1] + more(other, seen[1])];
      all.push(seen);
    }
  }
  return all;
}

/** Shows a step. `moves`: animates the frame. */
function show(step, moves) {
  shown.step = Math.max(0, Math.min(step, moments.length - 1));
  const before = moments[shown.step - 1] || moments[0].map(() => 0);
  const said = [];
  panels.forEach((panel, at) => {
    const count = moments[shown.step][at];
    const isNew = count > before[at];
    showPanel(panel, count, isNew, moves && isNew);
    if (isNew) {
      const text = sentence(panel.exchange.rows[count - 1]);
      said.push(panels.length > 1
        ? element("div", "", "", element("b", "", words()[panel.protocol]), ` ${text}`)
        : element("div", "", text));
    }
    const failed = count === panel.rows.length && panel.exchange.failure;
    panel.failure.hidden = !failed;
    if (failed && isNew) said.push(element("div", "", failed));
  });
  find("said").replaceChildren(...said);
  find("slider").value = shown.step + 1;
  const number = words().number(shown.step + 1, moments.length);
  find("number").textContent = number;
  find("slider").setAttribute("aria-valuetext", number);
  find("first").disabled = find("back").disabled = shown.step === 0;
  find("last").disabled = find("forward").disabled = shown.step === moments.length - 1;
  if (shown.step === moments.length - 1) stop();
}

// The controls.

function go(step) {
  show(step, step === shown.step + 1);
}

function stop() {
  clearTimeout(playing);
  playing = 0;
  find("play").textContent = words().play;
}

function play() {
  if (playing) return stop();
  find("play").textContent = words().pause;
  const next = () => {
    playing = setTimeout(next, 1300);
    go(shown.step + 1);
  };
  if (shown.step === moments.length - 1) show(0, false);
  playing = setTimeout(next, 400);
}

/** Rebuilds everything after a choice. */
function build(step) {
  const view = shown.view;
  panels = data.protocols
    .toSorted()
    .filter((protocol) => view === "both" || view === protocol)
    .map(makePanel);
  find("panels").replaceChildren(...panels.map((panel) => panel.figure));
  find("panels").classList.toggle("both", view === "both");
  moments = makeMoments();
  find("slider").max = moments.length;
  label();
  stop();
  show(step, false);
}

/** Rebuilds the same step with other texts. */
function rebuild() {
  const open = panels.map(({ rows }) => rows.map((row) => !!row.querySelector(".layers")));
  build(shown.step);
  panels.forEach(({ rows }, at) => rows.forEach((row, number) => {
    if (open[at][number]) row.querySelector(".open-frame").click();
  }));
}

/** Sets all texts and choices around the panels. */
function label() {
  const w = words();
  root.lang = shown.lang;
  document.title = `${w.title} · day01-packets`;
  find("title").textContent = w.title;
  const messages = data.messages.slice(0, 5).concat(data.messages.length > 5 ? ["..."] : []);
  const lossy = shown.loss === "0" ? "" : ` --loss ${shown.loss} --seed ${shown.seed}`;
  const protocol = shown.view === "both" ? data.protocol : shown.view;
  find("command").textContent = `day01-packets ${protocol} ${messages.join(" ")}${lossy}`;
  find("language").textContent = w.language;
  find("language").lang = shown.lang === "zh" ? "en" : "zh";
  find("choice").setAttribute("aria-label", w.choice);
  find("player").setAttribute("aria-label", w.player);
  for (const name of ["loss", "seed", "raw"]) find(`${name}-name`).textContent = w[name];
  for (const name of ["first", "back", "forward", "last", "slider"]) {
    find(name).setAttribute("aria-label", w[name]);
    find(name).title = w[name];
  }
  const views = data.protocols.length > 1 ? ["tcp", "udp", "both"] : data.protocols;
  find("views").replaceChildren(...views.map((view) => {
    const button = element("button", "", w[view]);
    button.type = "button";
    button.dataset.view = view;
    button.setAttribute("aria-pressed", String(view === shown.view));
    button.addEventListener("click", () => {
      shown.view = view;
      build(0);
      find("views").querySelector(`[data-view=${view}]`).focus();
    });
    return button;
  }));
  find("loss").replaceChildren(...data.losses.map((loss) => new Option(`${loss}%`, String(loss))));
  find("seed").replaceChildren(...data.seeds.map((seed) => new Option(seed, seed)));
  find("loss").value = shown.loss;
  find("seed").value = shown.seed;
  find("seed").disabled = shown.loss === "0";
  find("raw").checked = shown.raw;
  countTable();
  const meanings = (id, title, pairs) => {
    find(id).querySelector("summary").textContent = title;
    find(id).querySelector("dl").replaceChildren(...pairs.flatMap(([term, meaning]) =>
      [element("dt", "", term), element("dd", "", meaning)]));
  };
  meanings("words", w.terms, w.meanings);
  meanings("keys", w.keys, w.keyMeanings);
  find("no-udp").textContent = w.noUdp;
  find("no-udp").hidden = data.protocols.includes("udp");
}

function countTable() {
  const protocols = data.protocols.toSorted();
  const [title, ...names] = words().counts;
  const head = element("tr", "", "", ...[title, ...protocols.map((one) => words()[one])].map((name) => {
    const cell = element("th", "", name);
    cell.scope = "col";
    return cell;
  }));
  const rows = ["sent", "lost", "again", "given", "reached", "back"].map((count, at) => {
    const name = element("th", "", names[at]);
    name.scope = "row";
    const cells = protocols.map((one) => element("td", "", String(exchangeOf(one).counts[count])));
    return element("tr", count === "sent" || count === "given" ? "" : "part-of", "", name, ...cells);
  });
  find("counts").replaceChildren(element("thead", "", "", head), element("tbody", "", "", ...rows));
}

function keyPressed(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("select")) return;
  const on = (selector) => event.target.closest(selector);
  const actions = {
    ArrowRight: () => go(shown.step + 1),
    ArrowLeft: () => go(shown.step - 1),
    Home: () => go(0),
    End: () => go(moments.length - 1),
    Escape: closeFrames,
    // Buttons and summaries handle these keys themselves.
    " ": on("button, summary, input[type=checkbox]") ? null : play,
    Enter: on("button, summary, input") ? null : openNow,
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  if (action !== play) stop();
  action();
}

function closeFrames() {
  for (const button of document.querySelectorAll(".open-frame[aria-expanded=true]")) button.click();
}

/** Opens or closes the frame of this step. */
function openNow() {
  for (const button of document.querySelectorAll(".row.now .open-frame")) button.click();
}

let touched = null;
function touchEnded(event) {
  const { clientX, clientY } = event.changedTouches[0];
  const [right, down] = touched ? [clientX - touched.clientX, clientY - touched.clientY] : [0, 0];
  touched = null;
  if (Math.abs(right) > 40 && Math.abs(right) > 2 * Math.abs(down)) {
    stop();
    go(shown.step + (right < 0 ? 1 : -1));
  }
}

function listen() {
  const press = (id, action) => find(id).addEventListener("click", () => { stop(); action(); });
  press("first", () => go(0));
  press("back", () => go(shown.step - 1));
  press("forward", () => go(shown.step + 1));
  press("last", () => go(moments.length - 1));
  press("language", () => {
    shown.lang = shown.lang === "zh" ? "en" : "zh";
    rebuild();
  });
  find("play").addEventListener("click", play);
  find("slider").addEventListener("input", (event) => { stop(); go(Number(event.target.value) - 1); });
  find("loss").addEventListener("change", (event) => { shown.loss = event.target.value; build(0); });
  find("seed").addEventListener("change", (event) => { shown.seed = event.target.value; build(0); });
  find("raw").addEventListener("change", (event) => { shown.raw = event.target.checked; rebuild(); });
  document.addEventListener("keydown", keyPressed);
  find("panels").addEventListener("touchstart", (event) => { [touched] = event.changedTouches; }, { passive: true });
  find("panels").addEventListener("touchend", touchEnded, { passive: true });
  addEventListener("hashchange", () => { read(location.hash); build(shown.step); });
  // An embedding page from another origin can only send messages.
  addEventListener("message", (event) => {
    if (event.source === window.parent && typeof event.data === "object" && event.data) {
      const { theme, lang } = event.data;
      if (typeof theme === "string") root.dataset.theme = theme;
      if (lang in WORDS && lang !== shown.lang) {
        shown.lang = lang;
        rebuild();
      }
    }
  });
}

/** Reads the choices from a part of the URL. */
function read(address) {
  const chosen = new URLSearchParams(address.slice(1));
  const isOneOf = (name, values) => chosen.has(name) && values.map(String).includes(chosen.get(name));
  const views = [...data.protocols, ...(data.protocols.length > 1 ? ["both"] : [])];
  if (isOneOf("lang", Object.keys(WORDS))) shown.lang = chosen.get("lang");
  if (isOneOf("view", views)) shown.view = chosen.get("view");
  if (isOneOf("loss", data.losses)) shown.loss = chosen.get("loss");
  if (isOneOf("seed", data.seeds)) shown.seed = chosen.get("seed");
  if (isOneOf("theme", ["light", "dark"])) root.dataset.theme = chosen.get("theme");
  if (chosen.has("raw")) shown.raw = chosen.get("raw") !== "0";
  if (chosen.has("step")) shown.step = (Number(chosen.get("step")) || 1) - 1;
}

/** Follows the language and the theme of an embedding page from the same origin. */
function follow() {
  let around;
  try {
    around = window.parent.document.documentElement;
  } catch {
    return; // Another origin: keep the settings of the browser.
  }
  const look = () => {
    const theme = ["coal", "navy", "ayu", "dark"].some((name) => around.classList.contains(name));
    root.dataset.theme = theme ? "dark" : "light";
  };
  new MutationObserver(look).observe(around, { attributes: true, attributeFilter: ["class"] });
  look();
  if (around.lang) shown.lang = around.lang.startsWith("zh") ? "zh" : "en";
}

if (embedded) {
  root.classList.add("embedded");
  follow();
}
read(location.search);
read(location.hash);
find("page").hidden = false;
listen();
build(shown.step);
if (new URLSearchParams(location.hash.slice(1)).has("open")) openNow();
