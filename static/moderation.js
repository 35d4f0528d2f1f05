// Sends a text or an image to the moderation endpoints and shows the verdict. The API key stays in its field.

import "./moderation-texts.js";
import { fetchJson, wrongKey } from "./answers.js";
import { ASKING, IDLE, report } from "./moderation-reports.js";
import { say } from "./texts.js";
import { drawFacts, drawTexts, showPage } from "./view.js";

const SAMPLES = {
  sampleGood: "今天天气很好，适合出去走走。",
  sampleBad: "特3456书yuuo莞6543李zxcz蒜7782法fgnv级", // WeChat's own example
};
const PATIENCE_SECONDS = 60; // a busy server checks the parts of a long image one after another

const key = document.getElementById("key");
const reveal = document.getElementById("reveal");
const content = document.getElementById("content");
const openid = document.getElementById("openid");
const scene = document.getElementById("scene");
const fileInput = document.getElementById("file");
const drop = document.getElementById("drop");
const preview = document.getElementById("preview");
const send = document.getElementById("send");
const kinds = [...document.querySelectorAll("input[type=radio]")];

let shown = IDLE; // the report, to draw it again in the other language
let complaint; // the name of the text about a missing field, or undefined
let image; // the file to check, or undefined
let pixels = ""; // of the image, once it is known

async function check() {
  if (send.ariaDisabled === "true") return; // a disabled button would lose the focus
  complain(missing());
  if (complaint) return;
  send.ariaDisabled = "true";
  show(ASKING);
  try {
    const answer = report(await fetchJson(...request()));
    if (shown !== ASKING) return; // another kind was chosen meanwhile
    show(answer);
    document.getElementById("result").scrollIntoView({ block: "nearest" }); // on a phone it is below the button
  } finally {
    send.ariaDisabled = "false";
  }
}

/** Focus a missing or wrong field and return the name of the text about it, or undefined. */
function missing() {
  const wrong = wrongKey(key.value.trim());
  const complaints = [
    [key, wrong, wrong],
    [content, kind() === "text" && !content.value, "contentMissing"],
    [fileInput, kind() === "image" && !image, "imageMissing"],
  ];
  const [field, , name] = complaints.find(([, applies]) => applies) ?? [];
  field?.focus();
  return name;
}

function request() {
  const given = { key: key.value.trim(), seconds: PATIENCE_SECONDS };
  if (kind() === "image") return ["/api/moderation/image", { ...given, body: image }];
  const asked = { content: content.value };
  if (openid.value.trim()) asked.openid = openid.value.trim();
  if (scene.value) asked.scene = Number(scene.value);
  return ["/api/moderation/text", { ...given, body: JSON.stringify(asked) }];
}

function kind() {
  return kinds.find((radio) => radio.checked).value;
}

function chooseKind(chosen) {
  for (const radio of kinds) radio.checked = radio.value === chosen;
  for (const field of document.querySelectorAll("[data-kind]")) field.hidden = field.dataset.kind !== chosen;
  complain(undefined);
  show(IDLE); // the verdict was about something else
}

function takeImage(file) {
  if (!file) return;
  image = file;
  pixels = "";
  chooseKind("image");
  drawImage();
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    if (image === file) preview.src = reader.result;
  });
  reader.readAsDataURL(file);
}

function drawImage() {
  if (!image) return;
  const bytes = image.size.toLocaleString("en");
  document.getElementById("chosen").textContent = say("chosen", { name: image.name, bytes, pixels });
}

function show(what) {
  shown = what;
  drawShown();
}

function drawShown() {
  document.getElementById("result").dataset.state = shown.state;
  document.getElementById("word").textContent = say(shown.word);
  document.getElementById("meaning").textContent = say(shown.meaning);
  drawFacts(document.getElementById("facts"), shown.facts);
}

function complain(name) {
  complaint = name;
  drawComplaint();
}

function drawComplaint() {
  document.getElementById("complaint").textContent = complaint ? say(complaint) : "";
}

function drawReveal() {
  const open = key.type === "text";
  reveal.textContent = say(open ? "conceal" : "reveal");
  reveal.setAttribute("aria-pressed", String(open));
}

function drawAll() {
  drawTexts();
  drawReveal();
  drawImage();
  drawShown();
  drawComplaint();
}

document.getElementById("check").addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
content.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) check();
});
reveal.addEventListener("click", () => {
  key.type = key.type === "password" ? "text" : "password";
  drawReveal();
});
for (const radio of kinds) radio.addEventListener("change", () => chooseKind(radio.value));
for (const button of document.querySelectorAll("[data-sample]")) {
  button.addEventListener("click", () => {
    content.value = SAMPLES[button.dataset.sample];
    show(IDLE);
  });
}
document.getElementById("sample-image").addEventListener("click", async () => {
  const answer = await fetch("/static/red.png");
  takeImage(new File([await answer.blob()], "red.png", { type: "image/png" }));
});
content.addEventListener("input", () => show(IDLE));
fileInput.addEventListener("change", () => takeImage(fileInput.files[0]));
preview.addEventListener("load", () => {
  preview.hidden = false;
  pixels = ` · ${preview.naturalWidth} × ${preview.naturalHeight} px`;
  drawImage();
});
preview.addEventListener("error", () => {
  preview.hidden = true; // the server may know the format
});
document.addEventListener("paste", (event) => {
  const file = event.clipboardData.files[0];
  if (!file || event.clipboardData.types.includes("text/plain")) return; // office programs add an image of their text
  event.preventDefault();
  takeImage(file);
});
document.addEventListener("dragover", (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  drop.dataset.over = "";
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) delete drop.dataset.over;
});
document.addEventListener("drop", (event) => {
  delete drop.dataset.over;
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  takeImage(event.dataTransfer.files[0]);
});

chooseKind(kind());
drawAll();
showPage(drawAll);
