// The browser's half of progress.py: a button that forgets all answers when pressed twice.

/** @param {{model: object, el: HTMLElement}} */
function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "course-progress";
  const button = document.createElement("button");
  button.type = "button";
  const fault = document.createElement("p");
  fault.className = "error";
  fault.setAttribute("role", "alert");
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  root.append(button, said, fault);
  el.append(root);
  let sure = false;

  function show() {
    sure = false;
    button.textContent = "Forget all my answers";
    fault.textContent = model.get("fault");
    fault.hidden = !fault.textContent;
  }

  button.addEventListener("click", () => {
    if (!sure) {
      sure = true;
      button.textContent = "Really forget them all? Press again";
      said.textContent = "Press the button once more, and all your answers are forgotten.";
      return;
    }
    model.set("emptied", model.get("emptied") + 1);
    model.save_changes();
    said.textContent = "Your answers are forgotten, unless a sentence below says otherwise.";
    show();
  });
  button.addEventListener("blur", () => sure && show());
  model.on("change:fault", show);
  show();
  return () => model.off("change:fault", show);
}

export default { render };
