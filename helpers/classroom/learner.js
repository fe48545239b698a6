// A learner's page: the open question, shown by ask.js and answered by the class's server (server.py).

const code = location.pathname.split("/").pop().toUpperCase();
const place = `course-class-${code}`;
const [note, box] = ["note", "question"].map((id) => document.getElementById(id));
const RETRY = 2000; // milliseconds

/** What this browser remembers: its random name, and its answers by question and vote. */
let mine = { name: "", answers: {} };
try {
  mine = JSON.parse(localStorage.getItem(place)) || mine;
} catch { /* a browser that keeps nothing: the page remembers as long as it is open */ }
if (!mine.name) {
  mine.name = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  remember();
}

let seen = { question: null }; // what the server says
let shown = null; // the question on the page
let [changing, fault, turn] = [false, "", 0];
const refused = {}; // answers by question and vote, which stay in the form to be corrected
let tell = () => {};
let stop = () => {};

function remember() {
  try {
    localStorage.setItem(place, JSON.stringify(mine));
  } catch { /* as above */ }
}

const key = () => `${seen.question}/${seen.vote}`;

/** What ask.js shows, as ask.py describes it. */
function now() {
  const own = mine.answers[key()];
  const last = own || refused[key()] || mine.answers[`${seen.question}/1`];
  const shows = { open: seen.open && (!own || changing), change: Boolean(seen.open && own && !changing), told: "", look: "", truth: null, fault, turn };
  if (last) Object.assign(shows, { answer: last.answer, typed: String(last.answer) });
  shows.kept = !own ? "You gave no answer to this vote." : own.sent ? "Your answer is counted." : "Your answer is on its way.";
  if (!seen.revealed) return shows;
  const choice = seen.form.kind === "choice";
  const happened = seen.meanings[seen.truth] ? `Right is “${seen.truth}”: ${seen.told}` : seen.told && `What happened: ${seen.told}`;
  shows.told = [happened, choice && own && own.answer !== seen.truth && seen.meanings[own.answer]].filter(Boolean).join(" ");
  if (choice && own) shows.look = own.answer === seen.truth ? "right" : "wrong";
  if (seen.form.kind === "drawing") shows.truth = seen.truth;
  return shows;
}

/** Send the answer until the server has it, or the vote is over. */
async function send() {
  const [at, own] = [key(), mine.answers[key()]];
  const vote = { question: seen.question, answer: own.answer, sure: own.sure, vote: seen.vote, name: mine.name };
  while (mine.answers[at] === own && key() === at) {
    try {
      const got = await fetch(`${code}/vote`, { method: "POST", body: JSON.stringify(vote) });
      const reply = await got.json();
      if (mine.answers[at] !== own) return;
      fault = got.ok ? "" : reply.error;
      if (got.ok) own.sent = true;
      else if (got.status !== 429 && got.status < 500) {
        refused[at] = own;
        delete mine.answers[at];
      }
    } catch {
      fault = "There is no connection: your answer will be sent as soon as there is one.";
    }
    remember();
    tell();
    if (own.sent || !mine.answers[at]) return;
    await new Promise((done) => setTimeout(done, RETRY));
  }
}

function did(message) {
  ({ turn } = message);
  fault = "";
  changing = message.do === "change";
  if (message.do === "keep") {
    mine.answers[key()] = { answer: message.answer, sure: message.sure, sent: false };
    remember();
    send();
  }
  tell();
}

function show() {
  if (shown !== seen.question) {
    stop();
    box.replaceChildren();
    [shown, changing, fault, stop, tell] = [seen.question, false, "", () => {}, () => {}];
    if (shown) {
      const listen = (changed) => ((tell = changed), () => {});
      stop = ask({ question: seen.text, form: seen.form, asksSure: seen.asks_sure, send: did, now, listen }, box);
    }
    if (seen.open && mine.answers[key()] && !mine.answers[key()].sent) send();
  }
  if (!seen.open) changing = false;
  const open = seen.vote === 2 ? "Second vote: answer again, the same or another." : "First vote.";
  note.textContent = seen.error || seen.note || (seen.revealed ? "This is what happened." : seen.open ? open : "The vote is closed.");
  tell();
}

function connect() {
  const news = new EventSource(`${code}/news?name=${mine.name}`);
  news.onmessage = (message) => {
    seen = { question: null, ...JSON.parse(message.data) };
    show();
  };
  news.onerror = async () => {
    note.textContent = "There is no connection: trying again.";
    if (news.readyState !== EventSource.CLOSED) return;
    const again = setTimeout(connect, 2 * RETRY);
    try {
      const got = await fetch(`${code}/now?name=${mine.name}`);
      note.textContent = (await got.json()).error || note.textContent;
      if (got.status === 404) clearTimeout(again); // there is no such class, and never will be
    } catch { /* the sentence stands */ }
  };
}

if (code) {
  document.getElementById("title").textContent = `Class ${code}`;
  connect();
} else {
  const input = element("input", { type: "text", autocomplete: "off", size: 8, maxLength: 6 });
  const enter = () => {
    const typed = input.value.trim().toUpperCase();
    if (/^[A-Z0-9]{6}$/.test(typed)) location.assign(typed);
    else note.textContent = "Expected a code of six letters and digits: copy it from the teacher's screen.";
  };
  input.addEventListener("keydown", (event) => event.key === "Enter" && enter());
  box.className = "course-ask";
  box.append(element("label", { className: "option" }, "The code of your class: ", input, element("button", { type: "button", onclick: enter }, "Enter")));
}
