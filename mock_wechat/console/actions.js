// The buttons: one control call each, a message, and a reload of the state.

import { forget, steer } from "./control.js";
import { duration } from "./format.js";
import { reasonOf, tell } from "./messages.js";
import { say } from "./texts.js";

/** `reload()` reads the state again and shows it. */
export function actionsWith(reload) {
  /** Makes the call; resolves to the reason of a failure, or "". */
  async function attempt(call, done) {
    try {
      const answer = await call();
      if (done) tell(done(answer));
    } catch (error) {
      return reasonOf(error);
    }
    await reload();
    return "";
  }

  async function act(call, done) {
    const wrong = await attempt(call, done);
    if (wrong) tell(wrong, { wrong: true });
  }

  return {
    copy,
    steal: (appid, { credential }) => act(() => steer("revoke", { appid, credential }), (answer) => say("stolen", answer)),
    advance: (seconds) => act(() => steer("clock", { advance: seconds }), () => say("moved", { duration: duration(seconds) })),
    allow: ({ appid, ip }) => act(() => steer("confirm", { appid, ip, answer: "allow" }), () => say("allowedNow", { ip })),
    refuse: ({ appid, ip }) => act(() => steer("confirm", { appid, ip, answer: "refuse" }), () => say("refusedNow", { ip })),
    play: (name) => act(() => steer("scenarios", { name }), () => say("played", { name })),
    end: (name) => act(() => steer("scenarios", { name, end: true }), () => say("ended", { name })),
    setFault: (fault) => attempt(() => steer("faults", fault), ({ path }) => say("faultSet", { path })), // the form shows what is wrong
    send: (message) => attempt(() => steer("messages", message)), // the chat shows what is wrong
    forgetFaults: () => act(() => forget("faults"), () => say("faultsCleared")),
    forgetCalls: () => act(() => forget("calls"), () => say("forgotten")),
    reset: () => act(() => steer("reset"), () => say("wasReset")),
  };
}

async function copy(it) {
  try {
    await navigator.clipboard.writeText(it.value);
    tell(say("copied", it));
  } catch {
    tell(say("notCopied"), { wrong: true }); // browsers give the clipboard to https and loopback only
  }
}
