// The page's calls and their answers, for the overlay and for tests.

const calls = [];
const watchers = [];

/** Records a call; `answer` is null until there is one. */
function record(name, params) {
  const call = { name, params, answer: null, note: "" };
  calls.push(call);
  changed();
  return call;
}

/** Notify the overlay. */
function changed() {
  for (const watcher of watchers) watcher();
}

/** A deep copy, as a real bridge makes: no object is shared, and undefined is lost. */
function copy(value) {
  return JSON.parse(JSON.stringify(value));
}
