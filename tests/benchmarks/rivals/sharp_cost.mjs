// sharp, one picture at a time: for each line of JSON on standard input, {path, out, side, jpeg},
// fit the picture into a square, write a JPEG, and answer with the CPU seconds that it took.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const sharp = createRequire(join(process.cwd(), "package.json"))("sharp");
sharp.concurrency(1);
sharp.cache(false);

for await (const line of createInterface({ input: process.stdin })) {
  const { path, out, side, jpeg } = JSON.parse(line);
  const before = process.cpuUsage();
  await sharp(path)
    .autoOrient()
    .resize({ width: side, height: side, fit: "inside", withoutEnlargement: true })
    .jpeg(jpeg)
    .toFile(out);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${(user + system) / 1e6}\n`);
}
