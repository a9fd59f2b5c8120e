// A <details> menu closes on Escape and on a click elsewhere; without this it closes by its own summary.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]") ?? document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// Rows that scroll sideways on a phone begin where the page is.
for (const here of document.querySelectorAll(".shell-nav [aria-current], .chips [aria-current], .tabs [aria-current]")) {
  const row = here.closest("ul");
  if (row.scrollWidth <= row.clientWidth) continue;
  const [inner, outer] = [here.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
}
