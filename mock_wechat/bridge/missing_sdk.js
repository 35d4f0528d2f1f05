// In place of WeChat's JS-SDK, which is not installed.
(function () {
"use strict";
const text = "WeChat’s JS-SDK is not installed. Run: npm ci --ignore-scripts, in the project’s folder, and reload this page.\n" +
  "未安装微信 JS-SDK。请在项目目录运行 npm ci --ignore-scripts，然后刷新本页。";
console.error(text);
function show() {
  const banner = document.createElement("p");
  banner.setAttribute("role", "alert");
  banner.style.cssText =
    "all: initial; display: block; padding: 1em; background: #b42318; color: #fff; font: 16px sans-serif; " +
    "white-space: pre-line";
  banner.textContent = text;
  document.body.prepend(banner);
}
if (document.body) show();
else document.addEventListener("DOMContentLoaded", show);
})();
