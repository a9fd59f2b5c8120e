// Buttons with command="show-modal" and commandfor, for browsers that do not know them yet.
if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (!dialog) return;
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    if (button.getAttribute("command") === "close") dialog.close();
  });
}
// A click beside an open dialog closes it.
document.addEventListener("click", (event) => {
  if (event.target.matches?.("dialog[open]")) event.target.close();
});
