// Small conveniences. Every page works without this file.

// The summary of errors takes the focus, so that a screen reader says it first.
const summary = document.querySelector(".govuk-error-summary");
if (summary) {
  summary.tabIndex = -1;
  summary.focus();
}

// A second click on a button within a second is not a second submission.
let last = 0;
addEventListener("submit", (event) => {
  const now = Date.now();
  if (now - last < 1000) event.preventDefault();
  else last = now;
});
addEventListener("pageshow", () => (last = 0));

// What a browser can do only with a script is shown only then.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
