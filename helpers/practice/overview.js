// The front end of overview.py: a button that forgets all answers when pressed twice.

/** @param {{model: object, el: HTMLElement}} */
function render({ model, el }) {
  const [status, fault] = [element("p", { role: "status" }), element("p", { className: "error", role: "alert" })];
  const button = pressedTwice("Forget all my answers", "Really forget them all? Press again", () => {
    model.set("emptied", model.get("emptied") + 1);
    model.save_changes();
    status.textContent = "Your answers are forgotten, unless a sentence below says otherwise.";
  });
  button.addEventListener("click", () => {
    if (button.dataset.sure) status.textContent = "Press the button once more, and all your answers are forgotten.";
  });
  button.addEventListener("blur", () => (status.textContent = ""));
  el.append(element("div", { className: "course-progress" }, button, status, fault));

  function show() {
    fault.textContent = model.get("fault");
    fault.hidden = !fault.textContent;
  }
  model.on("change:fault", show);
  show();
  return () => model.off("change:fault", show);
}

export default { render };
