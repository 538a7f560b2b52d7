// Shows /api/openapi.json: every operation with its parameters, body and answers. Text only ever enters as text nodes.

const METHODS = ["get", "post", "put", "patch", "delete"];

/** @param {string} tag @param {Record<string, string>} attributes @param {(Node | string)[]} children */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function resolve(api, schema, depth = 0) {
  if (!schema || depth > 6) return "…";
  if (schema.$ref) return resolve(api, api.components.schemas[schema.$ref.split("/").pop()], depth + 1);
  if (schema.anyOf) return resolve(api, schema.anyOf[0], depth);
  if (schema.allOf) return resolve(api, schema.allOf[0], depth);
  if (schema.properties) {
    const required = new Set(schema.required ?? []);
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, inner]) => [
        required.has(name) ? name : `${name}?`,
        resolve(api, inner, depth + 1),
      ]),
    );
  }
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : (schema.type ?? "any");
  if (schema.items) return [resolve(api, schema.items, depth + 1)];
  if (schema.enum) return schema.enum.filter((choice) => choice !== null).join(" | ");
  return schema.format ? `${type} (${schema.format})` : type;
}

function shown(api, content) {
  const schema = content?.["application/json"]?.schema;
  return schema ? element("pre", {}, JSON.stringify(resolve(api, schema), null, 2)) : "";
}

function operation(api, path, method, described, shared) {
  const inside = element("div", { class: "inside" });
  const parameters = [...(shared ?? []), ...(described.parameters ?? [])].filter((parameter) => parameter.name);
  if (described.description) inside.append(element("p", {}, described.description));
  if (parameters.length) {
    const rows = parameters.map((parameter) =>
      element("tr", {}, element("td", {}, element("code", {}, parameter.name)), element("td", {}, parameter.in),
        element("td", {}, String(resolve(api, parameter.schema)))));
    inside.append(element("table", {}, ...rows));
  }
  inside.append(shown(api, described.requestBody?.content));
  for (const [status, answer] of Object.entries(described.responses ?? {})) {
    inside.append(element("p", {}, element("strong", {}, status), ` ${answer.description ?? ""}`), shown(api, answer.content));
  }
  const title = element("summary", {}, element("span", { class: "method" }, method.toUpperCase()),
    element("code", {}, path), ` ${described.summary ?? ""}`);
  return element("details", { "data-search": `${method} ${path}` }, title, inside);
}

function page(api) {
  const groups = new Map();
  for (const [path, operations] of Object.entries(api.paths).sort()) {
    for (const method of METHODS.filter((name) => operations[name])) {
      const tag = operations[method].tags?.[0] ?? "…";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(api, path, method, operations[method], operations.parameters));
    }
  }
  const main = document.querySelector("main");
  const search = element("input", { type: "search", placeholder: "筛选 / filter", "aria-label": "筛选 / filter" });
  search.addEventListener("input", () => {
    for (const row of main.querySelectorAll("details")) row.hidden = !row.dataset.search.includes(search.value);
  });
  main.replaceChildren(element("h1", {}, `${api.info.title} API`), search);
  for (const [tag, rows] of groups) main.append(element("section", {}, element("h2", {}, tag), ...rows));
  if (api["x-missing"].length) main.append(element("p", { role: "alert" }, `不可用 / missing: ${api["x-missing"].join(", ")}`));
}

fetch("/api/openapi.json")
  .then((answer) => answer.json())
  .then(page)
  .catch((error) => document.querySelector("main").replaceChildren(`无法载入 / cannot load: ${error}`));
