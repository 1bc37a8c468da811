//! `specs/openapi`: what each service answers over HTTP, and all of it in one document.

use super::{ask, write_if_changed};
use crate::{
    stack::{Stack, catalogue},
    steps::Step,
};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

/// Rewrites the documents; answers what it did.
pub fn derive(stack: &Stack, step: &Step) -> Result<String> {
    let folder = stack.house.root.join("specs/openapi");
    let mut documents = vec![];
    for service in catalogue::SERVICES.iter().filter(|service| service.described) {
        let text = ask(stack, service.name, "openapi", step)?;
        let document: Value = serde_json::from_str(&text)
            .with_context(|| format!("{} describes itself in no JSON", service.name))?;
        write_if_changed(&folder.join(format!("{}.json", service.name)), &pretty(&document)?)?;
        documents.push((service.name, document));
    }
    let count = documents.len();
    write_if_changed(&folder.join("vivavoce.json"), &pretty(&merge(documents)?)?)?;
    Ok(format!("{count} services"))
}

fn pretty(document: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

/// One document of all. A schema that two services describe differently is named after its service.
fn merge(documents: Vec<(&str, Value)>) -> Result<Value> {
    let (mut paths, mut components, mut tags) = (Map::new(), Map::<String, Value>::new(), vec![]);
    for (service, document) in documents {
        let document = with_own_names(service, &document, &components)?;
        for (path, operations) in object(&document["paths"]) {
            let known = paths.entry(path.clone()).or_insert_with(|| json!({}));
            for (method, mut operation) in object(&operations) {
                operation["tags"] = json!([service]);
                if known.get(&method).is_some() {
                    bail!("two services answer {method} {path}");
                }
                known[&method] = operation;
            }
        }
        for (kind, entries) in object(&document["components"]) {
            let known = components.entry(kind).or_insert_with(|| json!({}));
            for (name, entry) in object(&entries) {
                known[&name] = entry;
            }
        }
        tags.push(json!({"name": service, "description": document["info"]["description"]}));
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {"title": "Vivavoce", "version": "1"},
        "tags": tags, "paths": paths, "components": components,
    }))
}

fn with_own_names(service: &str, document: &Value, known: &Map<String, Value>) -> Result<Value> {
    let mut text = serde_json::to_string(document)?;
    let mut renamed = vec![];
    for (name, schema) in object(&document["components"]["schemas"]) {
        if known.get("schemas").and_then(|schemas| schemas.get(&name)).is_some_and(|other| *other != schema) {
            let own = format!("{service}_{name}");
            text = text.replace(
                &format!("\"#/components/schemas/{name}\""),
                &format!("\"#/components/schemas/{own}\""),
            );
            renamed.push((name, own));
        }
    }
    let mut document: Value = serde_json::from_str(&text)?;
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        for (name, own) in renamed {
            let schema = schemas.remove(&name);
            schemas.extend(schema.map(|schema| (own, schema)));
        }
    }
    Ok(document)
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str, schema: &Value) -> Value {
        json!({
            "info": {"description": "d"},
            "paths": {path: {"get": {"schema": {"$ref": "#/components/schemas/State"}}}},
            "components": {"schemas": {"State": schema}},
        })
    }

    #[test]
    fn what_two_services_describe_alike_stays_one_schema() {
        let same = json!({"type": "string"});
        let merged = merge(vec![("a", document("/a", &same)), ("b", document("/b", &same))]).unwrap();
        assert_eq!(merged["components"]["schemas"].as_object().unwrap().len(), 1);
        assert_eq!(merged["paths"]["/b"]["get"]["tags"], json!(["b"]));
    }

    #[test]
    fn what_they_describe_differently_is_kept_apart() {
        let first = document("/a", &json!({"type": "string"}));
        let second = document("/b", &json!({"type": "object"}));
        let merged = merge(vec![("a", first), ("b", second)]).unwrap();
        assert_eq!(merged["components"]["schemas"]["State"]["type"], "string");
        assert_eq!(merged["components"]["schemas"]["b_State"]["type"], "object");
        assert_eq!(merged["paths"]["/b"]["get"]["schema"]["$ref"], "#/components/schemas/b_State");
    }

    #[test]
    fn one_route_has_one_owner() {
        let schema = json!({});
        assert!(merge(vec![("a", document("/a", &schema)), ("b", document("/a", &schema))]).is_err());
    }
}
