// Says what a mark of a chart means at once, beside it, and lets arrow keys walk from link to link.
// Without this script the browser's own titles do the first, and the table under each chart the second.
class ChartTips extends HTMLElement {
  connectedCallback() {
    this.tip = Object.assign(document.createElement("div"), { className: "graph-tip", hidden: true });
    this.tip.setAttribute("aria-hidden", "true"); // the mark's own name says the same
    this.append(this.tip);
    this.addEventListener("pointerover", (event) => this.show(event.target.closest(".mark")));
    this.addEventListener("pointerleave", () => this.hide());
    this.addEventListener("focusin", (event) => this.show(event.target.closest(".mark")));
    this.addEventListener("focusout", () => this.hide());
    this.addEventListener("keydown", (event) => this.walk(event));
    const scroller = this.querySelector(".scroller");
    scroller?.addEventListener("scroll", () => this.hide(), { passive: true });
    if (scroller?.scrollWidth > scroller?.clientWidth) this.showLatest(scroller);
  }

  show(mark) {
    if (!mark) return this.hide();
    const lines = this.words(mark);
    this.tip.replaceChildren(...lines.map((line) => Object.assign(document.createElement("span"), { textContent: line })));
    this.tip.hidden = false;
    const frame = this.getBoundingClientRect();
    const at = (mark.querySelector(".bar, .dot") ?? mark.lastElementChild).getBoundingClientRect();
    const tip = this.tip.getBoundingClientRect();
    const left = Math.min(Math.max(at.left + at.width / 2 - frame.left - tip.width / 2, 0), frame.width - tip.width);
    const above = at.top - frame.top - tip.height - 8;
    const top = at.top - tip.height - 8 < 0 ? at.bottom - frame.top + 8 : above;
    this.tip.style.translate = `${Math.round(left)}px ${Math.round(top)}px`;
  }

  // On a phone, a calendar opens at its newest day, not at January.
  showLatest(scroller) {
    const latest = [...(scroller.querySelector("svg")?.querySelectorAll(".mark") ?? [])].pop();
    if (latest) scroller.scrollLeft += latest.getBoundingClientRect().right - scroller.getBoundingClientRect().right + 24;
  }

  hide() {
    this.tip.hidden = true;
  }

  // A mark's title becomes its name, or the browser would show it a second time.
  words(mark) {
    const title = mark.querySelector(":scope > title");
    if (title) {
      mark.dataset.words = title.textContent;
      if (mark.matches("a")) mark.setAttribute("aria-label", title.textContent.replaceAll("\n", ", "));
      title.remove();
    }
    return (mark.dataset.words ?? "").split("\n");
  }

  walk(event) {
    if (event.key === "Escape") return this.hide();
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    const links = step && event.target.matches("a.mark") ? [...this.querySelectorAll("a.mark")] : [];
    if (!links.length) return;
    event.preventDefault();
    const to = Math.min(Math.max(links.indexOf(event.target) + step, 0), links.length - 1);
    if (links.some((link) => link.hasAttribute("tabindex"))) {
      event.target.setAttribute("tabindex", "-1");
      links[to].setAttribute("tabindex", "0");
    }
    links[to].focus();
  }
}

customElements.define("chart-tips", ChartTips);
