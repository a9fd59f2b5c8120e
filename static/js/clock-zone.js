// Tells the browser's time zone once, for a person who never said theirs. Without this script the form stands as it is.
const TOLD = "clock-told";

class ClockZone extends HTMLElement {
  async connectedCallback() {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone || this.wasTold()) return;
    const form = this.querySelector("form");
    const body = new FormData(form);
    body.set("time_zone", zone);
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
    if (!answer || (!answer.ok && answer.type !== "opaqueredirect")) return;
    form.hidden = true;
    this.querySelector("[role=status]").textContent = this.dataset.said.replace("%s", zone.replaceAll("_", " "));
    // Parts that say the time of day say it anew.
    if (zone !== this.dataset.zone) document.querySelectorAll("[data-while-visible]").forEach((part) => window.htmx?.trigger(part, "seen"));
  }

  // Once in a tab: a zone that the server refuses is not told again on every page.
  wasTold() {
    try {
      if (sessionStorage.getItem(TOLD)) return true;
      sessionStorage.setItem(TOLD, "1");
    } catch {
      return false;
    }
    return false;
  }
}

customElements.define("clock-zone", ClockZone);
