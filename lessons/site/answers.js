// What predict.py, quiz.py and forms.py do in a kernel, for pages without one: answers are kept in the browser.
// NUMBERS, the rules for typed numbers, is put before it from numbers.py.

const KEY = "course-answers-1";
const LATE = "You answered after you could see it, so it does not count as a prediction.";

/** The reader's state: answers, {name: {answer, typed, sure, late, right}}, seen, {name: true}, and open (show everything). */
const mine = { answers: {}, seen: {}, open: false };
let trouble = "";

/** Read or write the state; a browser may refuse, and another version may have stored anything. */
function keep(act) {
  try {
    act();
    trouble = "";
  } catch {
    trouble = "This browser keeps nothing for this page: your answers are lost when you close it.";
  }
}

const save = () => keep(() => localStorage.setItem(KEY, JSON.stringify(mine)));
const load = () => keep(() => {
  const { answers, seen: shown, open } = JSON.parse(localStorage.getItem(KEY)) || {};
  Object.assign(mine, { answers: { ...Object(answers) }, seen: { ...Object(shown) }, open: open === true });
});

const [ABOUT, PLAIN, POWER] = ["about", "plain", "power"].map((name) => new RegExp(NUMBERS[name], "i"));
const FACTOR = new RegExp(NUMBERS.factor, "gi");
const bare = (digits) => digits.replace(/[^\d.]/g, "");

/** The value of an unsigned number or a power; NaN for anything else. @param {string} text */
function part(text) {
  const [, digits = "", power, times] = PLAIN.exec(text) || [];
  const word = NUMBERS.words.indexOf(digits);
  if (/^[a-z]/.test(digits)) return power ? NaN : (word < 0 ? 1 : word) * NUMBERS.times[times];
  if (digits) return Number(bare(digits) + (power || "")) * NUMBERS.times[times];
  const [match, factor, base, exponent] = POWER.exec(text) || [];
  return match ? Number(bare(factor || "1")) * Number(bare(base)) ** Number(exponent) : NaN;
}

/** The number in a text, as in numbers.read: "74,535", "about 75k", "10^3". Throws a sentence for anything else. */
function readNumber(text, unit) {
  let plain = text.trim().replaceAll("\u2212", "-").replaceAll("**", "^");
  if (unit && plain.toLowerCase().endsWith(unit.toLowerCase())) plain = plain.slice(0, -unit.length).trim();
  const size = plain.replace(ABOUT, "");
  const [over, under = 1, ...more] = size.replace(/^[+-]\s*/, "").replace(FACTOR, "").toLowerCase().split("/").map((one) => part(one.trim()));
  const value = ((size.startsWith("-") ? -1 : 1) * over) / under;
  if (Number.isFinite(value) && Number.isFinite(under) && !more.length) return value;
  const advice = /^[+-]?\d+,\d+$/.test(plain)
    ? `with a point for its decimals, "${plain.replace(",", ".")}"`
    : 'in digits, for example "74,535", "7.4e4" or "about 75k"';
  const got = text.trim().slice(0, 40);
  const quote = got.includes("'") && !got.includes('"') ? '"' : "'";
  throw new RangeError(`Expected one number, but got ${quote}${got}${quote}: write it ${advice}.`);
}

/** The distance from the truth in words, as in forms.Number. @param {number} answer @param {number} truth */
function far(answer, truth) {
  const ratio = truth ? answer / truth : 0;
  const tenths = (value) => Math.floor(10 * value + 0.5) / 10;
  if (ratio <= 0) return "";
  if (ratio > 0.5 && ratio < 2) return `, ${tenths(100 * Math.abs(ratio - 1))} % off`;
  const factor = Math.max(ratio, truth / answer);
  const times = factor < 1e6 ? `about ${(factor < 10 ? tenths(factor) : Math.floor(factor + 0.5)).toLocaleString("en-US")}` : "over a million";
  return `, ${times} times too ${answer > truth ? "large" : "small"}`;
}

/** Compare an answer with the truth, as forms.verdict: [right, feedback]; null is neither right nor wrong. */
function compare({ form, told, truth, in_words: inWords, sentence }, { answer, typed = String(answer) }) {
  const whole = (...parts) => parts.filter(Boolean).join(" ");
  if (form.kind === "choice") return [told[answer][0], whole(told[answer][1], sentence, told[answer][2])];
  // Only a notebook judges the features of a curve; a page draws the truth over it.
  if (form.kind === "drawing") return [null, whole(`What happened is drawn over your curve: ${inWords}.`, sentence)];
  const right = Math.abs(answer - truth) <= form.within * Math.abs(truth);
  if (answer === truth) return [right, whole(`You said ${typed}, and so it is.`, sentence)];
  return [right, whole(`You said ${typed}${far(answer, truth)}; it is ${inWords}.`, right && "That is close.", sentence)];
}

/** Whether a reader may see the result of a prediction. */
const seen = (name) => Boolean(mine.seen[name] || mine.open);

/** The outcome of a prediction, {right, told (feedback), late, sure}, or null without an answer or before it is seen. */
function outcome(asked, name) {
  const kept = mine.answers[name];
  if (!kept || !seen(name)) return null;
  const [right, feedback] = compare(asked, kept);
  return { right, told: feedback, late: kept.late, sure: kept.sure };
}

/** Whether an answer stays as it is: a prediction whose result has been seen. */
const settled = (asked, name) => asked.kind === "prediction" && Boolean(mine.answers[name]) && seen(name);

/** The state of a prediction or a quiz question, for ask.js. */
function now(asked, name, changing) {
  const kept = mine.answers[name];
  changing &&= !settled(asked, name);
  const shown = { ...kept, open: changing || !kept, told: "", look: "", truth: null, change: false, fault: trouble };
  if (!kept) return shown;
  if (asked.kind === "quiz") {
    if (changing) return shown;
    const [right, why] = asked.told[kept.answer];
    return { ...shown, kept: `You chose: ${kept.answer}.`, told: `${right ? "Right" : "Not so"}: ${why}`, change: !right, look: right ? "right" : "wrong" };
  }
  const came = outcome(asked, name);
  const drawn = asked.form.kind === "drawing";
  shown.kept = `Kept: ${drawn ? "your curve" : kept.typed ?? kept.answer} (${kept.sure ? "sure" : "not sure"}).`;
  if (drawn && came) shown.truth = asked.truth;
  if (came?.late) Object.assign(shown, { told: `${came.told} ${LATE}`, look: "neither" });
  return { ...shown, change: !changing && !came };
}

/** Answer a question by the page itself. @param {object} asked @param {string} name @param {() => void} tell */
function answerer(asked, name, tell) {
  let [changing, turn, fault, changed] = [false, 0, "", () => {}];
  const { kind, unit } = asked.form;
  const details = asked.kind === "quiz" ? (answer) => ({ right: asked.told[answer][0] }) : () => ({ late: seen(name) });
  const read = (answer) => (kind === "number" ? { answer: readNumber(String(answer), unit), typed: String(answer).trim() } : { answer });
  return {
    question: asked.question,
    form: asked.form,
    asksSure: asked.kind === "prediction",
    now: () => ({ ...now(asked, name, changing), turn, ...(fault ? { fault } : {}) }),
    send(message) {
      [changing, turn, fault] = [message.do === "change", message.turn, ""];
      try {
        if (message.do === "keep" && !settled(asked, name)) mine.answers[name] = { ...read(message.answer), ...details(message.answer), sure: message.sure };
      } catch (error) {
        fault = error.message;
      }
      tell();
    },
    listen(listener) {
      changed = listener;
      return () => {};
    },
    refresh: () => changed(),
  };
}
