// wx-config.js as an ES module.

import "./wx-config.js";

export const { configure, ready } = globalThis.wxConfig;
