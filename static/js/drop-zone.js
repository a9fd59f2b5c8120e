// An upload form that also takes what is dropped on it, whole folders too, and shows how much has been sent.
// Without this script the form inside works as it stands.
class DropZone extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[type=file]");
    this.said = this.querySelector("[data-said]");
    this.bar = this.querySelector("progress");
    for (const name of ["dragenter", "dragover"]) this.addEventListener(name, (event) => this.over(event, true));
    for (const name of ["dragleave", "drop"]) this.addEventListener(name, (event) => this.over(event, false));
    this.addEventListener("drop", (event) => this.take(event.dataTransfer));
    this.input.addEventListener("change", () => this.fits());
    this.form.addEventListener("submit", (event) => this.send(event));
  }

  over(event, isOver) {
    event.preventDefault();
    this.form.classList.toggle("is-over", isOver);
  }

  async take(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = entries.length ? (await Promise.all(entries.map((entry) => this.unfold(entry)))).flat() : [...transfer.files];
    const chosen = new DataTransfer();
    files.forEach((file) => chosen.items.add(file));
    this.input.files = chosen.files;
    if (files.length && this.fits()) this.form.requestSubmit();
  }

  async unfold(entry) {
    if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
    const reader = entry.createReader();
    const files = [];
    for (;;) {
      const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!entries.length) return files;
      for (const each of entries) files.push(...(await this.unfold(each)));
    }
  }

  fits() {
    const size = [...this.input.files].reduce((sum, file) => sum + file.size, 0);
    const fits = size <= Number(this.dataset.maxBytes);
    this.say(fits ? "" : this.dataset.tooLarge, true);
    return fits;
  }

  say(text, isWrong = false) {
    this.said.textContent = text;
    this.said.classList.toggle("errorlist", isWrong);
  }

  send(event) {
    if (!this.input.files.length) return;
    event.preventDefault();
    if (!this.fits()) return;
    const request = new XMLHttpRequest();
    const button = this.form.querySelector("button");
    button.disabled = true;
    this.bar.hidden = false;
    this.say(this.dataset.sending);
    request.upload.addEventListener("progress", (sent) => {
      if (sent.lengthComputable) this.bar.value = (100 * sent.loaded) / sent.total;
    });
    const broken = () => {
      button.disabled = false;
      this.bar.hidden = true;
      this.say(this.dataset.broken, true);
    };
    request.addEventListener("error", broken);
    request.addEventListener("abort", broken);
    request.addEventListener("load", () => {
      const done = request.status === 200 && new URL(request.responseURL).pathname !== location.pathname;
      if (done) {
        location.assign(request.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const told = page.querySelector(".trouble, .errorlist, main h1");
      broken();
      if (told) this.say(told.textContent.trim().replace(/\s+/g, " "), true);
    });
    request.open("POST", this.form.action);
    request.send(new FormData(this.form));
  }
}
customElements.define("drop-zone", DropZone);
