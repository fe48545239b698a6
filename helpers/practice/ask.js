// The front end of ask.py: one question, a form for its answer, and the feedback.
// It uses nothing that browsers reserve for secure origins, as a class's server is often plain http.

/**
 * A form as in forms.py, and its state as in ask.py (told: the feedback).
 * @typedef {{kind: string, options?: string[], unit?: string, x?: number[], low?: number, high?: number,
 *            x_label?: string, y_label?: string, known?: (?number)[], ghost?: [string, number[]]}} Form
 * @typedef {string | number | number[]} Answer
 * @typedef {{answer?: Answer, typed?: string, kept?: string, told: string, look: string, truth: ?number[], open: boolean,
 *            change: boolean, fault: string, turn?: number}} Now
 * show(now, touched): touched is whether the reader has changed the answer since a kept one was shown.
 * @typedef {{nodes: HTMLElement[], read: () => Answer, show: (now: Now, touched: boolean) => void, missing?: string}} Made
 */

const PATIENCE = 1500; // milliseconds until a question says that there is no answer
const HELP = "Draw the curve in one stroke, or drag its points. By keys: Tab to it, \u2190 and \u2192 choose a point, \u2191, \u2193, Page Up "
  + "and Page Down move it, Delete takes it away. What you leave out between two points is straight.";
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640;
const HEIGHT = 360;
const EDGE = { left: 140, right: 44, top: 20, bottom: 56 };

/** @param {string} tag @param {Object<string, string | number>} attributes @param {...(Node | string)} children */
function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** "74,535", "0.5", "−3". @param {number} value */
const inWords = (value) => Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 6 }).replace("-", "\u2212");

/** Makes each kind of form. @type {Object<string, (form: Form) => Made>} */
const KINDS = {
  choice(form) {
    const name = `course-ask-${Math.random()}`; // not counted: each widget on the page counts for itself
    const inputs = form.options.map((option) => element("input", { type: "radio", name, value: option }));
    const rows = inputs.map((input, i) => element("label", { className: "option" }, input, element("span", {}, form.options[i])));
    const read = () => (inputs.find((input) => input.checked) || {}).value;
    const show = (now, touched) => {
      for (const input of inputs) {
        if (!touched) input.checked = input.value === now.answer;
        input.disabled = !now.open;
      }
    };
    return { nodes: rows, read, show };
  },
  number(form) {
    const input = element("input", { type: "text", inputMode: "decimal", autocomplete: "off", size: 14 });
    const label = element("label", { className: "option" }, "A number: ", input, form.unit ? ` ${form.unit}` : "");
    const show = (now, touched) => {
      if (!touched) input.value = now.typed ?? String(now.answer ?? "");
      input.disabled = !now.open;
    };
    return { nodes: [label], read: () => input.value.trim() || undefined, show };
  },
  drawing,
};

/** Round numbers from low to high, three to seven of them. @param {number} low @param {number} high */
function round(low, high) {
  const sizes = [10, 5, 2.5, 2, 1].map((size) => size * 10 ** Math.floor(Math.log10(high - low)));
  const step = [...sizes, ...sizes.map((size) => size / 10)].filter((size) => (high - low) / size <= 6.01).pop();
  const first = Math.ceil(low / step - 0.01);
  return Array.from({ length: Math.floor(high / step + 0.01) - first + 1 }, (_, i) => (first + i) * step);
}

/** A curve through points that a mouse, a finger or the arrow keys set. @param {Form} form @returns {Made} */
function drawing(form) {
  const { x, low, high, known, ghost } = form;
  const last = x.length - 1;
  const across = (value) => EDGE.left + ((value - x[0]) / (x[last] - x[0])) * (WIDTH - EDGE.left - EDGE.right);
  const down = (value) => EDGE.top + ((high - value) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const clamp = (value) => Math.min(high, Math.max(low, value));
  const path = (values) => values.map((value, i) => (value === null ? "" : `${across(x[i])} ${down(clamp(value))}`))
    .filter(Boolean).map((place, i) => (i ? "L" : "M") + place).join("");
  const heights = [...known]; // null where nothing is set
  let open = true;
  let happened = null;

  const levels = round(low, high);
  const step = (levels[1] - levels[0]) / 10;
  let every = 1; // points for each number below the axis, so that numbers do not touch
  while (last % every || across(x[every]) - across(x[0]) < 60) every += 1;
  const lines = [
    ...x.map((value) => `M${across(value)} ${EDGE.top}V${HEIGHT - EDGE.bottom}`),
    ...levels.map((value) => `M${EDGE.left} ${down(value)}H${WIDTH - EDGE.right}`),
  ];
  const axes = drawn("g", { "aria-hidden": "true" },
    drawn("path", { class: "grid", d: lines.join("") }),
    drawn("path", { class: "frame", d: `M${EDGE.left} ${EDGE.top}V${HEIGHT - EDGE.bottom}H${WIDTH - EDGE.right}` }),
    ...(low < 0 && high > 0 ? [drawn("path", { class: "zero", d: `M${EDGE.left} ${down(0)}H${WIDTH - EDGE.right}` })] : []),
    ...levels.map((value) => drawn("text", { x: EDGE.left - 8, y: down(value) + 6, "text-anchor": "end" }, inWords(value))),
    ...x.filter((_, i) => i % every === 0).map((value) =>
      drawn("text", { x: across(value), y: HEIGHT - EDGE.bottom + 26, "text-anchor": "middle" }, inWords(value))),
    drawn("text", { x: (EDGE.left + WIDTH) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, form.x_label),
    drawn("text", { transform: `translate(20 ${HEIGHT / 2 - 20}) rotate(-90)`, "text-anchor": "middle" }, form.y_label),
  );
  if (ghost) {
    const [name, values] = ghost;
    const at = values.findLastIndex((value) => value < high - (high - low) / 8);
    axes.append(drawn("path", { class: "ghost", d: path(values) }),
      drawn("text", { x: across(x[at]) - 10, y: down(values[at]), "text-anchor": "end" }, name));
  }
  const curve = drawn("path", { class: "curve" });
  const truth = drawn("path", { class: "truth" });
  const points = x.map((at) => drawn("circle", { cx: across(at), role: "slider", tabindex: -1, "aria-orientation": "vertical" }));
  const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group" }, axes, truth, curve, ...points);
  svg.setAttribute("aria-label", `${form.y_label} over ${form.x_label}: ${x.length} points, set by the arrow keys`
    + (ghost ? `; a dotted curve shows ${ghost[0]}` : ""));
  const help = element("p", { className: "help" });

  /** Return the height of each point; where it is not set, the height of the line between its neighbours, or null. */
  function whole() {
    return heights.map((height, i) => {
      if (height !== null) return height;
      const before = heights.findLastIndex((one, j) => j < i && one !== null);
      const after = heights.findIndex((one, j) => j > i && one !== null);
      if (before < 0 || after < 0) return null;
      return heights[before] + ((heights[after] - heights[before]) * (x[i] - x[before])) / (x[after] - x[before]);
    });
  }

  function redraw() {
    const all = whole();
    curve.setAttribute("d", path(all));
    points.forEach((point, i) => {
      const at = all[i] ?? clamp(0);
      const yours = all[i] === null ? "not drawn yet" : inWords(all[i]);
      const how = known[i] !== null ? " (given)" : all[i] !== null && heights[i] === null ? " (on the line between its neighbours)" : "";
      const edge = all[i] === null ? "" : at >= high ? ", the top" : at <= low ? ", the bottom" : "";
      const label = `${form.x_label} ${inWords(x[i])}: ${happened ? `you drew ${yours}, it was ${inWords(happened[i])}` : yours + edge + how}`;
      point.setAttribute("cy", all[i] === null ? HEIGHT - EDGE.bottom : down(at));
      point.setAttribute("r", heights[i] === null ? 5 : 8);
      point.setAttribute("class", heights[i] === null ? "open" : known[i] !== null ? "known" : "");
      for (const [name, value] of Object.entries({ label: `point ${i + 1} of ${x.length}`, valuetext: label, valuenow: at, valuemin: low, valuemax: high })) {
        point.setAttribute(`aria-${name}`, value);
      }
    });
  }

  /** Set a point's height, or remove it with null, unless it is given. @param {number} i @param {?number} height */
  function set(i, height) {
    if (!open || known[i] !== null) return;
    heights[i] = height === null ? null : clamp(height);
    redraw();
    svg.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function rest(i) {
    points.forEach((point, j) => point.setAttribute("tabindex", i === j ? 0 : -1));
  }

  /** Where the pointer is: across the picture, and as a height. @param {PointerEvent} event */
  function place(event) {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * WIDTH;
    const y = ((event.clientY - box.top) / box.height) * HEIGHT;
    const share = (y - EDGE.top) / (HEIGHT - EDGE.top - EDGE.bottom);
    return { at: Math.min(across(x[last]), Math.max(EDGE.left, at)), height: high - share * (high - low) };
  }

  function nearest(at) {
    const far = x.map((value) => Math.abs(across(value) - at));
    return far.indexOf(Math.min(...far));
  }

  // The pointer moves one point up and down until it passes another; then it draws a curve.
  let hand = null;

  svg.addEventListener("pointerdown", (event) => {
    if (!open) return;
    svg.setPointerCapture(event.pointerId);
    const start = place(event);
    const point = nearest(start.at);
    hand = { ...start, start, point, before: heights[point], draws: false };
    rest(point);
    set(point, start.height);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    if (!hand || !svg.hasPointerCapture(event.pointerId)) return;
    const to = place(event);
    const [from, until] = [Math.min(hand.at, to.at), Math.max(hand.at, to.at)];
    const passed = x.map((_, i) => i).filter((i) => across(x[i]) >= from && across(x[i]) <= until);
    if (!hand.draws && passed.some((i) => i !== hand.point)) {
      hand.draws = true;
      // A curve that begins beside a point leaves the point where it was, or at the height where the curve begins.
      const beside = Math.abs(across(x[hand.point]) - hand.start.at) > 8;
      set(hand.point, beside && hand.before !== null ? hand.before : hand.own ?? hand.start.height);
    }
    for (const i of passed) {
      // A point gets the height of the curve at its own x, not that of the pointer near it.
      const share = to.at === hand.at ? 1 : (across(x[i]) - hand.at) / (to.at - hand.at);
      const height = hand.height + (to.height - hand.height) * share;
      if (i === hand.point) hand.own = height;
      set(i, height);
    }
    if (!hand.draws && nearest(to.at) === hand.point) set(hand.point, to.height);
    Object.assign(hand, to);
  });
  svg.addEventListener("pointerup", () => {
    const end = hand && nearest(hand.at);
    if (hand?.draws && heights[end] === null) set(end, hand.height);
    hand = null;
  });
  points.forEach((point, i) => {
    point.act = (event) => {
      const now = whole()[i] ?? clamp(0);
      const changes = { ArrowUp: step, ArrowDown: -step, PageUp: 10 * step, PageDown: -10 * step, " ": 0 };
      const next = { ArrowLeft: i - 1, ArrowRight: i + 1 }[event.key];
      if (event.key in changes) set(i, Math.round((now + changes[event.key]) / step) * step);
      else if (event.key === "Home" || event.key === "End") set(i, event.key === "Home" ? low : high);
      else if (event.key === "Delete" || event.key === "Backspace") set(i, null);
      else if (points[next]) {
        rest(next);
        points[next].focus();
      } else if (next === undefined) return;
      event.preventDefault();
    };
  });
  rest(0);

  function show(now, touched) {
    open = now.open;
    if (!touched) heights.splice(0, x.length, ...(now.answer ?? known));
    happened = open ? null : now.truth;
    truth.setAttribute("d", happened ? path(happened) : "");
    for (const point of points) point.setAttribute("aria-disabled", String(!open));
    help.textContent = open ? HELP : now.truth ? "Blue: what you drew. Red, dashed: what happened." : "";
    redraw();
  }

  const read = () => (whole().includes(null) ? undefined : whole());
  return { nodes: [svg, help], read, show, missing: `Draw the curve first, over the whole width, from ${inWords(x[0])} to ${inWords(x[last])}.` };
}

/**
 * What answers a question: a kernel, a class's server, or a page's own store. It receives what the reader does,
 * and returns what to show.
 * @typedef {{question: string, form: Form, asksSure: boolean, send: (message: object) => void, now: () => Now,
 *            listen: (changed: () => void) => () => void}} Answerer
 */

/** Build the question, keep it up to date, and return a function that removes it. @param {Answerer} answerer @param {HTMLElement} el */
function ask(answerer, el) {
  const { form, asksSure } = answerer;
  const made = KINDS[form.kind](form);
  const keep = (text, sure) => element("button", { type: "button", onclick: () => send("keep", sure) }, text);
  const keeps = asksSure ? [keep("Keep: I am sure", true), keep("Keep: not sure", false)] : [keep("Answer", true)];
  const change = element("button", { type: "button", onclick: () => send("change") },
    asksSure ? "Change my mind" : "Try again");
  const status = element("p", { className: "status", tabIndex: -1, role: "status" });
  const feedback = element("p", { className: "told", "aria-live": "polite" });
  const fault = element("p", { className: "error", role: "alert" });
  const root = element("div", { className: "course-ask" },
    element("fieldset", {}, element("legend", {}, answerer.question), ...made.nodes, element("div", { className: "bar" }, ...keeps, change)),
    status,
    feedback,
    fault,
  );

  let touched = false;
  root.addEventListener("input", () => {
    touched = true;
    fault.hidden = true; // the reader is correcting it
  });
  const freeKeys = keepKeys(root, (event) => event.target.act?.(event));

  let turn = Math.random(); // a kernel remembers the last message of a page that was loaded again
  let timer = 0;

  /** Send what the reader does. @param {string} what @param {boolean} [sure] */
  function send(what, sure = false) {
    const answer = made.read();
    if (what === "keep" && answer === undefined) {
      fault.textContent = made.missing ?? `Answer first: ${form.options ? "choose" : "type a number"}, and then press ${keeps[0].textContent.split(":")[0]}.`;
      fault.hidden = false;
      return;
    }
    turn += 1;
    clearTimeout(timer);
    timer = setTimeout(() => (status.textContent = SILENT), PATIENCE);
    answerer.send({ do: what, answer: answer ?? null, sure, turn }); // a page has its answer at once
  }

  function show() {
    clearTimeout(timer);
    const now = answerer.now();
    const focused = root.getRootNode().activeElement;
    if (!now.open && now.answer !== undefined) touched = false;
    made.show(now, touched);
    for (const one of keeps) one.hidden = !now.open;
    change.hidden = !now.change;
    // A live region must exist before its text, and change only with it.
    const kept = now.open ? "" : now.kept || "";
    if (status.textContent !== kept) status.textContent = kept;
    if (feedback.textContent !== now.told) feedback.textContent = now.told;
    // The focus stays in the question when the focused element is hidden or disabled.
    if (root.contains(focused) && (focused.hidden || focused.disabled)) {
      const field = root.querySelector("fieldset input:checked") ?? root.querySelector("fieldset :is(input, [tabindex='0'])");
      (now.open ? field : now.change ? change : status).focus();
    }
    feedback.dataset.look = now.look || "";
    fault.textContent = now.fault;
    fault.hidden = !now.fault;
    root.dataset.turn = String(now.turn || 0);
  }

  const stop = answerer.listen(show);
  show();
  el.append(root); // only now, so that earlier feedback is not announced again
  return () => {
    clearTimeout(timer);
    freeKeys();
    stop();
  };
}

/** Answer by a kernel, through anywidget's model. @param {{model: object, el: HTMLElement}} */
function render({ model, el }) {
  const answerer = {
    question: model.get("question"),
    form: model.get("form"),
    asksSure: model.get("asks_sure"),
    now: () => model.get("now"),
    send(message) {
      model.set("message", message);
      model.save_changes();
    },
    listen(changed) {
      model.on("change:now", changed);
      return () => model.off("change:now", changed);
    },
  };
  return ask(answerer, el);
}

export { ask };
export default frontEnd(render);
