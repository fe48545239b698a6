// Shared by all front ends of the course; page.py puts it before panel.js, ask.js and the others.

const SIGNS = { right: "\u2713", wrong: "\u2717", neither: "\u2022" };
const SILENT = "No answer yet: the kernel may be at work. If this notebook was just opened, or its kernel restarted, run the cell.";

/** @param {string} tag @param {object} properties @param {...(Node | string)} children */
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role" || name.startsWith("aria-")) made.setAttribute(name, value); // not properties in every browser
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** A button that acts when it is pressed twice. @param {string} text @param {string} again @param {() => void} act */
function pressedTwice(text, again, act) {
  const button = element("button", { type: "button" }, text);
  function show(sure) {
    button.dataset.sure = sure ? "yes" : "";
    button.textContent = sure ? again : text;
  }
  button.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
  button.addEventListener("click", (event) => {
    if (event.detail > 1) return; // a double click is one press
    if (button.dataset.sure) act();
    show(!button.dataset.sure);
  });
  button.addEventListener("blur", () => show(false));
  return button;
}

/**
 * Keep keys meant for `root` from the notebook's shortcuts; `act` may use them. A key that runs cells goes to the
 * notebook, which accepts it only from a cell: so the cell gets the focus first.
 * @param {HTMLElement} root @param {(event: KeyboardEvent) => void} [act] @returns {() => void} stops it
 */
function keepKeys(root, act = () => {}) {
  function keep(event) {
    if (!event.composedPath().includes(root)) return;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key === "Enter" && (event.shiftKey || modified)) {
      if (event.type === "keydown") root.closest(".jp-Cell")?.focus();
    } else if (event.key !== "Escape" && !modified) {
      if (event.type === "keydown") act(event);
      event.stopImmediatePropagation();
    }
  }
  const kinds = ["keydown", "keypress", "keyup"];
  for (const kind of kinds) window.addEventListener(kind, keep, true);
  return () => kinds.forEach((kind) => window.removeEventListener(kind, keep, true));
}

/**
 * A front end for anywidget, which goes on to show a model that took two seconds to begin, as on a busy machine, but
 * drops whatever the kernel sends to it. Such a model takes its messages itself, and asks for what it has missed.
 * @param {(given: {model: object, el: HTMLElement}) => () => void} render
 */
function frontEnd(render) {
  function listen(model) {
    let whole; // anywidget gives only a part of the model to `render`
    const take = (one) => (whole = one);
    model.on("change:begun", take);
    model.set("begun", true); // which the kernel does not know, and ignores
    model.off("change:begun", take);
    whole?._handle_comm_msg({ content: { data: { method: "none" } } }).catch(() => {
      if (!whole.comm) return; // a stored page, without a kernel
      const handle = Object.getPrototypeOf(Object.getPrototypeOf(whole))._handle_comm_msg; // without anywidget's wait
      whole.comm.on_msg((message) => handle.call(whole, message));
      whole.comm.send({ method: "request_state" });
    });
  }
  return { render(given) {
    listen(given.model);
    return render(given);
  } };
}
