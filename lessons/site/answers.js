// What predict.py, quiz.py and forms.py do with a kernel, for a page without one: answers are kept in the browser.

const KEY = "course-answers-1";
const LATE = "You answered after you could see it, so it counts as no prediction.";

/** What the reader keeps: answers, {name: {answer, typed, sure, late}}, what was seen, {name: true}, and open. */
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

/** A number with so many decimals; halves go to the even digit, as in Python. @param {number} value @param {number} decimals */
function fixed(value, decimals) {
  const exact = value.toFixed(60);
  const end = exact.length - 60 + decimals;
  const half = /^\.?50*$/.test(exact.slice(end)) && /[02468]\.?$/.test(exact.slice(0, end));
  return half ? exact.slice(0, end).replace(/\.$/, "") : value.toFixed(decimals);
}

/** "1,000", "0.5", "−163,514": as words.number. @param {number} value */
function number(value) {
  const ten = Number(value.toPrecision(10));
  const size = Math.abs(ten);
  const text = size && (size < 1e-4 || size >= 1e10)
    ? ten.toExponential().replace(/e([+-])(\d)$/, "e$10$2")
    : ten.toLocaleString("en-US", { maximumFractionDigits: 14 });
  return text.replaceAll("-", "\u2212");
}

/** "≈ 75,800": as words.about. @param {number} value @param {number} digits */
function about(value, digits) {
  if (value === 0) return "\u2248 0";
  const rounded = Number(value.toExponential(digits - 1));
  if (Math.abs(rounded) < 1e-4) {
    return `\u2248 ${value.toExponential(digits - 1).replace(/e([+-])(\d)$/, "e$10$2").replace(/^-/, "\u2212")}`;
  }
  const decimals = digits - 1 - Math.floor(Math.log10(Math.abs(rounded)));
  const text = decimals < 0 ? String(Number(fixed(value / 10 ** -decimals, 0)) * 10 ** -decimals) : fixed(value, decimals);
  const least = Math.max(0, decimals);
  return `\u2248 ${Number(text).toLocaleString("en-US", { minimumFractionDigits: least, maximumFractionDigits: least })}`.replace("-", "\u2212");
}

const TIMES = { "": 1, k: 1e3, m: 1e6, mio: 1e6, b: 1e9, hundred: 100, thousand: 1e3, million: 1e6, billion: 1e9 };
const WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const DIGITS = "\\d{1,3}(?:[,_'\u2019 \u00a0\u2009\u202f]\\d{3})+(?:\\.\\d*)?|\\d+(?:\\.\\d*)?|\\.\\d+";
const ABOUT = /^((?:about|around|roughly|approximately|approx\.?|circa|ca\.?|nearly|almost|some|[~\u2248=])\s*)+/i;
const FACTOR = /(?<=\w)(?:[\s-]*(?:times|fold)|\s*[x\u00d7])$|^[x\u00d7]\s*(?=\d)/gi;
const PLAIN = new RegExp(`^(?:(${DIGITS})(e[+-]?\\d+)?|(${WORDS.join("|")}|an?(?=\\s)))\\s*(${Object.keys(TIMES).join("|")})\\.?$`);
const POWER = new RegExp(`^(?:(${DIGITS})\\s*[\u00b7\u00d7x*]\\s*)?(${DIGITS})\\s*\\^\\s*([+-]?\\d+)$`);
const bare = (digits) => digits.replace(/[^\d.]/g, "");

/** The value of a number without a sign, or of a power; NaN if it is none. @param {string} text */
function part(text) {
  const [, digits, power, word, times] = PLAIN.exec(text) || [];
  if (word) return (WORDS.includes(word) ? WORDS.indexOf(word) : 1) * TIMES[times];
  if (digits) return Number(bare(digits) + (power || "")) * TIMES[times];
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

/** What is done with each form's answers, as forms.py does: read, say, and hold against the truth, [right, sentence, what a wrong choice means]. */
const FORMS = {
  choice: {
    read: (given) => given,
    say: (answer) => answer,
    compare: (asked, answer) => asked.told[answer],
  },
  number: {
    read: (given, form) => readNumber(String(given), form.unit),
    say: (answer, form) => `${form.trained ? about(answer, form.digits) : number(answer)} ${form.unit}`.trim(),
    compare({ form, truth, said }, answer) {
      const right = Math.abs(answer - truth) <= form.within * Math.abs(truth);
      if (answer === truth) return [right, `You said ${number(answer)}, and so it is.`];
      const ratio = answer / truth;
      let far = "";
      if (ratio > 0.5 && ratio < 2) far = `, ${fixed(Math.abs(ratio - 1) * 100, 1)} % off`;
      else if (truth && ratio > 0) far = `, ${about(Math.max(ratio, truth / answer), 2)} times too ${answer > truth ? "large" : "small"}`;
      return [right, `You said ${number(answer)}${far}; it is ${said}.${right ? " That is close." : ""}`];
    },
  },
  // Which features of a curve are right is judged in a notebook only; a page lays it over the truth.
  drawing: {
    read: (given) => given,
    say: () => "your curve",
    compare: ({ said }) => [null, `What happened is drawn over your curve: ${said}.`],
  },
};

/** Whether a reader may see what a prediction is about. */
const seen = (name) => Boolean(mine.seen[name] || mine.open);

/** The outcome of a prediction, {right, told, late}, or null without an answer or before it is seen. */
function outcome(asked, name) {
  const said = mine.answers[name];
  if (!said || !seen(name)) return null;
  const [right, told, meant] = FORMS[asked.form.kind].compare(asked, said.answer);
  return { right, told: [told, asked.sentence, meant].filter(Boolean).join(" "), late: said.late, sure: said.sure };
}

/** What ask.js shows of a prediction or a question of a quiz. */
function now(asked, name, changing) {
  const said = mine.answers[name];
  const shown = { open: changing || !said, told: "", look: "", truth: null, change: false, fault: trouble };
  if (!said) return shown;
  Object.assign(shown, { answer: said.answer, typed: said.typed });
  if (asked.kind === "quiz") {
    if (changing) return shown;
    const [right, why] = asked.told[said.answer];
    const told = `${right ? "Right" : "Not so"}: ${why}`;
    return { ...shown, kept: `You chose: ${said.answer}.`, told, change: !right, look: right ? "right" : "wrong" };
  }
  const came = outcome(asked, name);
  shown.kept = `Kept: ${FORMS[asked.form.kind].say(said.answer, asked.form)} (${said.sure ? "sure" : "not sure"}).`;
  if (asked.form.kind === "drawing" && seen(name)) shown.truth = asked.truth;
  if (came?.late) Object.assign(shown, { told: `${came.told} ${LATE}`, look: "neither" });
  return { ...shown, change: !changing && !came };
}

/** The page itself as the answerer of a question. @param {object} asked @param {string} name @param {() => void} tell */
function answerer(asked, name, tell) {
  let changing = false;
  let turn = 0;
  let fault = "";
  let changed = () => {};
  return {
    question: asked.question,
    form: asked.form,
    asksSure: asked.kind === "prediction",
    now: () => ({ ...now(asked, name, changing), turn, ...(fault ? { fault } : {}) }),
    send(said) {
      turn = said.turn;
      fault = "";
      changing = said.do === "change";
      if (said.do === "keep") {
        try {
          const answer = FORMS[asked.form.kind].read(said.answer, asked.form);
          mine.answers[name] = { answer, sure: said.sure, late: asked.kind === "prediction" && seen(name) };
          if (asked.form.kind === "number") mine.answers[name].typed = String(said.answer).trim();
          save();
        } catch (error) {
          fault = error.message;
        }
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
