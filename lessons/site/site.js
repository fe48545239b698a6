// What a page does by itself: it asks, covers what would tell the answer, moves its panels, and searches.
// Nothing that a reader types becomes HTML; nothing is fetched but by <script> and <img>, so file:// works.

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const asked = {};
const all = (selector) => [...document.querySelectorAll(selector)];
const words = (node, name) => (node.dataset[name] || "").split(" ").filter(Boolean);

/** Load a script that calls back what it brings, once. @param {string} name */
const loading = {};
function script(name) {
  loading[name] ??= new Promise((done, failed) => {
    document.head.append(element("script", { src: name, onload: done, onerror: failed }));
  });
  return loading[name];
}

// Questions, and what waits for their answers -------------------------------------------

const FITS = {
  choice: (answer, form) => form.options.includes(answer),
  number: (answer) => Number.isFinite(answer),
  drawing: (answer, form) => Array.isArray(answer) && answer.length === form.x.length && answer.every(Number.isFinite),
};

function questions() {
  for (const [name, one] of Object.entries(data.asks)) {
    const said = mine.answers[name];
    if (said && !FITS[one.form.kind](said.answer, one.form)) delete mine.answers[name];
  }
  for (const place of all("[data-ask]")) {
    const name = place.dataset.ask;
    if (!data.asks[name]) continue;
    asked[name] = answerer(data.asks[name], name, refresh);
    place.replaceChildren();
    ask(asked[name], place);
  }
}

/** Put a cover with a button before each output that a prediction is about. */
function covers() {
  for (const output of all("[data-reveals]")) {
    const names = words(output, "reveals");
    const text = element("p");
    const button = element("button", { type: "button" });
    button.addEventListener("click", () => {
      for (const name of names) mine.seen[name] = true;
      save();
      refresh();
      output.tabIndex = -1;
      output.focus();
    });
    output.before(element("div", { className: "cover" }, text, button));
  }
}

function showCovers() {
  for (const node of all("[data-after]")) {
    const open = words(node, "after").every(seen);
    if (node.matches("details")) {
      const was = node.dataset.shown;
      const shown = String(open && (mine.open || Boolean(words(node, "after").length)));
      if (was !== shown) node.open = shown === "true";
      node.dataset.shown = shown;
    } else {
      node.classList.toggle("covered", !open);
    }
  }
  for (const output of all("[data-reveals]")) {
    const [text, button] = output.previousElementSibling.children;
    const names = words(output, "reveals");
    const kept = names.every((name) => mine.answers[name]);
    output.previousElementSibling.hidden = names.every(seen);
    text.textContent = kept ? "Your answer is kept." : "What happens here is covered until you have answered.";
    button.textContent = kept ? "See what happened" : "See it without an answer";
  }
}

/** Say what became of each answer, below what the cell shows. */
function verdicts() {
  for (const place of all("[data-verdict]")) {
    const name = place.dataset.verdict;
    const came = data.asks[name] && outcome(data.asks[name], name);
    place.querySelector(".course-verdict")?.remove();
    for (const still of place.children) still.hidden = Boolean(came && !came.late);
    if (!came || came.late) continue;
    mine.answers[name].right = came.right;
    const [look, sign] = came.right === null ? ["neither", "\u2022"] : came.right ? ["right", "\u2713"] : ["wrong", "\u2717"];
    const verdict = element("div", { className: "course-verdict" }, element("span", { className: "sign", ariaHidden: "true" }, sign), element("p", { className: "words" }, came.told));
    verdict.dataset.look = look;
    place.append(verdict);
  }
}

const head = (scope) => (cell) => element("th", { scope }, cell);
const row = ([first, ...others]) => element("tr", {}, head("row")(first), ...others.map((cell) => element("td", {}, cell)));
const table = (header, rows) => element("table", {}, element("thead", {}, element("tr", {}, ...header.map(head("col")))), element("tbody", {}, ...rows.map(row)));

function summary() {
  for (const place of all("[data-summary]")) {
    const came = Object.entries(data.asks).filter(([, one]) => one.kind === "prediction")
      .map(([name, one]) => [one.question, outcome(one, name)]).filter(([, one]) => one && !one.late && one.right !== null);
    came.sort(([, a], [, b]) => a.right - b.right || (a.right === a.sure) - (b.right === b.sure));
    const right = came.filter(([, one]) => one.right).length;
    const score = came.length ? `${right} of ${came.length} right.` : "none was kept.";
    const rows = came.map(([question, one]) => [question, `${one.sure ? "sure" : "not sure"}, and ${one.right ? "right" : "wrong"}`, one.told]);
    const mineNow = element("div", { className: "mine" }, element("p", {}, element("b", {}, "Your predictions on this page: "), score));
    if (rows.length) mineNow.append(table(["question", "you were", "what happened"], rows));
    place.querySelector(".mine, p").replaceWith(mineNow);
  }
}

function progress() {
  for (const place of all("[data-progress]")) {
    const of = (kind, lesson) => data.course.filter((one) => one[0] === kind && one[1] === lesson).map((one) => mine.answers[one[2]]);
    const count = (said, good) => (said.length ? `${said.filter((one) => one && good(one)).length} of ${said.length}` : "");
    const rows = [...new Set(data.course.map((one) => one[1]))].map((lesson) =>
      [lesson.slice(0, 2), count(of("prediction", lesson), (one) => !one.late), count(of("quiz", lesson), (one) => one.right)]);
    const shaky = data.course.filter(([kind, , name]) => {
      const said = mine.answers[name];
      return said && said.right === false && (kind === "quiz" || (said.sure && !said.late));
    });
    const forget = element("button", { type: "button" }, "Forget all my answers");
    forget.addEventListener("click", () => {
      if (forget.dataset.sure) {
        Object.assign(mine, { answers: {}, seen: {} });
        save();
        refresh();
      } else {
        forget.dataset.sure = "yes";
        forget.textContent = "Really forget them all? Press again";
      }
    });
    place.replaceChildren(
      table(["lesson", "predictions kept", "questions right"], rows),
      ...(shaky.length ? [element("p", {}, element("b", {}, "Shaky, look again:")), element("ul", {}, ...shaky.map((one) => element("li", {}, one[3])))] : []),
      element("p", {}, trouble || "What you answer stays in this browser."), forget,
    );
  }
}

function refresh() {
  for (const wide of all("pre, table, .formula")) if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0; // to scroll by keys
  showCovers();
  verdicts();
  summary();
  progress();
  for (const one of Object.values(asked)) one.refresh();
  save();
}

// Panels --------------------------------------------------------------------------------

/** A store of views as the answerer of a panel. @param {object} store as views.py describes it */
function stored(store) {
  const names = Object.keys(store.controls);
  const options = (name) => store.controls[name].options;
  const place = (values) => names.reduce((at, name) => at * options(name).length + options(name).indexOf(values[name]), 0);
  const address = (picture) => `views/${store.pictures[picture]}.webp`;
  const start = Object.fromEntries(names.map((name) => [name, store.controls[name].value]));
  const [picture, sentence, first] = store.views[0][store.start];
  const view = { values: start, shown: start, picture: address(picture), sentence, error: "", working: false };
  const images = new Map();
  let kept = first;
  let changed = () => {};

  /** What is stored for these values, after what is kept now. */
  function look(values) {
    const at = place(values);
    return store.views[at === store.start ? 0 : kept][at];
  }

  function fetched(shown) {
    if (!images.has(shown)) images.set(shown, Object.assign(new Image(), { src: address(shown) }));
    return images.get(shown);
  }

  function neighbours() {
    for (const name of names) {
      const at = options(name).indexOf(view.values[name]);
      for (const near of [at + 1, at - 1]) {
        if (near in options(name)) fetched(look({ ...view.values, [name]: options(name)[near] })[0]);
      }
    }
  }

  function show(values) {
    const [next, told, after] = look(values);
    const image = fetched(next);
    const done = () => {
      if (view.values !== values) return;
      kept = after;
      Object.assign(view, { shown: values, picture: address(next), sentence: told, error: "" });
      for (const what of ["picture", "error"]) changed(what);
      neighbours();
    };
    if (image.complete && image.naturalWidth) return done();
    image.addEventListener("load", done);
    return image.addEventListener("error", () => {
      images.delete(next);
      view.error = "This picture could not be loaded: it may need the network. Move on, or back.";
      changed("error");
    });
  }

  return {
    controls: store.controls,
    size: store.size,
    tracks: store.tracks,
    waiting: "The picture of this position is on its way.",
    view: () => view,
    send(values) {
      view.values = values;
      changed("values");
      show(values);
    },
    listen(listener) {
      changed = listener;
      neighbours();
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

let sections = [];

function search() {
  const input = element("input", { type: "search", placeholder: "Search", ariaLabel: "Search the course", autocomplete: "off" });
  const found = element("ul", { className: "found", hidden: true });
  const told = element("p", { className: "told-found" });
  told.setAttribute("role", "status");
  function show() {
    const asks = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = asks.length ? sections.filter((one) => asks.every((word) => `${one[1]} ${one[2]}`.toLowerCase().includes(word))) : [];
    hits.sort((a, b) => asks.every((word) => b[1].toLowerCase().includes(word)) - asks.every((word) => a[1].toLowerCase().includes(word)));
    found.replaceChildren(...hits.slice(0, 12).map(([href, title, text]) => {
      const at = Math.max(0, text.toLowerCase().indexOf(asks[0]) - 40);
      return element("li", {}, element("a", { href }, `${href.slice(0, 2)} ${title}`), ` ${at ? "\u2026" : ""}${text.slice(at, at + 120)}\u2026`);
    }));
    found.hidden = !hits.length;
    told.textContent = asks.length ? `${hits.length} section${hits.length === 1 ? "" : "s"} found` : "";
  }
  input.addEventListener("focus", () => script("search.js").then(show), { once: true });
  input.addEventListener("input", show);
  const form = element("form", { className: "search", onsubmit: (event) => event.preventDefault() }, input, told, found);
  form.setAttribute("role", "search");
  return form;
}

function uncover() {
  const input = element("input", { type: "checkbox", checked: mine.open });
  input.setAttribute("role", "switch");
  input.addEventListener("change", () => {
    mine.open = input.checked;
    if (mine.open) for (const name of Object.keys(mine.answers)) mine.seen[name] = true; // seen is seen
    refresh();
  });
  return element("label", { className: "uncover" }, input, " Show everything");
}

// What the scripts of panels and of the search call.
window.course = {
  panel(name, store) {
    for (const place of all(`[data-panel="${name}"]`)) {
      const note = place.querySelector(".note");
      place.replaceChildren();
      panel(stored(store), place);
      if (note) place.append(note);
    }
  },
  sections: (found) => (sections = found),
};

load();
root.classList.add("alive");
document.getElementById("tools").append(search(), ...(Object.keys(data.asks).length ? [uncover()] : []));
questions();
covers();
refresh();
panels();
window.addEventListener("storage", () => {
  load();
  refresh();
});
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
if (location.protocol !== "file:" && "serviceWorker" in navigator) navigator.serviceWorker.register("worker.js");
