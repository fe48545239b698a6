// The front end of verdict.py: feedback scrolled into view, and buttons for hints and solutions.

/** @param {{model: object, el: HTMLElement}} */
function render({ model, el }) {
  const words = element("p", { className: "words", role: "status" });
  const sign = element("span", { className: "sign", "aria-hidden": "true" }, SIGNS[model.get("look")]);
  const buttons = Object.entries(model.get("buttons")).map(([name, text]) =>
    element("button", { type: "button", onclick: () => press(name) }, text));
  const more = element("div", { className: "more", "aria-live": "polite" });
  const root = element("div", { className: "course-verdict" }, sign, words, element("div", { className: "bar" }, ...buttons), more);
  root.dataset.look = model.get("look");
  const freeKeys = keepKeys(root);
  // Screen readers announce words that are added, not words that are there already.
  if (!model.get("fresh")) words.textContent = model.get("words");
  el.append(root);

  function press(name) {
    model.set("pressed", { name, turn: Math.random() });
    model.save_changes();
  }

  function putMore() {
    const { text, code } = model.get("more");
    more.replaceChildren(...(text ? [element("p", {}, text)] : []), ...(code ? [element("pre", { tabIndex: 0 }, code)] : []));
  }

  function showMore() {
    putMore();
    root.scrollIntoView({ block: "nearest" });
  }

  putMore();
  model.on("change:more", showMore);
  const timer = setTimeout(() => {
    if (!model.get("fresh")) return;
    words.textContent = model.get("words");
    root.scrollIntoView({ block: "nearest" });
    unfold(root.closest(".jp-Cell"));
    model.set("fresh", false); // a page that is loaded again stays where it is
    model.save_changes();
  }, 50);
  return () => {
    clearTimeout(timer);
    model.off("change:more", showMore);
    freeKeys();
  };
}

/**
 * Open the text below a cell that a learner's notebook keeps folded until the cell has run, up to the next
 * question or panel, or the end of its section.
 * @param {?Element} cell
 */
function unfold(cell) {
  const asks = (one) => one.matches(".jp-CodeCell") && /predict\.|explore\./.test(one.textContent);
  for (let next = cell?.nextElementSibling; next && !asks(next); next = next.nextElementSibling) {
    for (const folded of next.querySelectorAll("details.course-after")) folded.open = true;
    if (next.querySelector("h1, h2")) return;
  }
}

export default frontEnd(render);
