// Nothing leaves the machine: the SDK reports each config to Tencent by loading an image (WECHAT.md 8.8).

const REPORTS = /^https?:\/\/open\.weixin\.qq\.com\//i;

/** Records the SDK's report instead of sending it. */
function holdBackReports() {
  const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", {
    ...source,
    set(address) {
      if (!REPORTS.test(address)) return source.set.call(this, address);
      const call = record("sdk/report", Object.fromEntries(new URL(address).searchParams));
      call.answer = {};
      call.note = say("heldBack");
      changed();
    },
  });
}
