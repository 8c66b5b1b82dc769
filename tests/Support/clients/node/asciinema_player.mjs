// asciinema's web player without its screen: plays a recording and prints what it would have drawn, as JSON.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = join(process.env.NODE_PATH, "asciinema-player", "dist");
// The part that loads and plays; its name has a hash of its own.
const core = readdirSync(folder).find((name) => /^core-.*\.js$/.test(name));
const { C: Core } = await import(pathToFileURL(join(folder, core)));

const quiet = () => {};
const player = new Core(
  { data: readFileSync(process.argv[2], "utf8") },
  { logger: { debug: quiet, info: quiet, warn: console.error, error: console.error }, speed: 10000, preload: true },
);
const seen = { output: "", markers: [], sizes: [], duration: 0 };
player.addEventListener("reset", ({ size }) => size && seen.sizes.push(`${size.cols}x${size.rows}`));
player.addEventListener("resize", ({ cols, rows }) => seen.sizes.push(`${cols}x${rows}`));
player.addEventListener("metadata", ({ duration, markers }) => Object.assign(seen, { duration, markers: markers.map(([, label]) => label) }));
// What falls into one frame comes together.
player.addEventListener("output", (texts) => (seen.output += [texts].flat().join("")));
player.addEventListener("error", (error) => {
  console.error(error);
  process.exit(1);
});
const ended = new Promise((resolve) => player.addEventListener("ended", resolve));
player.terminalReady();
await player.play();
await ended;
console.log(JSON.stringify(seen));
process.exit(0);
