// The server sets the chosen theme on the page, so nothing flashes. Here a choice is shown at once and kept
// without leaving the page; the button is for those without script.

const form = document.getElementById("theme");
const choice = form.elements.theme;
form.querySelector("button").hidden = true;

choice.addEventListener("change", () => {
  const root = document.documentElement;
  if (choice.value) root.dataset.theme = choice.value;
  else delete root.dataset.theme;
  // At once, for whoever leaves before the server has answered; the server keeps it for good.
  document.cookie = `theme=${choice.value}; path=/; max-age=${choice.value ? 60 : 0}; samesite=lax`;
  fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", keepalive: true });
});
