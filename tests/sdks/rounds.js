// The other end of scripts.py: how a script of this folder learns what to do and tells what came of it.
const crypto = require("node:crypto");
const readline = require("node:readline");

// The first argument, a JSON object: base, appid, secret, mini_appid, mini_secret, push_token, push_aes_key, folder.
exports.setup = JSON.parse(process.argv[2]);

exports.digest = (content) => crypto.createHash("sha256").update(content).digest("hex");

exports.bytesOf = async (url) => Buffer.from(await (await fetch(url)).arrayBuffer());

const tell = (what) => console.log(JSON.stringify(what));

// Tell where pushes are answered, then play a round for each line of standard input.
exports.serve = async (play, server) => {
  if (server) await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  tell({ push_url: server ? `http://127.0.0.1:${server.address().port}/` : null });
  for await (const line of readline.createInterface({ input: process.stdin })) tell(await play(JSON.parse(line)));
  process.exit(0);
};
