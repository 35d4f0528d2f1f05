// Makes and updates elements. All content is inserted as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element with properties (`class`, `data-…`, `aria-…` and the like as attributes) and children, strings being text. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** An SVG element with attributes and, if given, a text. */
export function draw(name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

/** Sets a text where it changed: what stays is not read out again, and a selection in it lasts. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of `parent` show `items`: an element that stays is kept, with its focus and its open details.
 * `build(item)` gives `{element, update}`; `update(item)` is called each time.
 */
export function keep(parent, items, key, build) {
  const parts = (parent.parts ??= new Map());
  const wanted = new Map(items.map((item) => [key(item), item]));
  for (const [name, part] of parts) {
    if (wanted.has(name)) continue;
    part.element.remove();
    parts.delete(name);
  }
  let place = parent.firstChild;
  for (const [name, item] of wanted) {
    if (!parts.has(name)) parts.set(name, build(item));
    const { element, update } = parts.get(name);
    update?.(item);
    if (element === place) place = place.nextSibling;
    else parent.insertBefore(element, place);
  }
}
