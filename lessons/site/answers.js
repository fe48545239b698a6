// What predict.py, quiz.py and forms.py do with a kernel, for a page without one: answers are kept in the browser.
// NUMBERS, how a number may be typed, is written before it, from numbers.py.

const KEY = "course-answers-1";
const LATE = "You answered after you could see it, so it counts as no prediction.";

/** What the reader keeps: answers, {name: {answer, typed, sure, late, right}}, what was seen, {name: true}, and open. */
const mine = { answers: {}, seen: {}, open: false };
let trouble = "";

/** Read or write what is kept; a browser may refuse, and another version may have kept anything. */
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

/** The value of a number without a sign, or of a power; NaN if it is none. @param {string} text */
function part(text) {
  const [, digits = "", power, times] = PLAIN.exec(text) || [];
  const word = NUMBERS.words.indexOf(digits);
  if (/^[a-z]/.test(digits)) return power ? NaN : (word < 0 ? 1 : word) * NUMBERS.times[times];
  if (digits) return Number(bare(digits) + (power || "")) * NUMBERS.times[times];
  const [found, factor, base, exponent] = POWER.exec(text) || [];
  return found ? Number(bare(factor || "1")) * Number(bare(base)) ** Number(exponent) : NaN;
}

/** The number that a text means, as numbers.read: "74,535", "about 75k", "10^3". Throws what is said of another. */
function readNumber(text, unit) {
  let plain = text.trim().replaceAll("\u2212", "-").replaceAll("**", "^");
  if (unit && plain.toLowerCase().endsWith(unit.toLowerCase())) plain = plain.slice(0, -unit.length).trim();
  const size = plain.replace(ABOUT, "");
  const [over, under = 1, ...more] = size.replace(/^[+-]\s*/, "").replace(FACTOR, "").toLowerCase().split("/").map((one) => part(one.trim()));
  if (Number.isFinite(over) && Number.isFinite(under) && under && !more.length) return ((size.startsWith("-") ? -1 : 1) * over) / under;
  const advice = /^[+-]?\d+,\d+$/.test(plain)
    ? `with a point for its decimals, "${plain.replace(",", ".")}"`
    : 'in digits, for example "74,535", "7.4e4" or "about 75k"';
  const got = text.trim().slice(0, 40);
  const quote = got.includes("'") && !got.includes('"') ? '"' : "'";
  throw new RangeError(`Expected one number, but got ${quote}${got}${quote}: write it ${advice}.`);
}

/** How far a number is from the truth, in words, as forms.Number. @param {number} answer @param {number} truth */
function far(answer, truth) {
  const ratio = truth ? answer / truth : 0;
  const tenths = (value) => Math.floor(10 * value + 0.5) / 10;
  if (ratio <= 0) return "";
  if (ratio > 0.5 && ratio < 2) return `, ${tenths(100 * Math.abs(ratio - 1))} % off`;
  const factor = Math.max(ratio, truth / answer);
  const times = factor < 1e6 ? `about ${(factor < 10 ? tenths(factor) : Math.floor(factor + 0.5)).toLocaleString("en-US")}` : "over a million";
  return `, ${times} times too ${answer > truth ? "large" : "small"}`;
}

/** Hold an answer against the truth, as forms.verdict: [right, what is said]; null is neither right nor wrong. */
function compare({ form, told, truth, said, sentence }, { answer, typed = String(answer) }) {
  const whole = (...parts) => parts.filter(Boolean).join(" ");
  if (form.kind === "choice") return [told[answer][0], whole(told[answer][1], sentence, told[answer][2])];
  // Which features of a curve are right is judged in a notebook only; a page lays it over the truth.
  if (form.kind === "drawing") return [null, whole(`What happened is drawn over your curve: ${said}.`, sentence)];
  const right = Math.abs(answer - truth) <= form.within * Math.abs(truth);
  if (answer === truth) return [right, whole(`You said ${typed}, and so it is.`, sentence)];
  return [right, whole(`You said ${typed}${far(answer, truth)}; it is ${said}.`, right && "That is close.", sentence)];
}

/** Whether a reader may see what a prediction is about. */
const seen = (name) => Boolean(mine.seen[name] || mine.open);

/** What became of a prediction, {right, told, late, sure}, or null without an answer or before it is seen. */
function outcome(asked, name) {
  const said = mine.answers[name];
  if (!said || !seen(name)) return null;
  const [right, told] = compare(asked, said);
  return { right, told, late: said.late, sure: said.sure };
}

/** What ask.js shows of a prediction or a question of a quiz. */
function now(asked, name, changing) {
  const said = mine.answers[name];
  const shown = { ...said, open: changing || !said, told: "", look: "", truth: null, change: false, fault: trouble };
  if (!said) return shown;
  if (asked.kind === "quiz") {
    if (changing) return shown;
    const [right, why] = asked.told[said.answer];
    return { ...shown, kept: `You chose: ${said.answer}.`, told: `${right ? "Right" : "Not so"}: ${why}`, change: !right, look: right ? "right" : "wrong" };
  }
  const came = outcome(asked, name);
  const drawn = asked.form.kind === "drawing";
  shown.kept = `Kept: ${drawn ? "your curve" : said.typed ?? said.answer} (${said.sure ? "sure" : "not sure"}).`;
  if (drawn && came) shown.truth = asked.truth;
  if (came?.late) Object.assign(shown, { told: `${came.told} ${LATE}`, look: "neither" });
  return { ...shown, change: !changing && !came };
}

/** The page itself as the answerer of a question. @param {object} asked @param {string} name @param {() => void} tell */
function answerer(asked, name, tell) {
  let [changing, turn, fault, changed] = [false, 0, "", () => {}];
  const { kind, unit } = asked.form;
  const told = asked.kind === "quiz" ? (answer) => ({ right: asked.told[answer][0] }) : () => ({ late: seen(name) });
  const read = (given) => (kind === "number" ? { answer: readNumber(String(given), unit), typed: String(given).trim() } : { answer: given });
  return {
    question: asked.question,
    form: asked.form,
    asksSure: asked.kind === "prediction",
    now: () => ({ ...now(asked, name, changing), turn, ...(fault ? { fault } : {}) }),
    send(said) {
      [changing, turn, fault] = [said.do === "change", said.turn, ""];
      try {
        if (said.do === "keep") mine.answers[name] = { ...read(said.answer), ...told(said.answer), sure: said.sure };
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
