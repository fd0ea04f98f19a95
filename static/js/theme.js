// Sets the chosen theme before the first paint; therefore a classic script in the head, and a small one.

(() => {
  const root = document.documentElement;
  const stored = localStorage.getItem("theme");
  if (stored) root.dataset.theme = stored;

  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.getElementById("theme-choice");
    choice.value = stored ?? "";
    choice.closest("[hidden]").hidden = false; // of no use without script
    choice.addEventListener("change", () => {
      if (choice.value) {
        root.dataset.theme = choice.value;
        localStorage.setItem("theme", choice.value);
      } else {
        delete root.dataset.theme;
        localStorage.removeItem("theme");
      }
    });
  });
})();
