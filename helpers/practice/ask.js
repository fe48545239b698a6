// The browser's half of ask.py: one question, a form for its answer, and what became of it.
// It uses nothing that browsers keep for secure addresses: a class's server is often plain http.

/**
 * A form as forms.py describes it, and what is shown, as ask.py describes it.
 * @typedef {{kind: string, options?: string[], unit?: string, x?: number[], low?: number, high?: number,
 *            x_label?: string, y_label?: string}} Form
 * @typedef {string | number | number[]} Answer
 * @typedef {{answer?: Answer, typed?: string, kept?: string, told: string, look: string, truth: ?number[], open: boolean,
 *            change: boolean, fault: string, turn?: number}} Now
 * @typedef {{nodes: HTMLElement[], read: () => Answer, show: (now: Now) => void}} Made
 */

const PATIENCE = 1500; // milliseconds until a question says that nobody answers
const SILENT = "No answer yet: the kernel may be at work. If this notebook was just opened, or its kernel restarted, run the cell.";
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

/** What makes each kind of form. @type {Object<string, (form: Form) => Made>} */
const KINDS = {
  choice(form) {
    const name = `course-ask-${Math.random()}`; // not counted: each widget on the page counts for itself
    const inputs = form.options.map((option) => element("input", { type: "radio", name, value: option }));
    const rows = inputs.map((input, i) => element("label", { className: "option" }, input, element("span", {}, form.options[i])));
    const read = () => (inputs.find((input) => input.checked) || {}).value;
    const show = (now) => {
      for (const input of inputs) {
        if (now.answer !== undefined) input.checked = input.value === now.answer;
        input.disabled = !now.open;
      }
    };
    return { nodes: rows, read, show };
  },
  number(form) {
    const input = element("input", { type: "text", inputMode: "decimal", autocomplete: "off", size: 14 });
    const label = element("label", { className: "option" }, "A number: ", input, form.unit ? ` ${form.unit}` : "");
    const show = (now) => {
      if (now.answer !== undefined && !now.open) input.value = now.typed ?? String(now.answer);
      input.disabled = !now.open;
    };
    return { nodes: [label], read: () => input.value.trim() || undefined, show };
  },
  drawing,
};

/** A curve through points that a mouse, a finger or the arrow keys move. @param {Form} form @returns {Made} */
function drawing(form) {
  const { x, low, high } = form;
  const left = Math.min(...x);
  const across = (value) => EDGE.left + ((value - left) / (Math.max(...x) - left)) * (WIDTH - EDGE.left - EDGE.right);
  const down = (value) => EDGE.top + ((high - value) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const clamp = (value) => Math.min(high, Math.max(low, value));
  const path = (heights) => heights.map((height, i) => `${i ? "L" : "M"}${across(x[i])} ${down(clamp(height))}`).join("");
  let heights = x.map(() => (low + high) / 2);
  let touched = false;
  let open = true;
  let happened = null;

  const curve = drawn("path", { class: "curve" });
  const truth = drawn("path", { class: "truth" });
  const points = x.map((at) => drawn("circle", { cx: across(at), r: 9, role: "slider", tabindex: -1, "aria-orientation": "vertical" }));
  const ticks = [low, (low + high) / 2, high].map((value) =>
    drawn("text", { x: EDGE.left - 8, y: down(value) + 6, "text-anchor": "end" }, inWords(value)));
  const below = [x[0], x[Math.floor(x.length / 2)], x[x.length - 1]].map((value) =>
    drawn("text", { x: across(value), y: HEIGHT - EDGE.bottom + 26, "text-anchor": "middle" }, inWords(value)));
  const names = [
    drawn("text", { x: (EDGE.left + WIDTH) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, form.x_label),
    drawn("text", { transform: `translate(20 ${HEIGHT / 2 - 20}) rotate(-90)`, "text-anchor": "middle" }, form.y_label),
  ];
  const frame = drawn("path", {
    class: "frame",
    d: `M${EDGE.left} ${EDGE.top}V${HEIGHT - EDGE.bottom}H${WIDTH - EDGE.right}`,
  });
  const axes = drawn("g", { "aria-hidden": "true" }, frame, ...ticks, ...below, ...names);
  const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group" }, axes, truth, curve, ...points);
  svg.setAttribute("aria-label", `${form.y_label} over ${form.x_label}: ${x.length} points, moved by the arrow keys`);
  const help = element("p", { className: "help" },
    "Drag the points. Or by keys: Tab to the curve, \u2190 and \u2192 choose a point, \u2191 and \u2193 move it.");

  function redraw() {
    curve.setAttribute("d", path(heights));
    points.forEach((point, i) => {
      point.setAttribute("cy", down(heights[i]));
      const yours = inWords(heights[i]);
      const said = `${form.x_label} ${inWords(x[i])}: ${happened ? `you drew ${yours}, it was ${inWords(happened[i])}` : yours}`;
      for (const [name, value] of Object.entries({ label: `point ${i + 1} of ${x.length}`, valuetext: said, valuenow: heights[i], valuemin: low, valuemax: high })) {
        point.setAttribute(`aria-${name}`, value);
      }
    });
  }

  function move(i, height) {
    if (!open) return;
    touched = true;
    heights[i] = clamp(height);
    redraw();
  }

  function rest(i) {
    points.forEach((point, j) => point.setAttribute("tabindex", i === j ? 0 : -1));
  }

  /** Bring the nearest point to where the pointer is. @param {PointerEvent} event */
  function drag(event) {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * WIDTH;
    const height = high - ((((event.clientY - box.top) / box.height) * HEIGHT - EDGE.top) / (HEIGHT - EDGE.top - EDGE.bottom)) * (high - low);
    const far = x.map((value) => Math.abs(across(value) - at));
    const nearest = far.indexOf(Math.min(...far));
    rest(nearest);
    move(nearest, height);
  }

  svg.addEventListener("pointerdown", (event) => {
    if (!open) return;
    svg.setPointerCapture(event.pointerId);
    drag(event);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => svg.hasPointerCapture(event.pointerId) && drag(event));
  points.forEach((point, i) => {
    const step = (high - low) / 40;
    point.act = (event) => {
      const to = { ArrowUp: heights[i] + step, ArrowDown: heights[i] - step, PageUp: heights[i] + 5 * step, PageDown: heights[i] - 5 * step, Home: low, End: high }[event.key];
      const next = { ArrowLeft: i - 1, ArrowRight: i + 1 }[event.key];
      if (to !== undefined) move(i, to);
      else if (points[next]) {
        rest(next);
        points[next].focus();
      } else if (next === undefined) return;
      event.preventDefault();
    };
  });
  rest(0);

  function show(now) {
    open = now.open;
    if (now.answer !== undefined && !touched) heights = [...now.answer];
    if (!open) touched = false;
    happened = open ? null : now.truth;
    truth.setAttribute("d", happened ? path(happened) : "");
    for (const point of points) point.setAttribute("aria-disabled", String(!open));
    help.textContent = open ? help.textContent : now.truth ? "Blue: what you drew. Red, dashed: what happened." : "";
    redraw();
  }
  return { nodes: [svg, help], read: () => (touched ? heights : undefined), show };
}

/**
 * Who answers a question: a kernel, a class's server, or a page's own store. It takes what the reader does,
 * and says what is to be shown.
 * @typedef {{question: string, form: Form, asksSure: boolean, send: (said: object) => void, now: () => Now,
 *            listen: (changed: () => void) => () => void}} Answerer
 */

/** Build the question, keep it up to date, and return what takes it down. @param {Answerer} answerer @param {HTMLElement} el */
function ask(answerer, el) {
  const { form, asksSure } = answerer;
  const made = KINDS[form.kind](form);
  const keep = (text, sure) => element("button", { type: "button", onclick: () => send("keep", sure) }, text);
  const keeps = asksSure ? [keep("Keep: I am sure", true), keep("Keep: not sure", false)] : [keep("Answer", true)];
  const change = element("button", { type: "button", onclick: () => send("change") },
    asksSure ? "Change my mind" : "Try again");
  const status = element("p", { className: "status", tabIndex: -1 });
  status.setAttribute("role", "status");
  const told = element("p", { className: "told" });
  told.setAttribute("aria-live", "polite");
  const fault = element("p", { className: "error" });
  fault.setAttribute("role", "alert");
  const root = element("div", { className: "course-ask" },
    element("fieldset", {}, element("legend", {}, answerer.question), ...made.nodes),
    element("div", { className: "bar" }, ...keeps, change, status),
    told,
    fault,
  );

  const freeKeys = keepKeys(root, (event) => event.target.act?.(event));
  el.append(root);

  let turn = 0;
  let timer = 0;

  /** Tell the kernel what the reader does. @param {string} what @param {boolean} [sure] */
  function send(what, sure = false) {
    const given = made.read();
    if (what === "keep" && given === undefined) {
      fault.textContent = "Answer first: choose, type or draw, and then keep it.";
      fault.hidden = false;
      return;
    }
    turn += 1;
    answerer.send({ do: what, answer: given === undefined ? null : given, sure, turn });
    clearTimeout(timer);
    timer = setTimeout(() => (status.textContent = SILENT), PATIENCE);
  }

  function show() {
    clearTimeout(timer);
    const now = answerer.now();
    const focused = root.getRootNode().activeElement;
    made.show(now);
    for (const one of keeps) one.hidden = !now.open;
    change.hidden = !now.change;
    // What is announced is there before its words are, and changes only with them.
    const kept = now.open ? "" : now.kept || "";
    if (status.textContent !== kept) status.textContent = kept;
    if (told.textContent !== now.told) told.textContent = now.told;
    // A reader by keys stays with the question, also when what had the focus is taken away.
    if (root.contains(focused) && (focused.hidden || focused.disabled)) {
      (now.open ? root.querySelector("fieldset :is(input, [tabindex='0'])") : now.change ? change : status).focus();
    }
    told.dataset.look = now.look || "";
    fault.textContent = now.fault;
    fault.hidden = !now.fault;
    root.dataset.turn = String(now.turn || 0);
  }

  const stop = answerer.listen(show);
  show();
  return () => {
    clearTimeout(timer);
    freeKeys();
    stop();
  };
}

/** A kernel as the answerer, by anywidget's model. @param {{model: object, el: HTMLElement}} */
function render({ model, el }) {
  const answerer = {
    question: model.get("question"),
    form: model.get("form"),
    asksSure: model.get("asks_sure"),
    now: () => model.get("now"),
    send(said) {
      model.set("said", said);
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
export default { render };
