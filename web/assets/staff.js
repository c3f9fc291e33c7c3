// Keys for officers, and words kept while they type. Every page works without this file.

// -- keys: only while nobody types, never with Ctrl, Alt or the like, and not when switched off -----

const isTyping = (target) =>
  target.closest("textarea, select, [contenteditable]") ||
  (target.matches("input") && !["checkbox", "radio", "submit", "button"].includes(target.type));

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return false;
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next].focus();
  return true;
}

const writing = () => document.querySelector("[data-decide] :is(input:not([type=hidden]), textarea, select)");

function press(key) {
  if (key === "j") return move(1);
  if (key === "k") return move(-1);
  if (key === "w" && writing()) return writing().focus(), true;
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (target) target.click();
  return Boolean(target);
}

if ("shortcuts" in document.body.dataset) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
    const form = event.target.closest?.("[data-decide]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) {
      form.querySelector("[data-send]")?.click();
    } else if (event.key === "Escape" && form && isTyping(event.target)) {
      event.target.blur(); // then the keys count again
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && press(event.key)) {
      event.preventDefault();
    }
  });
}

// -- words kept: a moment after the last key, and when the page is left -----------------------------

const form = document.querySelector("[data-keep]");
if (form) {
  const said = form.querySelector("[data-kept]");
  let timer = 0;
  let unkept = false;

  const keep = async (leaving) => {
    clearTimeout(timer);
    if (!unkept) return;
    unkept = false;
    const words = new FormData(form);
    words.append("quietly", "1");
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body: words, keepalive: leaving });
      const type = answer.headers.get("Content-Type") ?? "";
      if (!answer.ok || !type.startsWith("application/json")) throw new Error("not kept");
      tell((await answer.json()).told);
    } catch {
      unkept = true;
      tell("Not saved yet. It is tried again as you type.");
    }
  };
  const tell = (text) => {
    if (!said) return;
    said.hidden = false;
    said.textContent = text;
  };

  form.addEventListener("input", () => {
    unkept = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 1500, false);
  });
  form.addEventListener("submit", () => {
    unkept = false; // what is sent needs no keeping
    clearTimeout(timer);
  });
  addEventListener("pagehide", () => keep(true));
}
