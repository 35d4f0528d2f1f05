// Makes elements. Content of the page is inserted as text, never as HTML.

/** An element with attributes (functions are listeners) and children, strings being text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

function button(text, attributes, click) {
  return make("button", { type: "button", ...attributes, click }, text);
}

/** Calls `run` once the document has an element: the bridge may load before the page's first tag. */
function whenThereIsAPage(run) {
  if (document.documentElement) return run();
  const observer = new MutationObserver(() => {
    if (!document.documentElement) return;
    observer.disconnect();
    run();
  });
  observer.observe(document, { childList: true });
}

/** Whether an image can be loaded without a call to another machine. */
function isOnThisMachine(address) {
  try {
    const { protocol, hostname, origin } = new URL(address, location.href);
    const isLoopback = /^(localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
    return origin === location.origin || protocol === "data:" || protocol === "blob:" || isLoopback;
  } catch {
    return false;
  }
}
