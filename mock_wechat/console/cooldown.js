// A server that was refused a token waits before it asks again, also when the scenario has ended. The mock sees calls
// only, so the note says what a server may do, until a call for a token succeeds.

import { isGood, outcomeOf } from "./calls.js";
import { duration, timeOfDay } from "./format.js";
import { say } from "./texts.js";

const GROUPS = { "/cgi-bin/token": "token", "/cgi-bin/stable_token": "token", "/cgi-bin/ticket/getticket": "ticket" };
const [MINUTE, HOUR, DAY] = [60, 3600, 86400];
const LONGEST = { 45009: HOUR, 48006: HOUR, 9410009: HOUR, 89507: HOUR, 89506: DAY }; // wechat-central's, others a minute

/** The note; "" while a scenario or fault is set, or if the last calls for credentials succeeded. */
export function waitNote({ scenarios = [], faults }, calls) {
  if (scenarios.length || faults.length) return "";
  const last = new Map(calls.filter(({ path }) => path in GROUPS).map((call) => [`${call.appid} ${GROUPS[call.path]}`, call]));
  const refused = [...last.values()].filter((call) => !isGood(call)).at(-1);
  if (!refused) return "";
  const values = { path: refused.path, outcome: outcomeOf(refused), time: timeOfDay(refused.at) };
  return say("mayWait", { ...values, duration: duration(LONGEST[refused.errcode] ?? MINUTE) });
}
