// Builds the site of the manual into target/site of the project: a folder for each version, those of earlier releases
// from their tags (v1.2.3), and an index.html that leads to the latest. Everything works from the disk, without a server.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const site = join(root, "target/site");
const sources = join(root, "target/site-sources");

function git(...args) {
  return execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 }).trim();
}

function tags() {
  try {
    return git("tag", "--list", "v*", "--sort=-version:refname").split("\n").filter((tag) => /^v\d+\.\d+\.\d+$/.test(tag));
  }
  catch {
    return []; // Not a clone
  }
}

function build(folder, version, versions) {
  console.log(`Version ${version}`);
  execFileSync(process.execPath, [join(here, "../node_modules/@11ty/eleventy/cmd.cjs"), "--quiet",
    `--config=${relative(root, join(here, "eleventy.config.mjs"))}`, `--input=${relative(root, join(folder, "docs"))}`,
    `--output=${relative(root, join(site, version))}`],
    { cwd: root, stdio: "inherit", env: { ...process.env, MANUAL_VERSION: version, MANUAL_VERSIONS: versions.join(" ") } });
}

rmSync(site, { recursive: true, force: true });
rmSync(sources, { recursive: true, force: true });
mkdirSync(site, { recursive: true });

const current = readFileSync(join(root, "pom.xml"), "utf8").match(/<artifactId>crdb-spring-boot<\/artifactId>\s*<version>([^<]+)/)[1];
const released = tags().filter((tag) => tag !== `v${current}`);
const versions = [current, ...released.map((tag) => tag.substring(1))];

build(root, current, versions);
for (const tag of released) {
  const folder = join(sources, tag);
  mkdirSync(folder, { recursive: true });
  const archive = join(sources, `${tag}.tar`);
  git("archive", "--output", archive, tag, "docs", "README.md");
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  build(folder, tag.substring(1), versions);
}
rmSync(sources, { recursive: true, force: true });

// The latest release, or what is to become the first one
const latest = versions.find((version) => !version.endsWith("-SNAPSHOT")) ?? current;
writeFileSync(join(site, "index.html"),
  `<!doctype html><meta charset="utf-8"><title>crdb-spring-boot</title><meta http-equiv="refresh" content="0; url=${latest}/index.html">`
  + `<a href="${latest}/index.html">crdb-spring-boot ${latest}</a>\n`);
console.log(`Open ${relative(process.cwd(), join(site, "index.html"))}`);
