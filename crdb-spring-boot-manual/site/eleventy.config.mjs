import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import syntaxHighlight from "@11ty/eleventy-plugin-syntaxhighlight";
import GithubSlugger from "github-slugger";
import anchor from "markdown-it-anchor";
import MiniSearch from "minisearch";

const here = dirname(fileURLToPath(import.meta.url));
const navigation = JSON.parse(readFileSync(join(here, "navigation.json"), "utf8"));

export default function (eleventy) {
  const input = eleventy.directories.input;
  const output = eleventy.directories.output;
  const version = process.env.MANUAL_VERSION;
  const title = (text) => (text.match(/^# (.+)$/m) ?? ["", "Untitled"])[1].replace(/[`*]/g, "");
  const names = readdirSync(input).filter((file) => file.endsWith(".md")).map((file) => file.replace(/\.md$/, ""));
  const titles = Object.fromEntries(names.map((name) => [name, title(readFileSync(join(input, `${name}.md`), "utf8"))]));
  const groups = navigation.map((group) => ({ ...group, pages: group.pages.filter((name) => name in titles) }));
  const rest = names.filter((name) => !groups.some((group) => group.pages.includes(name)));
  if (rest.length > 0) {
    groups.push({ title: "More", pages: rest });
  }

  eleventy.addPlugin(syntaxHighlight, { errorOnInvalidLanguage: false });
  eleventy.addGlobalData("layout", "layout.njk");
  eleventy.addGlobalData("permalink", () => (data) => `${data.page.filePathStem}.html`);
  eleventy.addGlobalData("version", version);
  eleventy.addGlobalData("versions", (process.env.MANUAL_VERSIONS ?? version).split(" "));
  eleventy.addGlobalData("groups", groups.map((group) => ({
    title: group.title, pages: group.pages.map((name) => ({ url: `${name}.html`, title: titles[name] }))
  })));
  eleventy.addFilter("heading", title);

  // The README is the first page
  const readme = join(input, "../README.md");
  if (existsSync(readme)) {
    eleventy.addTemplate("index.md", readFileSync(readme, "utf8").replace(/\]\(docs\//g, "]("));
  }

  eleventy.amendLibrary("md", (markdown) => {
    markdown.use(anchor, { slugify: (text) => new GithubSlugger().slug(text), permalink: anchor.permalink.headerLink() });
    // Wide tables scroll by themselves
    markdown.renderer.rules.table_open = () => '<div class="table" tabindex="0"><table>';
    markdown.renderer.rules.table_close = () => "</table></div>";
  });

  eleventy.addTransform("links", function (content) {
    return content.replace(/<a href="([^"]+)"([^>]*)>(.*?)<\/a>/gs, (link, target, rest, text) => {
      const [file, fragment] = target.split("#");
      if (/^[a-z]+:/.test(target) || file === "" || file.endsWith(".html")) {
        return link;
      }
      const page = file === "../README.md" ? "index" : names.find((name) => `${name}.md` === file);
      if (page !== undefined) {
        return `<a href="${page}.html${fragment ? `#${fragment}` : ""}"${rest}>${text}</a>`;
      }
      if (existsSync(join(input, file)) && !file.startsWith("..") && !file.endsWith(".md")) {
        return link;
      }
      return text; // A file of the repository, which the site does not have
    });
  });

  eleventy.addPassthroughCopy({ [join(input, "images")]: "images" });
  eleventy.addPassthroughCopy({ [join(input, "grafana-dashboard.json")]: "grafana-dashboard.json" });
  for (const file of ["site.css", "site.js"]) {
    eleventy.addPassthroughCopy({ [relative(process.cwd(), join(here, file))]: file });
  }

  // One entry for each section. As a script, since a page on the disk may not read other files
  eleventy.on("eleventy.after", ({ results }) => {
    const index = new MiniSearch({ fields: ["title", "page", "text"], storeFields: ["title", "page", "text"] });
    for (const result of results) {
      const page = result.url.replace(/^\//, "");
      const main = result.content.substring(result.content.indexOf("<main"), result.content.indexOf("</main>"));
      const sections = main.split(/(?=<h[1-3] id=")/).filter((section) => section.startsWith("<h"));
      const name = text((sections[0] ?? "").match(/<h1[^>]*>(.*?)<\/h1>/s)?.[1] ?? page);
      sections.forEach((section) => {
        const [, id, heading] = section.match(/^<h[1-3] id="([^"]+)"[^>]*>(.*?)<\/h[1-3]>/s);
        index.add({ id: `${page}#${id}`, title: text(heading), page: name, text: text(section.replace(/^<h.*?<\/h[1-3]>/s, "")) });
      });
    }
    writeFileSync(join(output, "search-index.js"), `window.searchIndex = ${JSON.stringify(JSON.stringify(index))};\n`);
    copyFileSync(join(here, "../node_modules/minisearch/dist/umd/index.js"), join(output, "minisearch.js"));
  });

  return { markdownTemplateEngine: false, dir: { includes: relative(input, here), layouts: relative(input, here) } };
}

function text(html) {
  return html.replace(/<[^>]+>/g, " ").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&").replace(/\s+/g, " ").trim();
}
