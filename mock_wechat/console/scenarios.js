// The scenarios of the mock: which of them run, and buttons to start and end them.

import { waitNote } from "./cooldown.js";
import { keep, make, write } from "./dom.js";
import { shortAppid } from "./format.js";
import { languageTag, say, sayScenario } from "./texts.js";

const ALL_WELL = "all-well"; // ends all others

/** `actions` are `play(name)` and `end(name)`. `scenarios` is empty where the mock has none. */
export function drawScenarios(scenarios, state, calls, actions) {
  document.getElementById("scenarios-empty").hidden = scenarios.length > 0;
  write(document.getElementById("wait"), state ? waitNote(state, calls) : "");
  const items = scenarios.map((scenario) => ({ scenario, running: runs(state, scenario) }));
  keep(document.getElementById("scenario-list"), items, ({ scenario: { name } }) => name, (item) => scenarioPart(item, actions));
}

/** The appids for which it runs; null stands for all. */
function runs(state, { name }) {
  return (state?.scenarios ?? []).filter((it) => it.name === name).map(({ appid }) => appid);
}

function scenarioPart({ scenario: { name } }, { play, end }) {
  let ends;
  const [sentence, chip] = [make("p", { class: "sentence" }), make("span", { class: "chip" })];
  const button = make("button", { type: "button", class: "small", click: () => (ends ? end(name) : play(name)) });
  const element = make("li", {}, make("p", { class: "line" }, make("h3", { class: "code" }, name), chip), sentence, button);

  function update({ scenario, running }) {
    ends = running.length > 0;
    element.dataset.running = String(ends);
    chip.hidden = !ends;
    write(chip, running.includes(null) ? say("running") : say("runningFor", { appids: running.map(shortAppid).join(", ") }));
    const translated = sayScenario(name);
    write(sentence, translated ?? scenario.sentence);
    sentence.lang = translated ? languageTag() : "en"; // the mock explains itself in English
    write(button, say(ends ? "end" : name === ALL_WELL ? "endAll" : "play"));
    button.ariaLabel = say(ends ? "endLabel" : "playLabel", { name });
  }
  return { element, update };
}
