// SHA-1 of a text in UTF-8. WebCrypto exists on https and loopback only, but phones may open this page over plain http.

const BLOCK = 64; // bytes

/** 40 hexadecimal digits. */
export function sha1(text) {
  const view = padded(new TextEncoder().encode(text));
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  for (let start = 0; start < view.byteLength; start += BLOCK) addBlock(state, words, view, start);
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The bytes, a one bit, zeros, and the number of bits in the last eight bytes. */
function padded(bytes) {
  const size = Math.ceil((bytes.length + 9) / BLOCK) * BLOCK;
  const all = new Uint8Array(size);
  all.set(bytes);
  all[bytes.length] = 0x80;
  const view = new DataView(all.buffer);
  view.setUint32(size - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(size - 4, bytes.length * 8);
  return view;
}

function addBlock(state, words, view, start) {
  for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(start + i * 4);
  for (let i = 16; i < 80; i += 1) words[i] = turned(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  let [a, b, c, d, e] = state;
  for (let i = 0; i < 80; i += 1) {
    const next = (turned(a, 5) + mixed(i, b, c, d) + e + words[i]) | 0;
    [a, b, c, d, e] = [next, a, turned(b, 30), c, d];
  }
  [a, b, c, d, e].forEach((word, i) => {
    state[i] = (state[i] + word) | 0;
  });
}

function mixed(i, b, c, d) {
  if (i < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (i < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (i < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function turned(word, bits) {
  return (word << bits) | (word >>> (32 - bits));
}
