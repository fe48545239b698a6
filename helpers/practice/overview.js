// The front end of overview.py: a button that forgets all answers when pressed twice.

/** @param {{model: object, el: HTMLElement}} */
function render({ model, el }) {
  const [status, fault] = [element("p", { role: "status" }), element("p", { className: "error", role: "alert" })];
  let timer = 0;
  const button = pressedTwice("Forget all my answers", "Really forget them all? Press again", () => {
    model.set("emptied", model.get("emptied") + 1);
    model.save_changes();
    clearTimeout(timer);
    timer = setTimeout(() => (status.textContent = SILENT), 1500);
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
  function done() {
    clearTimeout(timer);
    status.textContent = model.get("fault") ? "" : "Your answers are forgotten.";
  }
  model.on("change:fault", show);
  model.on("change:done", done);
  show();
  return () => {
    clearTimeout(timer);
    model.off("change:fault", show);
    model.off("change:done", done);
  };
}

export default frontEnd(render);
