// Reads an OpenAPI document for api.js: pure.

const DEEPEST = 3;

/** What the page shows of each operation, in order. Preflights (OPTIONS) are left out. */
export function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== "options")
      .map(([method, operation]) => read(method.toUpperCase(), path, operation)),
  );
}

function read(method, path, { operationId, tags, summary, description, security, parameters, requestBody, responses }) {
  const content = requestBody?.content ?? {};
  const json = content["application/json"];
  return {
    id: operationId,
    method,
    path,
    tag: tags[0],
    summary,
    description,
    scope: security.flatMap((one) => one.apiKey ?? []).join(", "),
    parameters: parameters.map(({ name, schema, required, description }) => ({
      name,
      type: typeOf(schema),
      isRequired: required,
      description,
    })),
    query: parameters.filter((one) => one.required && one.in === "query").map(({ name }) => name),
    body: json?.schema,
    example: json?.example,
    canBeTried: (!requestBody || Boolean(json)) && !responses["302"], // no file, and no redirect to WeChat
    answers: Object.entries(responses).map(([status, answer]) => ({
      status,
      description: answer.description,
      schema: answer.content?.["application/json"]?.schema,
    })),
  };
}

/** The path, with the query's required parameters. */
export function targetOf({ path, query }) {
  const given = query.map((name) => `${name}=${name === "url" ? encodeURIComponent(`${location.origin}/`) : ""}`);
  return path + (given.length ? `?${given.join("&")}` : "");
}

/** The fields of a schema and of those in it: `{name, type, isRequired, description}`. */
export function fieldsOf(openapi, schema, prefix = "", depth = 0) {
  const { properties, required = [] } = resolved(openapi, schema) ?? {};
  if (!properties || depth === DEEPEST) return [];
  return Object.entries(properties).flatMap(([name, one]) => [
    { name: prefix + name, type: typeOf(one), isRequired: required.includes(name), description: one.description ?? "" },
    ...fieldsOf(openapi, within(one), `${prefix}${name}${isList(one) ? "[]" : ""}.`, depth + 1),
  ]);
}

/** Paragraphs `{text}` and lists `{items}` of a text in Markdown. */
export function proseOf(text) {
  return text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => (part.startsWith("- ") ? { items: part.slice(2).split(/\n- /) } : { text: part }));
}

function resolved(openapi, schema) {
  const name = schema?.$ref?.split("/").at(-1);
  return name ? openapi.components.schemas[name] : schema;
}

function variants(schema) {
  return (schema.anyOf ?? schema.oneOf ?? [schema]).filter(({ type }) => type !== "null");
}

function isList(schema) {
  return variants(schema).some(({ type }) => type === "array");
}

/** The schema whose fields are shown below a field. */
function within(schema) {
  const [one] = variants(schema);
  return one?.type === "array" ? variants(one.items ?? {})[0] : one;
}

function typeOf(schema) {
  return variants(schema).map(typeOfOne).join(" | ");
}

function typeOfOne({ type, items, enum: values, const: value, $ref }) {
  if (values) return values.join(" | ");
  if (value !== undefined) return String(value);
  if (type === "array") return `${typeOf(items ?? {})}[]`;
  return type ?? ($ref ? "object" : "any");
}
