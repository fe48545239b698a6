// A page's own code: questions, covers for what would give answers away, panels, and the search.
// Nothing that a reader types becomes HTML; only <script> and <img> load files, so file:// works.

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const asked = {};
let covers = [];
const all = (selector) => [...document.querySelectorAll(selector)];
const words = (node, name) => (node.dataset[name] || "").split(" ").filter(Boolean);

/** Load a script, which calls back with its data, once. @param {string} name */
const loading = {};
function script(name) {
  loading[name] ??= new Promise((done, failed) => {
    document.head.append(element("script", { src: name, onload: done, onerror() {
      delete loading[name]; // so that the next try loads it anew
      failed();
    } }));
  });
  return loading[name];
}

// Questions, and what is covered until they are answered --------------------------------

const FITS = {
  choice: (answer, form) => form.options.includes(answer),
  number: (answer) => Number.isFinite(answer),
  drawing: (answer, form) => Array.isArray(answer) && answer.length === form.x.length && answer.every(Number.isFinite),
};

function questions() {
  for (const [name, one] of Object.entries(data.asks)) {
    const kept = mine.answers[name];
    if (kept && !FITS[one.form.kind](kept.answer, one.form)) delete mine.answers[name];
    else if (kept && one.kind === "quiz") [kept.right] = one.told[kept.answer];
    const place = document.querySelector(`[data-ask="${name}"]`);
    asked[name] = answerer(one, name, refresh);
    place.replaceChildren();
    ask(asked[name], place);
  }
}

/** Put a cover with a button before an output that predictions are about; return a function that updates it. */
function cover(output) {
  const names = words(output, "reveals");
  const text = element("p");
  const button = element("button", { type: "button", onclick: see });
  const whole = element("div", { className: "cover" }, text, button);
  function see() {
    for (const name of names) mine.seen[name] = true;
    refresh();
    output.tabIndex = -1;
    output.focus();
  }
  output.before(whole);
  return () => {
    const kept = names.every((name) => mine.answers[name]);
    whole.hidden = names.every(seen);
    text.textContent = kept ? "Your answer is kept." : "What happens here is covered until you have answered.";
    button.textContent = kept ? "See what happened" : "See it without an answer";
  };
}

/** Open or close what gives an answer away; a fold that the reader has moved stays as it is. */
function uncovered(node) {
  const names = words(node, "after");
  const open = names.every(seen);
  if (!node.matches("details")) {
    node.classList.toggle("covered", !open);
    return;
  }
  const shown = open && (mine.open || names.length > 0);
  if (node.dataset.shown !== String(shown)) node.open = shown;
  node.dataset.shown = shown;
}

/** Show the feedback on an answer below the cell's outputs. */
function verdict(place) {
  const name = place.dataset.verdict;
  const came = outcome(data.asks[name], name);
  const judged = came && !came.late;
  place.querySelector(".course-verdict")?.remove();
  for (const still of place.children) still.hidden = Boolean(judged);
  if (!judged) return;
  mine.answers[name].right = came.right;
  const look = { true: "right", false: "wrong", null: "neither" }[came.right];
  const made = element("div", { className: "course-verdict" }, element("span", { className: "sign", "aria-hidden": "true" }, SIGNS[look]), element("p", { className: "words" }, came.told));
  made.dataset.look = look;
  place.append(made);
}

function table(header, rows) {
  const head = (scope) => (cell) => element("th", { scope }, cell);
  const row = ([first, ...others]) => element("tr", {}, head("row")(first), ...others.map((cell) => element("td", {}, cell)));
  return element("table", {}, element("thead", {}, element("tr", {}, ...header.map(head("col")))), element("tbody", {}, ...rows.map(row)));
}

function summary(place) {
  const came = Object.entries(data.asks).filter(([, one]) => one.kind === "prediction")
    .map(([name, one]) => ({ question: one.question, ...outcome(one, name) })).filter((one) => typeof one.right === "boolean" && !one.late);
  came.sort((a, b) => a.right - b.right || (a.right === a.sure) - (b.right === b.sure));
  const drawn = Object.entries(data.asks).some(([name, one]) => one.form.kind === "drawing" && outcome(one, name)?.late === false);
  const score = came.length ? `${came.filter((one) => one.right).length} of ${came.length} right.` : drawn ? "none that is judged." : "none was kept.";
  const rows = came.map((one) => [one.question, `${one.sure ? "sure" : "not sure"}, and ${one.right ? "right" : "wrong"}`, one.told]);
  const mineNow = element("div", { className: "mine" }, element("p", {}, element("b", {}, "Your predictions on this page: "), score, drawn ? " (Drawings are not judged on a page.)" : ""));
  if (rows.length) mineNow.append(table(["question", "you were", "what happened"], rows));
  place.querySelector(".mine, p").replaceWith(mineNow);
}

function progress(place) {
  const asks = data.course.map(([kind, lesson, name, title]) => ({ kind, lesson, name, title, kept: mine.answers[name] }));
  const link = ({ lesson, name, title }) => element("li", {}, element("a", { href: `${lesson}.html#ask-${name}` }, `${lesson.slice(0, 2)}: ${title}`));
  function count(lesson, kind, good) {
    const here = asks.filter((one) => one.lesson === lesson && one.kind === kind);
    return here.length ? `${here.filter((one) => one.kept && good(one.kept)).length} of ${here.length}` : "";
  }
  const rows = [...new Set(asks.map((one) => one.lesson))].map((lesson) =>
    [lesson.slice(0, 2), count(lesson, "prediction", (kept) => !kept.late), count(lesson, "quiz", (kept) => kept.right)]);
  const shaky = asks.filter(({ kind, kept }) => kept?.right === false && (kind === "quiz" || (kept.sure && !kept.late)));
  if (!place.firstElementChild?.matches(".counts")) {
    const status = element("p", { role: "status" });
    const forget = pressedTwice("Forget all my answers", "Really forget them all? Press again", () => {
      Object.assign(mine, { answers: {}, seen: {} });
      refresh();
      status.textContent = "Your answers are forgotten.";
    });
    place.replaceChildren(element("div", { className: "counts" }), forget, status); // stay, with the focus
  }
  place.firstElementChild.replaceChildren(
    table(["lesson", "predictions kept", "questions right"], rows),
    ...(shaky.length ? [element("p", {}, element("b", {}, "Shaky, look again:")), element("ul", {}, ...shaky.map(link))] : []),
    element("p", {}, trouble || "What you answer stays in this browser."),
  );
}

function refresh() {
  if (mine.open) for (const name of Object.keys(asked)) if (mine.answers[name]) mine.seen[name] = true; // seen is seen
  for (const wide of all("pre, table, .formula")) if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0; // to scroll by keys
  for (const show of covers) show();
  all("[data-after]").forEach(uncovered);
  all("[data-verdict]").forEach(verdict);
  save(); // what follows shows whether that worked
  all("[data-summary]").forEach(summary);
  all("[data-progress]").forEach(progress);
  for (const one of Object.values(asked)) one.refresh();
}

// Panels --------------------------------------------------------------------------------

/** Answer a panel from a store of views. @param {object} store as in views.py */
function stored(store) {
  const controls = Object.entries(store.controls);
  const place = (values) => controls.reduce((at, [name, { options }]) => at * options.length + options.indexOf(values[name]), 0);
  const address = (picture) => `views/${store.pictures[picture]}.webp`;
  const start = Object.fromEntries(controls.map(([name, { value }]) => [name, value]));
  const [picture, sentence, first] = store.views[0][store.start];
  const view = { values: start, shown: start, picture: address(picture), sentence, error: "", working: false };
  const images = new Map();
  let kept = first;
  let changed = () => {};

  /** The stored view of these values, given what is kept now. */
  function look(values) {
    const at = place(values);
    return store.views[at === store.start ? 0 : kept][at];
  }

  function fetched(shown) {
    if (!images.has(shown)) images.set(shown, Object.assign(new Image(), { src: address(shown) }));
    return images.get(shown);
  }

  function fetchNeighbours() {
    if (!navigator.onLine) return;
    for (const [name, { options }] of controls) {
      const at = options.indexOf(view.values[name]);
      for (const near of options.slice(Math.max(0, at - 1), at + 2)) fetched(look({ ...view.values, [name]: near })[0]);
    }
  }

  function show(values) {
    const [next, text, after] = look(values);
    const image = fetched(next);
    image.decode().then(() => {
      if (view.values !== values) return;
      kept = after;
      Object.assign(view, { shown: values, picture: address(next), sentence: text, error: "" });
      ["picture", "error"].forEach(changed);
      fetchNeighbours();
    }, () => {
      images.delete(next);
      if (view.values !== values) return;
      view.error = "This picture could not be loaded: it may need the network. Move on, or back.";
      changed("error");
    });
  }

  return {
    ...store,
    waiting: "The picture of this position is on its way.",
    view: () => view,
    send(values) {
      view.values = values;
      changed("values");
      show(values);
    },
    listen(listener) {
      changed = listener;
      fetchNeighbours();
      return () => {};
    },
  };
}

function panels() {
  const near = new IntersectionObserver((seenNow) => {
    for (const { target, isIntersecting } of seenNow) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      script(`panels/${target.dataset.panel}.js`);
    }
  }, { rootMargin: "800px" });
  all("[data-panel]").forEach((place) => near.observe(place));
}

// The search, and one switch for all covers ----------------------------------------------

let sections = []; // [address, title, text], once search.js is loaded

function search() {
  const input = element("input", { type: "search", placeholder: "Search", "aria-label": "Search the course", autocomplete: "off" });
  const list = element("ul", { className: "found", hidden: true });
  const status = element("p", { className: "hits", role: "status" });
  const contains = (terms, text) => terms.every((word) => text.toLowerCase().includes(word));
  input.oninput = () => {
    if (!sections.length) return; // not there yet
    const terms = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = terms.length ? sections.filter(([, title, text]) => contains(terms, `${title} ${text}`)) : [];
    hits.sort(([, a], [, b]) => contains(terms, b) - contains(terms, a));
    list.replaceChildren(...hits.slice(0, 12).map(([href, title, text]) => {
      const at = Math.max(0, text.toLowerCase().indexOf(terms[0]) - 40);
      return element("li", {}, element("a", { href }, title), ` ${at ? "\u2026" : ""}${text.slice(at, at + 120)}\u2026`);
    }));
    status.textContent = terms.length ? `${hits.length} section${hits.length === 1 ? "" : "s"} found${hits.length > 12 ? "; these are the first 12" : ""}.` : "";
    list.prepend(element("li", { "aria-hidden": "true" }, status.textContent));
    list.hidden = !terms.length;
  };
  const failed = () => {
    status.textContent = "The search could not be loaded: it may need the network.";
    list.replaceChildren(element("li", { "aria-hidden": "true" }, status.textContent));
    list.hidden = false;
  };
  input.addEventListener("focus", () => script("search.js").then(input.oninput, failed));
  return element("form", { className: "search", role: "search", onsubmit: () => false }, input, status, list);
}

function uncover() {
  const input = element("input", { type: "checkbox", checked: mine.open, role: "switch" });
  input.addEventListener("change", () => {
    mine.open = input.checked;
    refresh();
  });
  return element("label", { className: "uncover" }, input, " Show everything (for teachers)");
}

// Called by the scripts of panels and of the search.
window.course = {
  panel(name, store) {
    for (const place of all(`[data-panel="${name}"]`)) {
      const note = place.querySelector(".note");
      place.replaceChildren();
      panel(stored(store), place);
      if (note) place.prepend(note);
    }
  },
  sections: (loaded) => (sections = loaded),
};

load();
root.classList.add("alive");
document.getElementById("tools").append(search(), ...(Object.keys(data.asks).length ? [uncover()] : []));
questions();
covers = all("[data-reveals]").map(cover);
refresh();
panels();
const again = () => {
  load();
  refresh();
};
window.addEventListener("storage", again);
window.addEventListener("pageshow", (event) => event.persisted && again()); // kept by the browser while another page stored answers
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
if (location.protocol !== "file:" && "serviceWorker" in navigator) navigator.serviceWorker.register("worker.js");
