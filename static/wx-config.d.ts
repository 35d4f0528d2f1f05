// Types of the global that wx-config.js makes as a classic script.

declare const wxConfig: typeof import("./wx-config.mjs");
