"use strict";
// What the page gains by a script: answers that stream, the source beside the answer, keys, and news of the index.
// Every piece of HTML here was made, and its text escaped, by the server that sent this file.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const form = $("#ask"), answer = $("#answer"), pane = $("#pane"), notices = $("#notices");
let running = null, opener = null, opening = null, shown = location.pathname + location.search;

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// --- Answers that stream ---------------------------------------------------------------------------------------------

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block), data = /^data: (.*)$/m.exec(block);
      if (name && data) yield [name[1], JSON.parse(data[1])];
    }
  }
}

async function ask(question) {
  running?.abort();
  const mine = (running = new AbortController());
  close();
  const status = element("p", "status waiting", "Looking for it …"), list = element("ol", "statements", "");
  list.setAttribute("role", "list");
  const heading = element("h2", "question", question);
  heading.dir = "auto";
  answer.replaceChildren(heading, status, list);
  answer.setAttribute("aria-busy", "true");
  $(".notice.bad")?.remove();
  try {
    const response = await fetch("/ask", {
      method: "POST",
      headers: { Accept: "text/event-stream" },
      body: new URLSearchParams(new FormData(form)),
      signal: mine.signal,
    });
    if (!response.ok) throw new Error(await reason(response));
    let last = "";
    for await (const [name, data] of events(response)) {
      if (mine.signal.aborted) return;
      show(name, data, status, list);
      last = name;
    }
    if (last !== "done") throw new Error("The answer broke off. Ask again.");
  } catch (error) {
    if (mine.signal.aborted) return;
    fail(error instanceof TypeError ? "The server does not answer. Is it still running?" : error.message);
  } finally {
    if (running === mine) answer.removeAttribute("aria-busy");
  }
}

// What a response says went wrong: a problem as JSON, or the page of a proxy.
async function reason(response) {
  const problem = await response.json().catch(() => ({}));
  return problem.detail || `the server answered with ${response.status}; reload the page`;
}

function show(name, data, status, list) {
  if (name === "status") status.textContent = data.text;
  if (name === "statement") list.insertAdjacentHTML("beforeend", data.html);
  if (name === "judged") $(`#statement-${data.number}`, list).outerHTML = data.html;
  if (name === "restarted") {
    status.textContent = data.text;
    list.replaceChildren();
  }
  if (name === "done") {
    answer.innerHTML = data.html;
    history.pushState(null, "", data.url);
    shown = data.url;
    document.title = `${$(".question", answer).textContent} | qa`;
    form.elements.after.value = data.after;
    $("#conversation").hidden = false;
    if (document.activeElement === $("#question")) $("#question").select();
  }
  if (name === "error") throw new Error(data.text);
}

function fail(text) {
  const notice = element("div", "notice bad", text.charAt(0).toUpperCase() + text.slice(1));
  notice.setAttribute("role", "alert");
  answer.replaceChildren(notice);
}

form?.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  const question = $("#question").value.trim();
  if (question) ask(question);
});
addEventListener("popstate", () => {
  if (location.pathname + location.search !== shown) location.reload(); // else only the part after # is another
});

// --- The source beside the answer ------------------------------------------------------------------------------------

async function open(link) {
  opener = pane.contains(link) ? opener : link;
  $$("[aria-current=true]").forEach((other) => other.removeAttribute("aria-current"));
  if (link.classList.contains("ref")) link.setAttribute("aria-current", "true");
  opening?.abort();
  const mine = (opening = new AbortController());
  let html;
  try {
    const response = await fetch(link.href, { headers: { "X-QA-Fragment": "1" }, signal: mine.signal });
    html = response.ok && (await response.text());
  } catch {
    html = "";
  }
  if (mine.signal.aborted) return;
  if (!html) return void (location.href = link.href); // the page itself says what is wrong
  pane.innerHTML = html;
  const bar = element("div", "bar", ""), button = element("button", "plain", "Close");
  button.type = "button";
  button.addEventListener("click", close);
  bar.append(button);
  pane.prepend(bar);
  pane.hidden = false;
  document.body.classList.add("wide");
  $$(".card").forEach((card) => card.classList.toggle("current", card.contains(link)));
  reveal($(".place-mark", pane) || $("mark", pane));
  button.focus({ preventScroll: true });
}

// A quote that is not wholly in view, or that begins beside it on a page that is wider than the pane.
function reveal(place) {
  pane.scrollTop = 0;
  if (!place) return;
  const box = place.getBoundingClientRect(), view = pane.getBoundingClientRect(), sideways = place.closest(".scroll");
  if (box.bottom > view.top + pane.clientHeight) pane.scrollTop = box.top - view.top - pane.clientHeight / 3;
  if (sideways) sideways.scrollLeft = box.left - sideways.getBoundingClientRect().left - 16;
}

function close() {
  opening?.abort();
  if (!pane || pane.hidden) return;
  pane.hidden = true;
  pane.replaceChildren();
  document.body.classList.remove("wide");
  $$(".card.current").forEach((card) => card.classList.remove("current"));
  opener?.isConnected && opener.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-source]");
  if (!link || !pane || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link);
});

// --- Keys ------------------------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  const writing = event.target.closest("input, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !writing && form) {
    event.preventDefault();
    close();
    $("#question").focus();
    $("#question").select();
  } else if (event.key === "Escape") {
    if (pane && !pane.hidden) close();
    else if (running && answer?.hasAttribute("aria-busy")) {
      running.abort();
      answer.removeAttribute("aria-busy");
      fail("Given up.");
    } else writing?.blur();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.tagName !== "TEXTAREA") {
    const links = $$("main a.ref, main a.place, main .sources a, main .history a");
    if (!links.length || pane?.contains(event.target)) return;
    event.preventDefault();
    const at = links.indexOf(document.activeElement), step = event.key === "ArrowDown" ? 1 : -1;
    if (at + step < 0 && form) $("#question").focus();
    else links[Math.min(links.length - 1, at + step)]?.focus();
  }
});

// --- News of the index -----------------------------------------------------------------------------------------------

let generation = document.body.dataset.generation;
setInterval(async () => {
  if (document.hidden) return;
  try {
    const state = await (await fetch("/state")).json();
    if (!state.generation || state.generation === generation) return;
    generation = state.generation;
    notices.replaceChildren(element("div", "notice", "The index was updated. New answers come from the new documents."));
  } catch {
    // The server is gone for the moment; the next question will say so.
  }
}, 5000);
