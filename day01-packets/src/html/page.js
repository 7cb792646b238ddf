// Steps through the exchanges that the page knows. All that it shows comes from `data`, and is put
// into the page as text: a message may say anything.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);

  // The words of the page. Those of the steps stay as the programs print them.
  const WORDS = {
    en: {
      title: "The packets behind the calls",
      language: "中文",
      choice: "What to show",
      tcp: "TCP",
      udp: "UDP",
      both: "side by side",
      loss: "Frames lost",
      seed: "Seed",
      raw: "raw numbers",
      player: "Steps",
      first: "First step",
      back: "Step back",
      play: "Play",
      pause: "Pause",
      forward: "Step forward",
      last: "Last step",
      slider: "Step",
      number: (step, steps) => `step ${step} of ${steps}`,
      client: "client",
      server: "server",
      local: (ms, host, text) => `${ms} ms, ${host}: ${text}`,
      sent: (ms, from, to, text) => `${ms} ms, ${from} to ${to}: ${text}`,
      comma: ", ",
      crossing: (ms) => `a frame takes ${ms} ms to cross`,
      lossless: "none is lost",
      lossy: (percent, seed) => `${percent}% of them are lost (seed ${seed})`,
      waits: "waits",
      none: "no state",
      ladder: "All that has happened so far",
      bytes: (number) => (number === 1 ? "1 byte" : `${number} bytes`),
      counts: [
        "the same messages, over",
        "packets sent, without ARP",
        "lost on the way",
        "sent again",
        "bytes the client sent",
        "delivered to the server",
        "delivered back to the client",
      ],
      noUdp: "UDP cannot send them: one is too long for a datagram.",
      words: "What the words mean",
      meanings: [
        ["ms", "when a frame is sent; it arrives 10 ms later"],
        ["[STATE]", "the end on this side of the connection is in this state now"],
        ["seq", "the number of the first byte in the segment, counted from the SYN, which is 0; raw, as it is sent: the SYN has a random one"],
        ["ack", "the number of the next byte that is expected: all before it have come"],
        ["win", "the window: the host that sent this has room to receive so many bytes"],
        ["waits", "the call has not returned: the program can do nothing else"],
        ["lost", "the frame vanished on the way; neither host is told"],
        ["sent again", "this segment had been sent before"],
        ["told, not told", "whether the socket hears of the error that an ICMP packet reports"],
        ["TIME-WAIT", "the end that closed first waits, in case its last ACK is lost: 10 seconds here, 4 minutes in the standard"],
        ["RST", "reset: there is no connection here, or none any more"],
      ],
      keys: "Keys",
      keyMeanings: [
        ["→ ←", "a step forward, a step back (or swipe)"],
        ["Home End", "the first step, the last step"],
        ["Space", "play, pause"],
        ["Enter", "open the frame, or close it; on a touch screen, touch it"],
        ["Esc", "close all frames"],
      ],
    },
    zh: {
      title: "调用背后的包",
      language: "English",
      choice: "看什么",
      tcp: "TCP",
      udp: "UDP",
      both: "并排",
      loss: "丢帧",
      seed: "种子",
      raw: "原始编号",
      player: "步骤",
      first: "第一步",
      back: "上一步",
      play: "播放",
      pause: "暂停",
      forward: "下一步",
      last: "最后一步",
      slider: "步骤",
      number: (step, steps) => `第 ${step} 步，共 ${steps} 步`,
      client: "客户端",
      server: "服务端",
      local: (ms, host, text) => `${ms} 毫秒，${host}：${text}`,
      sent: (ms, from, to, text) => `${ms} 毫秒，${from}发给${to}：${text}`,
      comma: "，",
      crossing: (ms) => `一个帧在路上走 ${ms} 毫秒`,
      lossless: "一个也不丢",
      lossy: (percent, seed) => `丢 ${percent}%（种子 ${seed}）`,
      waits: "等待中",
      none: "没有状态",
      ladder: "到现在为止发生的一切",
      bytes: (number) => `${number} 个字节`,
      counts: [
        "同样的消息，经过",
        "发出的包（不算 ARP）",
        "路上丢失",
        "重新发送",
        "客户端发送的字节",
        "送到服务端",
        "送回客户端",
      ],
      noUdp: "UDP 发不了这些消息：有一条太长，一个数据报装不下。",
      words: "这些词的意思",
      meanings: [
        ["ms", "帧发出的时刻，单位毫秒；10 毫秒以后到达"],
        ["[STATE]", "连接的这一端现在进入的状态"],
        ["seq", "序号：报文段里第一个字节的编号，SYN 算 0；原始编号就是线路上的那个数，SYN 的编号是随机的"],
        ["ack", "确认号：期望收到的下一个字节的编号，它前面的都已收到"],
        ["win", "窗口：发出这个报文段的主机还能接收这么多字节"],
        ["waits", "调用还没有返回，程序在这里停住，做不了别的"],
        ["lost", "帧在路上丢了，两台主机都不知道"],
        ["sent again", "这个报文段以前发过，这是重发"],
        ["told, not told", "ICMP 包报告的错误，有没有告诉套接字"],
        ["TIME-WAIT", "先关闭的一端再等一段时间，以防最后一个 ACK 丢失：这里是 10 秒，标准里是 4 分钟"],
        ["RST", "复位：这里没有这个连接，或者已经没有了"],
      ],
      keys: "按键",
      keyMeanings: [
        ["→ ←", "下一步，上一步（触摸屏上左右滑动）"],
        ["Home End", "第一步，最后一步"],
        ["Space", "播放，暂停"],
        ["Enter", "打开或者合上这个帧；触摸屏上点一下"],
        ["Esc", "合上所有的帧"],
      ],
    },
  };

  // What is shown. The address may choose: page.html#lang=zh&view=both&loss=20&seed=36&step=7&open
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

  /** An element with a class, a text and children. */
  function element(name, className, text, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    made.append(...children);
    return made;
  }

  /** Makes what is told of a step, in the words of the picture. */
  function sentence(row) {
    const { local, sent, comma } = words();
    const other = row.end === "client" ? "server" : "client";
    const text = row.text_shown;
    const parts = [
      row.part
        ? sent(row.at, words()[row.end], words()[other], text)
        : local(row.at, words()[row.end], text),
    ];
    if (row.again) parts.push("sent again");
    const came = row.lost ? "lost" : row.state ? `[${row.state}]` : row.came;
    if (came) parts.push(came);
    return parts.join(comma);
  }

  // A panel: one exchange, with its hosts, its cable and its ladder.

  function exchangeOf(protocol) {
    const loss = Number(shown.loss);
    // Without loss all seeds are the same.
    return data.exchanges.find(
      (one) => one.protocol === protocol && one.loss === loss && (loss === 0 || one.seed === shown.seed),
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
    const ladder = element("ol", "ladder");
    ladder.setAttribute("aria-label", words().ladder);
    const rows = exchange.rows.map((row, at) => {
      row.text_shown = (shown.raw && row.raw) || row.text;
      return makeRow(row, exchange.rows[at - 1]);
    });
    ladder.append(...rows);
    const failure = element("p", "failure", exchange.failure || "");
    failure.hidden = true;
    figure.append(caption, element("div", "hosts", "", client.card, wire, server.card), ladder, failure);
    return { protocol, exchange, figure, client, server, wire, ladder, rows, failure, step: -1 };
  }

  function makeHost(end) {
    const call = element("span", "call");
    const waits = element("span", "waits");
    const state = element("span", "state");
    // Where there is little room, the port goes to a line of its own.
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
        element("span", "label", row.text_shown), element("span", "arrow"));
      button.type = "button";
      button.setAttribute("aria-label", sentence(row));
      button.setAttribute("aria-expanded", "false");
      button.addEventListener("click", () => openFrame(item, row));
      const notes = element("div", "notes");
      notes.setAttribute("aria-hidden", "true");
      if (row.again) notes.append(element("span", "again", "sent again"));
      if (row.lost) notes.append(element("span", "came lost", "lost"));
      else if (row.state) notes.append(element("span", "came", "", element("span", "state", row.state)));
      else if (row.came) notes.append(element("span", "came", row.came));
      lane.append(button, notes);
    } else {
      item.classList.add(row.alike ? "alike" : "local");
      // As far as a column is wide, in letters.
      item.classList.toggle("two-lines", row.text.length + (row.state || "").length > 21);
      const text = element("span", "words", "", element("span", "", row.text));
      if (row.state) text.append(element("span", "state", row.state));
      text.setAttribute("aria-hidden", "true");
      lane.append(element("span", "unseen", sentence(row)), text);
    }
    return item;
  }

  // A frame, layer by layer.

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
      // The name of the application's part is its text, which is shown among the fields.
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

  function closeFrames() {
    for (const button of document.querySelectorAll(".open-frame[aria-expanded=true]")) button.click();
  }

  // The steps: how many rows of each panel are to be seen at each of them.

  function makeMoments() {
    const [one, other] = panels.map((panel) => panel.exchange.rows);
    if (!other) return one.map((_, at) => [at + 1]);
    // Side by side both go by one clock: a row of each as long as they have one of this time.
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

  /** Shows a step. `moves`: the frame that is sent in it travels. */
  function show(step, moves) {
    shown.step = Math.max(0, Math.min(step, moments.length - 1));
    const before = moments[shown.step - 1] || moments[0].map(() => 0);
    const said = [];
    panels.forEach((panel, at) => {
      const count = moments[shown.step][at];
      const is_new = count > before[at];
      showPanel(panel, count, is_new, moves && is_new);
      if (is_new) {
        const text = sentence(panel.exchange.rows[count - 1]);
        said.push(panels.length > 1
          ? element("div", "", "", element("b", "", words()[panel.protocol]), ` ${text}`)
          : element("div", "", text));
      }
      const failed = count === panel.rows.length && panel.exchange.failure;
      panel.failure.hidden = !failed;
      if (failed && is_new) said.push(element("div", "", failed));
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

  function showPanel(panel, count, is_new, moves) {
    const { exchange, rows, ladder } = panel;
    rows.forEach((item, at) => {
      item.hidden = at >= count;
      item.classList.toggle("now", is_new && at === count - 1);
      item.classList.toggle("travels", moves && at === count - 1);
    });
    const row = exchange.rows[count - 1];
    const item = rows[count - 1];
    for (const end of ["client", "server"]) showHost(panel, end, count, moves);
    panel.wire.replaceChildren(...(row && row.part && is_new ? makeParcel(row, moves) : []));
    if (item) {
      item.querySelectorAll(".state, .came").forEach((one) => {
        one.classList.toggle("arrives", moves && !!row.part);
      });
    }
    scrollTo(ladder, item);
  }

  /** Scrolls the ladder, and nothing around it, until this row is to be seen. */
  function scrollTo(ladder, item) {
    const top = item ? item.offsetTop : 0;
    const below = item ? top + item.offsetHeight + 8 - ladder.clientHeight : 0;
    if (ladder.scrollTop < below) ladder.scrollTop = below;
    if (ladder.scrollTop > top) ladder.scrollTop = top;
  }

  /** The call that a host's program is in, and the state of its end of the connection. */
  function showHost(panel, end, count, moves) {
    const rows = panel.exchange.rows.slice(0, count);
    const host = panel[end];
    const call = rows.findLast((row) => row.end === end && !row.part && !row.alike && /^\d|^nobody/.test(row.text));
    // A frame changes the state where it arrives.
    const state = rows.findLast((row) => row.state && (row.end === end) === !row.part);
    const waits = !!(call && call.waits);
    host.call.textContent = call ? call.text.replace(/ waits$/, "") : "";
    host.waits.textContent = waits ? words().waits : "";
    host.card.classList.toggle("waiting", waits);
    host.state.textContent = state ? state.state : words().none;
    host.state.classList.toggle("none", !state);
    host.state.classList.toggle("arrives", moves && !!state && state === rows.at(-1) && !!state.part);
  }

  /** The frame on the cable: a box for each of its layers. */
  function makeParcel(row, moves) {
    const headers = data.frames[row.frame];
    const parcel = element("div", `parcel ${row.lost ? "lost" : ""}`);
    parcel.append(...headers.map(({ layer }) => element("i", layer.startsWith("7") ? "message" : "")));
    const name = element("div", "name", row.text_shown);
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

  // What the reader does.

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

  /** Builds all anew: after another choice or language. */
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

  /** The words and choices around the figure. */
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
    meanings("words", w.words, w.meanings);
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
      // A button, and what opens and closes, have these keys for themselves.
      " ": on("button, summary, input[type=checkbox]") ? null : play,
      Enter: on("button, summary, input") ? null : openNow,
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    if (action !== play) stop();
    action();
  }

  /** Opens the frame of this step. */
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
      build(shown.step);
    });
    find("play").addEventListener("click", play);
    find("slider").addEventListener("input", (event) => { stop(); go(Number(event.target.value) - 1); });
    find("loss").addEventListener("change", (event) => { shown.loss = event.target.value; build(0); });
    find("seed").addEventListener("change", (event) => { shown.seed = event.target.value; build(0); });
    find("raw").addEventListener("change", (event) => { shown.raw = event.target.checked; build(shown.step); });
    document.addEventListener("keydown", keyPressed);
    find("panels").addEventListener("touchstart", (event) => { [touched] = event.changedTouches; }, { passive: true });
    find("panels").addEventListener("touchend", touchEnded, { passive: true });
    addEventListener("hashchange", () => { read(location.hash); build(shown.step); });
    // A page around this one that is no neighbour of it can only send word.
    addEventListener("message", (event) => {
      if (event.source === window.parent && typeof event.data === "object" && event.data) {
        const { theme, lang } = event.data;
        if (typeof theme === "string") root.dataset.theme = theme;
        if (lang in WORDS && lang !== shown.lang) {
          shown.lang = lang;
          build(shown.step);
        }
      }
    });
  }

  /** Takes the choices from an address. */
  function read(address) {
    const chosen = new URLSearchParams(address.slice(1));
    const is_one_of = (name, values) => chosen.has(name) && values.map(String).includes(chosen.get(name));
    const views = [...data.protocols, ...(data.protocols.length > 1 ? ["both"] : [])];
    if (is_one_of("lang", Object.keys(WORDS))) shown.lang = chosen.get("lang");
    if (is_one_of("view", views)) shown.view = chosen.get("view");
    if (is_one_of("loss", data.losses)) shown.loss = chosen.get("loss");
    if (is_one_of("seed", data.seeds)) shown.seed = chosen.get("seed");
    if (is_one_of("theme", ["light", "dark"])) root.dataset.theme = chosen.get("theme");
    if (chosen.has("raw")) shown.raw = chosen.get("raw") !== "0";
    if (chosen.has("step")) shown.step = (Number(chosen.get("step")) || 1) - 1;
  }

  /** Takes language and theme from the page around this one, if it lets us look. */
  function follow() {
    let around;
    try {
      around = window.parent.document.documentElement;
    } catch {
      return; // It came from elsewhere: then the reader's system says it.
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
})();
