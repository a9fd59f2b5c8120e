// What htmx cannot say in attributes: parts that refresh only while somebody looks, and failures that are told.
const parts = "[data-while-visible]";

document.addEventListener("htmx:beforeRequest", (event) => {
  const timed = event.detail.requestConfig?.triggeringEvent === undefined || event.detail.requestConfig.triggeringEvent === null;
  if (document.hidden && timed && event.detail.elt.matches(parts)) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.querySelectorAll(parts).forEach((part) => htmx.trigger(part, "seen"));
});

function tell(id) {
  const template = document.getElementById(id);
  const toasts = document.getElementById("toasts");
  if (!template || !toasts || toasts.querySelector(`[data-from="${id}"]`)) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.dataset.from = id;
  toasts.append(toast);
}

document.addEventListener("htmx:sendError", () => tell("toast-offline"));
document.addEventListener("htmx:timeout", () => tell("toast-offline"));
document.addEventListener("htmx:responseError", (event) => {
  // A form that answers 400 brings its own words; they are swapped in like any answer.
  if (event.detail.xhr.status !== 400 && event.detail.xhr.status !== 422) tell("toast-failed");
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([400, 422].includes(event.detail.xhr.status)) event.detail.shouldSwap = true;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) document.querySelectorAll("#toasts [data-from]").forEach((toast) => toast.remove());
});

document.addEventListener("click", (event) => event.target.closest("[data-close-toast]")?.closest(".toast").remove());
document.querySelectorAll("[data-close-toast][hidden]").forEach((button) => { button.hidden = false; });
