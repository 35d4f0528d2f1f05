// The pending faults, and a form for another.

import { keep, make, write } from "./dom.js";
import { say } from "./texts.js";

const START = { errcode: "40001", status: "502", delay_seconds: "3", drop: "" };
const UNITS = { errcode: "unitErrcode", status: "unitStatus", delay_seconds: "unitDelay", drop: "unitErrcode" };
const DROPS = { before: "doesDropBefore", after: "doesDropAfter", idle: "doesDropIdle" };
const PATHS = [
  "/cgi-bin/token",
  "/cgi-bin/stable_token",
  "/cgi-bin/ticket/getticket",
  "/wxa/msg_sec_check",
  "/wxa/img_sec_check",
  "/cgi-bin/*",
  "/wxa/*",
  "*",
];

const form = document.getElementById("fault");

export function drawFaults({ faults }) {
  const list = document.getElementById("fault-list");
  keep(list, faults.map((fault, place) => ({ fault, place })), ({ fault, place }) => `${place} ${fault.path}`, faultPart);
  document.getElementById("forget-faults").hidden = !faults.length;
  drawForm();
}

/** Calls `set(fault)` when the form is sent; it resolves to the reason of a failure, or "". */
export function listenToForm(set) {
  document.getElementById("paths").replaceChildren(...PATHS.map((path) => make("option", { value: path })));
  form.elements.kind.addEventListener("change", () => {
    form.elements.number.value = START[form.elements.kind.value];
    drawForm();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    write(document.getElementById("fault-wrong"), await set(wanted()));
  });
}

function drawForm() {
  const kind = form.elements.kind.value;
  const drops = kind === "drop";
  document.getElementById("fault-number").hidden = drops;
  document.getElementById("fault-drop").hidden = !drops;
  write(document.getElementById("fault-unit"), say(UNITS[kind]));
}

/** The form's fault as POST /_mock/faults takes it; the mock checks it. */
function wanted() {
  const { path, kind, number, drop, times } = form.elements;
  const value = kind.value === "drop" ? drop.value : number.value.trim() === "" ? null : Number(number.value);
  return { path: path.value.trim(), [kind.value]: value, times: times.value ? Number(times.value) : null };
}

function faultPart() {
  const [path, does, left] = [make("span", { class: "code path" }), make("span", { class: "does" }), make("span", { class: "left" })];
  const element = make("li", {}, path, does, left);

  function update({ fault }) {
    write(path, fault.path);
    write(does, effects(fault).join(" · "));
    write(left, fault.times === null ? say("timesAll") : say("timesLeft", fault));
  }
  return { element, update };
}

function effects(fault) {
  return [
    fault.errcode !== undefined && `errcode ${fault.errcode}`,
    fault.status !== undefined && say("doesStatus", fault),
    fault.body !== undefined && say("doesBody"),
    fault.delay_seconds && say("doesDelay", { seconds: fault.delay_seconds }),
    fault.drip_seconds && say("doesDrip", { seconds: fault.drip_seconds }),
    fault.truncate && say("doesTruncate"),
    fault.drop && say(DROPS[fault.drop]),
    ...(fault.quirks ?? []),
    fault.every && say("every", fault),
    fault.appid && say("only", fault),
  ].filter(Boolean);
}
