// The front end of field.py: a class's address and code, and whether the learner is in it.

/** @param {{model: object, el: HTMLElement}} */
function render({ model, el }) {
  const input = (size) => element("input", { type: "text", autocomplete: "off", spellcheck: false, size });
  const address = input(30);
  const code = input(8);
  const press = (what) => () => {
    model.set("message", { do: what, address: address.value, code: code.value, turn: Math.random() });
    model.save_changes();
  };
  const join = element("button", { type: "button", onclick: press("join") }, "Join");
  const leave = element("button", { type: "button", onclick: press("leave") }, "Leave");
  const status = element("p", { className: "status", role: "status" });
  const root = element("div", { className: "course-ask" },
    element("p", {}, model.get("sent")),
    element("label", { className: "option" }, "The class's address: ", address),
    element("label", { className: "option" }, "Its code: ", code),
    element("div", { className: "bar" }, join, leave, status),
  );
  const freeKeys = keepKeys(root);
  el.append(root);

  function show() {
    status.textContent = model.get("status");
    if (!model.get("member") && root.getRootNode().activeElement === leave) join.focus(); // it would be lost
    leave.hidden = !model.get("member");
  }
  model.on("change:status", show);
  model.on("change:member", show);
  show();
  return () => {
    freeKeys();
    model.off("change:status", show);
    model.off("change:member", show);
  };
}

export default frontEnd(render);
