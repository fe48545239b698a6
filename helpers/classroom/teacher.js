// The teacher's page: one question per screen, how the room is split, and what happened (data: room.py).

const [title, joining, clock, slide, faults, bar] = ["title", "join", "clock", "slide", "fault", "bar"].map((id) => document.getElementById(id));
const VOTES = ["First vote", "Second vote"];
const SILENT_SERVER = "The class's server does not answer: is `make class` still running?";
const many = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
let silent = false; // whether the server has not answered
let seen = null; // what the server says
let lesson = { titles: {}, questions: [] };
let drawnKey = ""; // what the slide shows
let ends = 0; // when the clock ends, in milliseconds
// Where learners open the class unless the server knows better: what stands before it may have another name.
const here = new URLSearchParams({ at: location.href.split("/teach/")[0] });

const button = (text, does) => element("button", { type: "button", onclick: does }, text);

// What is done -------------------------------------------------------------------------------
/** Tell the server what the teacher does. @param {object} what */
async function act(what) {
  try {
    const got = await fetch("do", { method: "POST", body: JSON.stringify(what) });
    const reply = await got.json();
    faults.textContent = reply.error || "";
    return reply;
  } catch {
    faults.textContent = SILENT_SERVER;
    silent = true;
    return {};
  }
}

const question = () => lesson.questions[seen.at];
const go = (step) => seen.lesson && act({ do: "go", at: Math.max(-1, Math.min(seen.at + step, lesson.questions.length - 1)) });
const split = () => question() && act({ do: "show", on: !seen.shown });
const again = () => question() && seen.vote === 1 && act({ do: "again" });
const reveal = () => question() && act({ do: "reveal", on: !seen.revealed });

const stopClock = () => (ends = 0);
const minute = () => (ends = Math.max(ends, Date.now()) + 60_000);

function tick() {
  const left = Math.ceil((ends - Date.now()) / 1000);
  clock.textContent = !ends ? "" : left > 0 ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "Time is up";
}
setInterval(tick, 250);

const begin = async (what) => {
  const { secret } = await act({ do: what });
  if (secret) location.assign(`../${secret}/`);
};

/** A screen down, if the slide goes on below; or else the next question. */
function onward() {
  const below = document.body.scrollHeight - window.scrollY - window.innerHeight > 2;
  if (below) window.scrollBy(0, 0.8 * window.innerHeight);
  else go(1);
}

// By keys and by a presenter's remote.
const KEYS = {
  PageDown: onward, ArrowRight: () => go(1), PageUp: () => go(-1), ArrowLeft: () => go(-1),
  s: split, b: split, ".": split, v: again, r: reveal, c: minute, x: stopClock,
};
window.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select") && !event.key.startsWith("Page"); // a remote's keys always count
  if (event.ctrlKey || event.metaKey || event.altKey || typing || !seen) return;
  const does = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!does) return;
  event.preventDefault();
  if (!event.repeat) does();
});

// What is always there -----------------------------------------------------------------------
const choose = element("select", { onchange: () => choose.value && act({ do: "choose", lesson: choose.value }) });
const jump = element("select", { onchange: () => act({ do: "go", at: Number(jump.value) }) });
const [back, next] = [button("Back", () => go(-1)), button("Next", () => go(1))];
const [splits, second, reveals] = [button("", split), button("Vote again (V)", again), button("", reveal)];
const remove = button("Delete this class and its votes", () => begin("delete"));
remove.disabled = true;
const sure = element("input", { type: "checkbox", onchange: () => (remove.disabled = !sure.checked) });
bar.append(
  back, next, splits, second, reveals, button("Clock: 1 minute more (C)", minute), button("Stop the clock (X)", stopClock),
  element("details", {}, element("summary", {}, "Class"), element("div", {},
    element("label", {}, "Notebook: ", choose), element("label", {}, "Question: ", jump),
    element("a", { href: "votes.csv", download: "votes.csv" }, "Votes as a table, without names"),
    button("A new class", () => begin("new")),
    element("label", {}, sure, " I am sure: "),
    remove,
  )),
);

// The slide ----------------------------------------------------------------------------------
/** Bars, two for each choice where there were two votes, and raised hands apart. @param {object} one */
function bars(one) {
  const rows = one.spec.options.map((option) => seen.splits.flatMap(({ answers, hands }, vote) => {
    const own = answers.filter(([answer]) => answer === option);
    const raised = hands.filter(([answer]) => answer === option).reduce((sum, [, count]) => sum + count, 0);
    const bar = { vote, count: own.length, text: `${own.length}${one.asks_sure && own.length ? ` (${own.filter(([, is]) => is).length} sure)` : ""}` };
    const hand = { vote, hands: true, count: raised, text: many(raised, "raised hand") };
    return [...(answers.length || !hands.length ? [bar] : []), ...(hands.length ? [hand] : [])];
  }));
  const most = Math.max(1, ...rows.flat().map(({ count }) => count));
  return element("ul", { className: "split" }, ...rows.map((row, i) => {
    const option = one.spec.options[i];
    const right = seen.revealed && option === one.truth;
    return element("li", { className: right ? "right" : "" },
      element("strong", {}, `${right ? `${SIGNS.right} ` : ""}${option}`),
      ...row.map(({ vote, count, text, hands }) => {
        const filled = element("span", { className: `fill vote${vote}${hands ? " hands" : ""}` });
        filled.style.width = `${(60 * count) / most}%`;
        return element("span", { className: "row" }, filled, `${seen.splits.length > 1 ? `${VOTES[vote]}: ` : ""}${text}`);
      }),
      seen.revealed && one.meanings[option] ? element("em", {}, one.meanings[option]) : "");
  }));
}

/** A frame with axes; returns it and what places a value across and down. */
function frame(x, y, [xLabel, yLabel], height, what, scale = (value) => value) {
  const at = ([low, high], from, to) => (value) => from + ((scale(value) - scale(low)) / (scale(high) - scale(low) || 1)) * (to - from);
  const [across, down] = [at(x, 110, 580), y ? at(y, height - 60, 15) : () => 0];
  const text = (value, where, anchor) => drawn("text", { ...where, "text-anchor": anchor }, value);
  const marked = y && y[0] < 0 && y[1] > 0 ? [y[0], 0, y[1]] : y || [];
  const svg = drawn("svg", { viewBox: `0 0 640 ${height}`, role: "img", "aria-label": what, class: "plot" },
    drawn("path", { class: "frame", d: `M110 ${y ? 15 : height - 60}V${height - 60}H580` }),
    ...x.map((value) => text(inWords(value), { x: across(value), y: height - 34 }, "middle")),
    ...marked.slice(1, -1).map((value) => drawn("path", { class: "zero", d: `M110 ${down(value)}H580` })),
    ...marked.map((value) => text(inWords(value), { x: 102, y: down(value) + 6 }, "end")),
    text(xLabel, { x: 345, y: height - 8 }, "middle"),
    ...(yLabel ? [text(yLabel, { transform: `translate(16 ${height / 2}) rotate(-90)` }, "middle")] : []));
  return { svg, across, down };
}

/** A strip of dots for each vote, on the same axis; by powers of ten where the numbers are far apart. */
function strips(one) {
  const truths = seen.revealed ? [one.truth] : [];
  const all = [...seen.splits.flatMap(({ answers, hands }) => [...answers, ...hands].map(([value]) => value)), ...truths];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const scale = low > 0 && high / low > 50 ? Math.log : (value) => value;
  const range = low === high ? [low - 1, high + 1] : [low, high];
  return all.length ? seen.splits.map(({ answers, hands }, vote) => {
    const votes = [...answers.map(([value]) => [value, 1]), ...hands];
    const count = votes.reduce((sum, [, n]) => sum + n, 0);
    const { svg, across } = frame(range, null, [one.spec.unit || "answer"], 240, `${VOTES[vote]}: ${many(count, "number")}`, scale);
    const stacks = new Map();
    for (const [value, n] of votes) {
      const bin = Math.round(across(value) / 14);
      for (let i = 0; i < n; i += 1) {
        stacks.set(bin, (stacks.get(bin) || 0) + 1);
        svg.append(drawn("circle", { class: `vote${vote}`, cx: across(value), cy: Math.max(10, 187 - 14 * stacks.get(bin)), r: 7 }));
      }
    }
    for (const value of truths) svg.append(drawn("path", { class: "truth", d: `M${across(value)} 10V180` }));
    return element("figure", {}, element("figcaption", {}, `${VOTES[vote]}: ${many(count, "number")}${answers.length ? "" : hands.length ? ", called out" : ""}`), svg);
  }) : [];
}

/** All curves over one another, for each vote; before it the empty axes. */
function curves(one, votes = seen.splits) {
  const { x, low, high, ghost, known, x_label: xLabel, y_label: yLabel } = one.spec;
  return votes.map(({ answers }, vote) => {
    const caption = seen.open ? `${yLabel} over ${xLabel}` : `${VOTES[vote]}: ${many(answers.length, "curve")}`;
    const { svg, across, down } = frame([Math.min(...x), Math.max(...x)], [low, high], [xLabel, yLabel], 380, caption);
    const path = (heights, kind) => drawn("path", { class: kind, d: heights.map((height, i) => `${i ? "L" : "M"}${across(x[i])} ${down(Math.min(high, Math.max(low, height)))}`).join("") });
    if (ghost) svg.append(path(ghost[1], "ghost"));
    svg.append(...x.flatMap((at, i) => (known[i] === null ? [] : drawn("circle", { class: "known", cx: across(at), cy: down(known[i]), r: 7 }))));
    svg.append(...answers.map(([heights]) => path(heights, `curve vote${vote}`)), ...(seen.revealed && one.truth ? [path(one.truth, "truth")] : []));
    const legend = seen.revealed && one.truth ? "; black, dashed: what happened" : "";
    return element("figure", {}, element("figcaption", {}, `${caption}${legend}`), svg);
  });
}

/** Fields for what the teacher counts where there is no network. @param {object} one */
function hands(one) {
  const options = one.spec.options || [];
  const raised = (option) => (seen.raised.find(([answer]) => answer === option) || [0, ""])[1];
  const counts = options.map((option) => element("input", { type: "number", min: 0, max: 1000, value: raised(option) }));
  const numbers = element("input", { type: "text", size: 30, value: options.length ? "" : seen.raised.map(([value]) => value).join(" ") });
  const status = element("span", { role: "status" });
  const count = async () => {
    const hands = options.length
      ? options.map((option, i) => [option, Number(counts[i].value)]).filter(([, n]) => n)
      : numbers.value.split(/[;\s]+/).filter(Boolean).map((value) => [value, 1]);
    const { done } = await act({ do: "hands", hands });
    status.textContent = done ? ` Taken: ${many(hands.reduce((sum, [, n]) => sum + n, 0), "hand")}.` : "";
  };
  const fields = options.length ? options.map((option, i) => element("label", {}, counts[i], ` ${option}`)) : [element("label", {}, "Numbers called out, a space between them: ", numbers)];
  return element("details", {}, element("summary", {}, "Raised hands"), ...fields, button("Take these counts", count), status);
}

function asked(one) {
  const parts = [];
  const before = element("div", { className: "before", innerHTML: one.before });
  while (before.children.length > 1 && before.textContent.split(/\s+/).length > 60) before.firstElementChild.remove();
  if (seen.open) parts.push(before);
  parts.push(element("p", { className: "question" }, one.text));
  if (seen.open && one.spec.options) parts.push(element("ul", { className: "options" }, ...one.spec.options.map((option) => element("li", {}, option))));
  if (seen.open) return [...parts, ...(one.spec.kind === "drawing" ? curves(one, [{ answers: [] }]) : [hands(one)])];
  if (seen.revealed && !one.meanings[one.truth]) parts.push(element("p", { className: "told" }, one.told ? `What happened: ${one.told}` : "A later notebook shows what happened."));
  const how = { choice: bars, number: strips, drawing: curves }[one.spec.kind](one);
  const pictures = seen.revealed ? one.pictures.map(({ src, alt }) => element("img", { src, alt, className: "picture" })) : [];
  return [...parts, ...pictures, element("div", { className: "splits" }, ...[how].flat()), ...seen.changes.map((sentence) => element("p", {}, sentence))];
}

function opening() {
  const first = Object.entries(lesson.titles).map(([name, text]) => button(text, () => act({ do: "choose", lesson: name })));
  const names = seen.lesson ? [element("p", { className: "question" }, lesson.titles[seen.lesson])]
    : [element("p", { className: "question" }, "Choose a notebook"), element("p", { className: "bar" }, ...first)];
  return [element("div", {}, ...names,
    element("p", {}, "Learners open this address:"),
    element("p", { className: "address" }, `${seen.address}/`, element("wbr"), element("span", {}, seen.code)),
    element("p", {}, "Or, in a notebook: ", element("code", {}, "from helpers import classroom"), element("br"),
      element("code", {}, `classroom.join("${seen.address}", "${seen.code}")`))),
  element("img", { src: lesson.qr, alt: `QR code of ${seen.address}/${seen.code}`, className: "qr" })];
}

function show() {
  const one = question();
  const about = one ? [`question ${seen.at + 1} of ${lesson.questions.length}`, VOTES[seen.vote - 1].toLowerCase(), `${seen.answered[seen.vote - 1]} answered${seen.answered[seen.vote - 1] < seen.voters ? ` of ${seen.voters} so far` : ""}`] : [];
  title.textContent = [lesson.titles[seen.lesson] || "The class", ...about].join(" \u00b7 ");
  [joining.textContent, jump.value] = [`${seen.address}/${seen.code}`, seen.at];
  const { answered: _, voters: __, raised: ___, ...rest } = seen;
  const key = JSON.stringify([rest, lesson.questions.length]);
  if (key === drawnKey) return;
  drawnKey = key;
  slide.replaceChildren(...(one ? asked(one) : opening()));
  slide.className = one ? "" : "two";
  splits.textContent = one && seen.shown ? "Hide the split (S)" : "Show the split (S)";
  reveals.textContent = one && seen.revealed ? "Hide it (R)" : "Reveal (R)";
  for (const each of [splits, second, reveals]) each.disabled = !one;
  second.disabled ||= seen.vote === 2;
  back.disabled = !seen.lesson || seen.at < 0;
  next.disabled = !seen.lesson || seen.at >= lesson.questions.length - 1;
}

async function update(state) {
  if (!seen || seen.lesson !== state.lesson) {
    lesson = await (await fetch(`lesson?${here}`)).json();
    choose.replaceChildren(element("option", { value: "" }, "choose one"), ...Object.entries(lesson.titles).map(([value, text]) => element("option", { value }, text)));
    choose.value = state.lesson || "";
    jump.replaceChildren(...lesson.questions.map(({ name }, i) => element("option", { value: i }, `${i + 1} ${name}`)));
  }
  const moved = !seen || seen.at !== state.at || seen.lesson !== state.lesson;
  if (moved) stopClock(); // it was for the question before
  seen = state;
  show();
  if (moved) window.scrollTo(0, 0);
}

function connect() {
  const news = new EventSource(`news?${here}`);
  news.onmessage = (message) => {
    const state = JSON.parse(message.data);
    if (silent || state.error) faults.textContent = state.error || "";
    silent = false;
    if (state.error) news.close();
    else update(state);
  };
  news.onerror = async () => {
    faults.textContent = SILENT_SERVER;
    silent = true;
    if (news.readyState !== EventSource.CLOSED) return;
    const again = setTimeout(connect, 4000); // after a proxy's 502, for example
    try {
      const got = await fetch(`lesson?${here}`);
      const { error } = await got.json();
      if (got.status !== 404) return;
      clearTimeout(again); // there is no such class any more
      faults.textContent = error;
    } catch { /* the sentence stands */ }
  };
}
connect();
