// A panel: one exchange, with the two hosts, the link between them and the sequence diagram. Messages
// are only ever inserted as text, never as HTML.

/** Creates an element with a class, a text and children. */
function element(name, className, text, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

/** Describes a step with the labels of the diagram. */
function sentence(row) {
  const { local, sent, comma } = words();
  const other = row.end === "client" ? "server" : "client";
  const text = row.textShown;
  const parts = [
    row.part
      ? sent(row.at, words()[row.end], words()[other], text)
      : local(row.at, words()[row.end], text),
  ];
  if (row.again) parts.push("sent again");
  const effect = row.lost ? "lost" : row.state ? `[${row.state}]` : row.effect;
  if (effect) parts.push(effect);
  return parts.join(comma);
}

function exchangeOf(protocol) {
  const loss = Number(shown.loss);
  // If no frame is lost, or every one, the seed makes no difference.
  const seedMatters = loss > 0 && loss < 100;
  return data.exchanges.find(
    (one) => one.protocol === protocol && one.loss === loss && (!seedMatters || one.seed === shown.seed),
  );
}

function makePanel(protocol) {
  const exchange = exchangeOf(protocol);
  const figure = element("figure", "panel");
  const caption = element("figcaption", "");
  const lossy = exchange.loss === 0 ? words().lossless : words().lossy(exchange.loss, exchange.seed);
  caption.append(
    element("b", "", words()[protocol]),
    ` · ${words().crossing(data.crossing)}${words().comma}${lossy}`,
  );
  const client = makeHost("client");
  const server = makeHost("server");
  const wire = element("div", "wire");
  wire.setAttribute("aria-hidden", "true");
  const diagram = element("ol", "diagram");
  diagram.setAttribute("aria-label", words().diagram);
  const rows = exchange.rows.map((row, at) => {
    row.textShown = (shown.raw && row.raw) || row.text;
    return makeRow(row, exchange.rows[at - 1]);
  });
  diagram.append(...rows);
  const failure = element("p", "failure", exchange.failure || "");
  failure.hidden = true;
  figure.append(caption, element("div", "hosts", "", client.card, wire, server.card), diagram, failure);
  return { protocol, exchange, figure, client, server, wire, diagram, rows, failure, step: -1 };
}

function makeHost(end) {
  const call = element("span", "call");
  const waits = element("span", "waits");
  const state = element("span", "state");
  // In a narrow window the port is on its own line.
  const [ip, port] = data[end].split(":");
  const address = element("span", "address", "", ip, element("wbr"), `:${port}`);
  const card = element("div", `host ${end}`, "", element("strong", "", words()[end]), address,
    call, waits, element("div", "", "", state));
  return { card, call, waits, state };
}

function makeRow(row, before) {
  const item = element("li", `row ${row.end}`);
  const time = element("time", "", !before || before.at !== row.at ? String(row.at) : "");
  time.setAttribute("aria-hidden", "true");
  if (before && row.at - before.at >= data.pause) item.classList.add("pause");
  const lane = element("div", "lane");
  item.append(time, lane);
  if (row.part) {
    item.classList.add("frame", row.part);
    item.classList.toggle("lost", !!row.lost);
    item.style.setProperty("--part", `var(--${row.part})`);
    const button = element("button", "open-frame", "",
      element("span", "label", row.textShown), element("span", "arrow"));
    button.type = "button";
    button.setAttribute("aria-label", sentence(row));
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => openFrame(item, row));
    const notes = element("div", "notes");
    notes.setAttribute("aria-hidden", "true");
    if (row.again) notes.append(element("span", "again", "sent again"));
    if (row.lost) notes.append(element("span", "effect lost", "lost"));
    else if (row.state) notes.append(element("span", "effect", "", element("span", "state", row.state)));
    else if (row.effect) notes.append(element("span", "effect", row.effect));
    lane.append(button, notes);
  } else {
    item.classList.add(row.alike ? "alike" : "local");
    // The width of a column, in characters.
    item.classList.toggle("two-lines", row.text.length + (row.state || "").length > 21);
    const text = element("span", "words", "", element("span", "", row.text));
    if (row.state) text.append(element("span", "state", row.state));
    text.setAttribute("aria-hidden", "true");
    lane.append(element("span", "unseen", sentence(row)), text);
  }
  return item;
}

// The layers of a frame.

function openFrame(item, row) {
  const button = item.querySelector(".open-frame");
  const open = item.querySelector(".layers");
  button.setAttribute("aria-expanded", String(!open));
  if (open) open.remove();
  else {
    item.append(makeLayers(data.frames[row.frame]));
    scrollTo(item.parentElement, item);
  }
}

function makeLayers(headers) {
  const nested = headers.map(({ name, length }) => `[${name} ${length}`).join(" ");
  const total = headers.reduce((sum, { length }) => sum + length, 0);
  const text = `${nested}${"]".repeat(headers.length)} = ${words().bytes(total)}`;
  const layers = element("div", "layers", "", element("p", "", text));
  let inside = layers;
  headers.forEach(({ layer, name, length, fields }, depth) => {
    const box = element("details", `layer depth-${depth + 1}`);
    box.open = true;
    // The application's data is also among the fields.
    const title = name.startsWith('"') ? "message" : name;
    box.append(
      element("summary", "", "", element("b", "", layer), ` ${title} `,
        element("span", "bytes", words().bytes(length))),
      element("ul", "", "", ...fields.map((field) => element("li", "", field))),
    );
    inside.append(box);
    inside = box;
  });
  return layers;
}

// A step.

function showPanel(panel, count, isNew, moves) {
  const { exchange, rows, diagram } = panel;
  rows.forEach((item, at) => {
    item.hidden = at >= count;
    item.classList.toggle("now", isNew && at === count - 1);
    item.classList.toggle("travels", moves && at === count - 1);
  });
  const row = exchange.rows[count - 1];
  const item = rows[count - 1];
  for (const end of ["client", "server"]) showHost(panel, end, count, moves);
  panel.wire.replaceChildren(...(row && row.part && isNew ? makeParcel(row, moves) : []));
  if (item) {
    item.querySelectorAll(".state, .effect").forEach((one) => {
      one.classList.toggle("arrives", moves && !!row.part);
    });
  }
  scrollTo(diagram, item);
}

/** Scrolls the diagram, but not the page, so that the row is visible. */
function scrollTo(diagram, item) {
  const top = item ? item.offsetTop : 0;
  const below = item ? top + item.offsetHeight + 8 - diagram.clientHeight : 0;
  if (diagram.scrollTop < below) diagram.scrollTop = below;
  if (diagram.scrollTop > top) diagram.scrollTop = top;
}

/** Shows the current call on a host, and the state of its end of the connection. */
function showHost(panel, end, count, moves) {
  const rows = panel.exchange.rows.slice(0, count);
  const host = panel[end];
  const call = rows.findLast((row) => row.end === end && !row.part && !row.alike && /^\d|^no program/.test(row.text));
  // A frame changes the state of its receiver.
  const state = rows.findLast((row) => row.state && (row.end === end) === !row.part);
  const waits = !!(call && call.waits);
  host.call.textContent = call ? call.text.replace(/ waits$/, "") : "";
  host.waits.textContent = waits ? words().waits : "";
  host.card.classList.toggle("waiting", waits);
  host.state.textContent = state ? state.state : words().none;
  host.state.classList.toggle("none", !state);
  host.state.classList.toggle("arrives", moves && !!state && state === rows.at(-1) && !!state.part);
}

/** Draws the frame on the link, with a box for each layer. */
function makeParcel(row, moves) {
  const headers = data.frames[row.frame];
  const parcel = element("div", `parcel ${row.lost ? "lost" : ""}`);
  parcel.append(...headers.map(({ layer }) => element("i", layer.startsWith("7") ? "message" : "")));
  const name = element("div", "name", row.textShown);
  const track = element("div", "track", "", parcel);
  for (const one of [parcel, name]) one.style.setProperty("--part", `var(--${row.lost ? "other" : row.part})`);
  const way = row.lost ? 65 : 100;
  const [from, to] = row.end === "client" ? [0, way] : [100, 100 - way];
  parcel.style.left = `${to}%`;
  if (moves && !calm.matches) {
    parcel.animate({ left: [`${from}%`, `${to}%`] }, { duration: 900, easing: "linear" });
  }
  if (row.lost) {
    const cross = element("div", `cross ${moves ? "arrives" : ""}`, "✕ lost");
    cross.style.left = `${to}%`;
    track.append(cross);
  }
  return [name, track];
}
