// The scenarios of the mock, each with its description and a button.

import { keep, make, write } from "./dom.js";
import { languageTag, say, sayScenario } from "./texts.js";

/** `play(name)` is what the buttons do. `scenarios` is empty where the mock has none. */
export function drawScenarios(scenarios, play) {
  document.getElementById("scenarios-empty").hidden = scenarios.length > 0;
  keep(document.getElementById("scenario-list"), scenarios, ({ name }) => name, ({ name }) => scenarioPart(name, play));
}

function scenarioPart(name, play) {
  const sentence = make("p", { class: "sentence" });
  const button = make("button", { type: "button", class: "small", click: () => play(name) });
  const element = make("li", {}, make("h3", { class: "code" }, name), sentence, button);

  function update(scenario) {
    const translated = sayScenario(name);
    write(sentence, translated ?? scenario.sentence);
    sentence.lang = translated ? languageTag() : "en"; // the mock explains itself in English
    write(button, say("play"));
    button.ariaLabel = say("playLabel", { name });
  }
  return { element, update };
}
