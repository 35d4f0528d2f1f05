import vue from "@vitejs/plugin-vue";
import { defineConfig, loadEnv } from "vite";

/** While developing, turns the browser into WeChat: a script of the mock, before all others. */
function mockedWeChat(mock) {
  const script = { tag: "script", attrs: { src: `${mock}/_mock/bridge.js` }, injectTo: "head-prepend" };
  return { name: "mocked-wechat", apply: "serve", transformIndexHtml: () => (mock ? [script] : []) };
}

export default defineConfig(({ mode }) => {
  const { VITE_MOCK } = loadEnv(mode, import.meta.dirname);
  return { plugins: [vue(), mockedWeChat(VITE_MOCK)], server: { port: 5173, strictPort: true } };
});
