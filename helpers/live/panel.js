// The front end of panels.py: native controls, one <img> and its sentence.
// It uses nothing that browsers reserve for secure origins, as a class's server is often plain http.

/**
 * A control as panels.py describes it.
 * @typedef {{kind: string, label: string, value: Value, unit?: string, low?: number, high?: number,
 *            step?: number, options?: Value[], film?: boolean}} Spec
 * @typedef {number | string | boolean} Value
 * @typedef {{input: HTMLElement, read: () => Value, set: (value: Value) => void, unit?: string}} Made
 */

const PATIENCE = 300; // milliseconds until a panel says that it is working
const WORKING = "Working on this setting: a network trains, or one of a new shape is compiled first. You can move on.";
const REST = 500; // milliseconds without a new picture until its sentence is announced
const WORDS_BELOW = "The sentence below says what this picture shows.";
const FILM = 6000; // milliseconds of a film, if its pictures come fast enough

/** Whether two settings are equal. @param {Object<string, Value>} a @param {Object<string, Value>} b */
const same = (a, b) => Object.keys(a).every((name) => a[name] === b[name]);

/** "1,000 epochs", "1 epoch", "relu". @param {Value} value @param {string} [unit] @returns {string} */
function inWords(value, unit) {
  const number = typeof value === "number";
  const text = number ? value.toLocaleString("en-US", { maximumFractionDigits: 10 }).replace("-", "\u2212") : value;
  return unit ? `${text} ${value === 1 ? unit.replace(/s$/, "") : unit}` : `${text}`;
}

/** Makes each kind of control. @type {Object<string, (spec: Spec) => Made>} */
const KINDS = {
  slider(spec) {
    const input = element("input", { type: "range", min: spec.low, max: spec.high, step: spec.step });
    const read = () => Number(input.value);
    return { input, read, set: (value) => (input.value = value), unit: spec.unit };
  },
  steps(spec) {
    const input = element("input", { type: "range", min: 0, max: spec.options.length - 1, step: 1 });
    const read = () => spec.options[Number(input.value)];
    return { input, read, set: (value) => (input.value = spec.options.indexOf(value)), unit: spec.unit };
  },
  choice(spec) {
    const options = spec.options.map((option) => element("option", {}, inWords(option, spec.unit)));
    const input = element("select", {}, ...options);
    const read = () => spec.options[input.selectedIndex];
    return { input, read, set: (value) => (input.selectedIndex = spec.options.indexOf(value)) };
  },
  switch() {
    const input = element("input", { type: "checkbox", role: "switch" });
    return { input, read: () => input.checked, set: (value) => (input.checked = value) };
  },
};

/**
 * @param {string} name @param {Spec} spec @param {(name: string, value: Value) => void} moved
 * @returns {{row: HTMLElement, set: (to: Value) => void}}
 */
function control(name, spec, moved) {
  const made = KINDS[spec.kind](spec);
  const id = `course-control-${Math.random()}`; // not counted: each widget on the page counts for itself
  made.input.id = id;
  made.input.name = name;
  const label = element("label", { htmlFor: id }, spec.label);
  const row = element("div", { className: "control" }, label, made.input);
  const value = element("span", { className: "value", "aria-hidden": "true" }); // aria-valuetext and the switch's state say the same
  if (spec.kind !== "choice") row.append(value);
  function tell() {
    const now = made.read();
    made.input.dataset.value = JSON.stringify(now);
    value.textContent = spec.kind === "switch" ? (now ? "on" : "off") : inWords(now, made.unit);
    if (made.input.type === "range") made.input.setAttribute("aria-valuetext", value.textContent);
  }
  made.input.addEventListener("input", () => {
    tell();
    moved(name, made.read());
  });
  const set = (to) => {
    if (made.read() !== to) made.set(to);
    tell();
  };
  return { row, set };
}

/**
 * A handle in the picture, dragged between two points. Keys move the control's own slider.
 * @param {string} name @param {Spec} spec @param {number[][]} track @param {HTMLElement} image
 * @param {(name: string, value: Value) => void} moved
 */
function handle(name, spec, [start, end], image, moved) {
  const node = element("div", { className: "handle", title: spec.label, "aria-hidden": "true" });
  node.dataset.moves = name;
  const range = spec.high - spec.low;
  const set = (value) => {
    const share = (value - spec.low) / range;
    node.style.left = `${100 * (start[0] + share * (end[0] - start[0]))}%`;
    node.style.top = `${100 * (start[1] + share * (end[1] - start[1]))}%`;
  };
  node.addEventListener("pointerdown", (event) => node.setPointerCapture(event.pointerId));
  node.addEventListener("pointermove", (event) => {
    if (!node.hasPointerCapture(event.pointerId)) return;
    const { left, top, width, height } = image.getBoundingClientRect();
    const [x, y] = [(end[0] - start[0]) * width, (end[1] - start[1]) * height];
    const along = (event.clientX - left - start[0] * width) * x + (event.clientY - top - start[1] * height) * y;
    const goal = spec.low + (range * along) / (x * x + y * y);
    const away = (value) => Math.abs(value - goal);
    moved(name, positions(spec).reduce((best, value) => (away(value) < away(best) ? value : best)));
  });
  return { node, set };
}

/**
 * What answers a panel: a kernel, or a page's own store. It receives settings, and returns the view of some settings.
 * tracks: the two points of the picture between which a control's handle moves. waiting: what a store says until it has an answer.
 * @typedef {{controls: Object<string, Spec>, size: number[], tracks: Object<string, number[][]>, waiting?: string, send: (values: object) => void,
 *            view: () => View, listen: (changed: (what: string) => void) => () => void}} Answerer
 * @typedef {{values: object, shown: object, picture: string, sentence: string, error: string, working: boolean}} View
 */

/** All values of a slider, from its low end on. @param {Spec} spec @returns {Value[]} */
function positions(spec) {
  if (spec.options) return spec.options;
  return Array.from({ length: Math.round((spec.high - spec.low) / spec.step) + 1 }, (_, at) => spec.low + at * spec.step);
}

/** Build the panel, keep it up to date, and return a function that removes it. @param {Answerer} answerer @param {HTMLElement} el */
function panel(answerer, el) {
  const specs = answerer.controls;
  const [width, height] = answerer.size;
  const set = (name, value) => answerer.send({ ...answerer.view().values, [name]: value });
  const moved = (name, value) => {
    stopFilm(); // the reader takes over
    set(name, value);
    setControls();
  };
  const controls = Object.entries(specs).map(([name, spec]) => [name, control(name, spec, moved)]);
  const reset = element("button", { type: "button" }, "Reset");
  const [filmed, filmedSpec] = Object.entries(specs).find(([, spec]) => spec.film) ?? [];
  const play = element("button", { type: "button", hidden: !filmed });
  const status = element("p", { className: "status", role: "status" });
  const error = element("p", { className: "error", hidden: true, role: "alert" });
  const image = element("img", { width, height, decoding: "sync", alt: WORDS_BELOW });
  const handles = Object.entries(answerer.tracks).map(([name, track]) => [name, handle(name, specs[name], track, image, moved)]);
  // The visible sentence follows each picture; screen readers get only the last one.
  const sentence = element("p", { className: "sentence", "aria-hidden": "true" });
  const announced = element("p", { className: "announced", "aria-live": "polite" }, answerer.view().sentence);
  const labels = Object.values(specs).map((spec) => spec.label).join(", ");
  const root = element(
    "div",
    { className: "course-panel", role: "group", "aria-label": `Panel with ${labels}` },
    element("div", { className: "controls" }, ...controls.map(([, made]) => made.row)),
    element("div", { className: "bar" }, reset, play, status),
    element("div", { className: "picture" }, image, ...handles.map(([, made]) => made.node)),
    sentence,
    announced,
    error,
  );
  root.style.setProperty("--ratio", `${width / height}`);
  const freeKeys = keepKeys(root);
  el.append(root);

  let timer = 0;
  let resting = 0;
  let drawn = null;
  const waiting = () => answerer.waiting || (answerer.view().working ? WORKING : SILENT);
  let film = []; // the values still to be shown
  let frame = 0;
  function waits() {
    const { working, error: fault, values, shown } = answerer.view();
    return working || !(fault || same(values, shown));
  }

  function watch() {
    root.dataset.busy = waits() ? "yes" : "no";
    if (!waits()) {
      clearTimeout(timer);
      timer = 0;
      status.textContent = "";
    } else if (!timer) {
      timer = setTimeout(() => {
        status.textContent = waiting();
      }, PATIENCE);
    } else if (status.textContent) {
      status.textContent = waiting();
    }
  }

  function setControls() {
    const values = answerer.view().values;
    for (const [name, made] of [...controls, ...handles]) made.set(values[name]);
    watch();
  }

  // The browser keeps the old picture until the new one is ready; only then the words follow.
  function show() {
    if (answerer.view().picture !== drawn) {
      drawn = answerer.view().picture;
      image.src = drawn;
    } else if (image.complete) {
      tell();
    }
    watch();
  }

  function tell() {
    const text = answerer.view().sentence;
    if (sentence.textContent !== text) {
      sentence.textContent = text;
      clearTimeout(resting);
      resting = setTimeout(() => (announced.textContent = text), REST);
    }
    root.dataset.shown = JSON.stringify(answerer.view().shown);
    if (film.length && !waits()) {
      clearTimeout(frame);
      frame = setTimeout(() => {
        set(filmed, film.shift());
        setControls();
        if (!film.length) stopFilm();
      }, FILM / positions(filmedSpec).length);
    }
  }

  function stopFilm() {
    clearTimeout(frame);
    film = [];
    play.textContent = `Play the ${filmedSpec?.unit ?? ""}`;
  }

  play.addEventListener("click", () => {
    if (film.length) {
      stopFilm();
      return;
    }
    const all = positions(filmedSpec);
    const at = all.indexOf(answerer.view().values[filmed]) + 1;
    film = all.slice(at < all.length ? at : 0);
    play.textContent = "Stop";
    tell();
  });

  function showError() {
    error.textContent = answerer.view().error;
    if (error.textContent) stopFilm();
    error.hidden = !error.textContent;
    watch();
  }

  const changed = { values: setControls, picture: show, shown: show, error: showError, working: watch };
  reset.addEventListener("click", () => {
    stopFilm();
    answerer.send(Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.value])));
  });
  image.addEventListener("load", tell);
  const stop = answerer.listen((what) => changed[what]());
  stopFilm();
  show();
  tell();
  setControls();
  showError();
  return () => {
    clearTimeout(timer);
    clearTimeout(resting);
    clearTimeout(frame);
    freeKeys();
    stop();
  };
}

/** Answer by a kernel, through anywidget's model. @param {{model: object, el: HTMLElement}} */
function render({ model, el }) {
  const names = ["values", "shown", "picture", "sentence", "error", "working"];
  const answerer = {
    controls: model.get("controls"),
    size: model.get("size"),
    tracks: model.get("tracks"),
    send(values) {
      model.set("values", values);
      model.save_changes();
    },
    view: () => Object.fromEntries(names.map((name) => [name, model.get(name)])),
    listen(changed) {
      const listeners = names.filter((name) => name !== "sentence").map((name) => [`change:${name}`, () => changed(name)]);
      for (const [name, listener] of listeners) model.on(name, listener);
      return () => listeners.forEach(([name, listener]) => model.off(name, listener));
    },
  };
  return panel(answerer, el);
}

export { panel };
export default frontEnd(render);
