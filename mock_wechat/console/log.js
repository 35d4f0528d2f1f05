// The calls that this page keeps: the newest part of the mock's log.

const REMEMBERED = 1000;

export class Log {
  calls = []; // oldest first
  last = 0; // the next question is for calls after this id

  /** Takes an answer of GET /_mock/calls; drops the calls that the mock has dropped, or all if it was restarted. */
  take({ calls, first_id: first, last_id: last }) {
    const restarted = last < this.last;
    const known = restarted || first === null ? [] : this.calls.filter((call) => call.id >= first);
    this.calls = [...known, ...(restarted ? [] : calls)].slice(-REMEMBERED);
    this.last = restarted ? 0 : last;
  }
}
