// Open tags (开放标签): the elements of an accepted config's openTagList become what WeChat makes of them.

const TAPPED = {
  "wx-open-launch-weapp": "launch",
  "wx-open-launch-app": "launch",
  "wx-open-subscribe": "success",
  "wx-open-audio": "play",
};

/** Defines the listed tags; all others on the page stay without effect. */
function allowTags(names) {
  const unknown = names.filter((name) => !Object.hasOwn(TAPPED, name));
  if (unknown.length) complainAboutTags(`${unknown.join(", ")}: no such open tag`);
  for (const name of names) {
    if (Object.hasOwn(TAPPED, name) && !customElements.get(name)) customElements.define(name, openTag(TAPPED[name]));
  }
}

/** Tells the page that tags do not work, so that it can show something else; the SDK's functions go on. */
function complainAboutTags(errMsg) {
  document.dispatchEvent(new CustomEvent("WeixinOpenTagsError", { detail: { errMsg } }));
}

/** An element that shows its template or script text, and dispatches `ready`, then `event` at each tap. */
function openTag(event) {
  return class extends HTMLElement {
    connectedCallback() {
      setTimeout(() => this.shadowRoot || this.show()); // its content may not be parsed yet
    }

    show() {
      const source = this.querySelector("template, script[type='text/wxtag-template']");
      const { head, body } = new DOMParser().parseFromString(source ? source.innerHTML : "", "text/html");
      this.attachShadow({ mode: "open" }).append(...head.childNodes, ...body.childNodes);
      this.addEventListener("click", () => this.tell(event));
      this.tell("ready");
    }

    tell(name) {
      record(`${this.localName}:${name}`, {}).answer = {};
      this.dispatchEvent(new CustomEvent(name, { detail: { errMsg: `${name}:ok` } }));
      changed();
    }
  };
}
