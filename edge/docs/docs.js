// Shows the merged OpenAPI document. Only text nodes and elements: nothing here parses HTML.

const METHODS = ["get", "post", "put", "patch", "delete"];

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

const block = (value) => element("pre", {}, JSON.stringify(value, null, 2));

const bodyOf = (content) => Object.entries(content ?? {}).flatMap(([type, { schema }]) => [element("p", {}, element("code", {}, type)), block(schema)]);

function operation(method, path, described) {
  const details = element(
    "details",
    { id: described.operationId ?? `${method} ${path}` },
    element(
      "summary",
      {},
      element("code", { class: "method" }, method.toUpperCase()),
      element("code", {}, path),
      described.summary ? ` · ${described.summary}` : "",
    ),
  );
  if (described.description) details.append(element("p", {}, described.description));
  if (described.parameters?.length) details.append(element("h4", {}, "Parameters"), block(described.parameters));
  if (described.requestBody) details.append(element("h4", {}, "Request"), ...bodyOf(described.requestBody.content));
  details.append(element("h4", {}, "Answers"));
  for (const [status, answer] of Object.entries(described.responses ?? {})) {
    details.append(element("p", {}, element("strong", {}, status), ` ${answer.description ?? ""}`), ...bodyOf(answer.content));
  }
  return details;
}

function show(document_) {
  const sections = (document_.tags ?? []).map(({ name, description }) => {
    const section = element("section", {}, element("h2", {}, name), element("p", {}, description ?? ""));
    for (const [path, item] of Object.entries(document_.paths)) {
      for (const method of METHODS) {
        if (item[method]?.tags?.includes(name)) section.append(operation(method, path, item[method]));
      }
    }
    return section;
  });
  const schemas = element("section", {}, element("h2", {}, "Schemas"));
  for (const [name, schema] of Object.entries(document_.components?.schemas ?? {})) {
    schemas.append(element("details", { id: name }, element("summary", {}, element("code", {}, name)), block(schema)));
  }
  return [...sections, schemas];
}

const place = document.getElementById("operations");
try {
  const answer = await fetch("/api/docs/openapi.json");
  if (!answer.ok) throw new Error(`the document answered ${answer.status}`);
  place.replaceChildren(...show(await answer.json()));
} catch (error) {
  place.replaceChildren(element("p", { role: "alert" }, `The document cannot be shown: ${error.message}`));
}
place.removeAttribute("aria-busy");
