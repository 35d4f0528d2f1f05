// Shows /openapi.json with Swagger UI, in the system's colour scheme. An entered key is not kept.

import { addTexts } from "./texts.js";
import { drawTexts, showPage } from "./view.js";

addTexts({
  en: { title: "API · WeChat central control server" },
  zh: { title: "接口文档 · 微信中控服务器" },
});

const dark = matchMedia("(prefers-color-scheme: dark)");

function takeColours() {
  document.documentElement.classList.toggle("dark-mode", dark.matches); // Swagger UI's class
}

dark.addEventListener("change", takeColours);
takeColours();
drawTexts();
showPage(drawTexts);
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  validatorUrl: null, // it would call an external server
});
