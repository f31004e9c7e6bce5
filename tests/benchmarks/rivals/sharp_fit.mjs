// sharp, set for batches: fit into a box, progressive JPEG of quality 85.
// Usage: node sharp_fit.mjs OUT PARALLEL WIDTH HEIGHT < list of files
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, extname, join } from "node:path";

const sharp = createRequire(join(process.cwd(), "package.json"))("sharp");
const [out, parallel, width, height] = process.argv.slice(2);
sharp.concurrency(1);
sharp.cache(false);
mkdirSync(out, { recursive: true });
const paths = readFileSync(0, "utf8").split("\n").slice(0, -1);
let next = 0;

async function work() {
  while (next < paths.length) {
    const path = paths[next++];
    const target = join(out, basename(path, extname(path)) + ".jpg");
    await sharp(path)
      .autoOrient()
      .resize({ width: +width, height: +height, fit: "inside", withoutEnlargement: true })
      .jpeg({ quality: 85, progressive: true, optimiseCoding: true })
      .toFile(target)
      .catch((error) => console.error(`${path}: ${error.message}`));
  }
}

await Promise.all(Array.from({ length: +parallel }, work));
