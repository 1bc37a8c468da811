//! `cargo xtask kind secrets`: what the local overlay is told in secret, from the passwords of this clone.
//!
//! None of it lies in the manifests. In production the same secrets come from external-secrets.

use crate::{secrets::Secrets, stack::catalogue};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

type Values = BTreeMap<String, BTreeMap<String, String>>;

/// The manifests, one document after the other.
pub fn manifests(secrets: &Secrets) -> String {
    let mut text = String::new();
    for (name, values) in values(secrets) {
        let document = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": "vivavoce"},
            "stringData": values,
        });
        let _ = writeln!(text, "---\n{document}");
    }
    text
}

/// The keys of each secret.
pub(super) fn keys() -> BTreeMap<String, BTreeSet<String>> {
    values(&Secrets::default())
        .into_iter()
        .map(|(name, values)| (name, values.into_keys().collect()))
        .collect()
}

fn values(secrets: &Secrets) -> Values {
    let mut values = Values::new();
    let mut set = |secret: &str, key: &str, value: String| {
        values.entry(secret.to_owned()).or_default().insert(key.to_owned(), value);
    };
    let get = |name: &str| secrets.get(name).to_owned();
    for service in catalogue::databases() {
        let (prefix, password) = (service.to_uppercase(), secrets.database_password(service));
        let url = format!("postgres://{service}:{password}@postgres:5432/{service}");
        set(service, &format!("{prefix}_DATABASE_URL"), url);
        set("postgres", &format!("{prefix}_DATABASE_PASSWORD"), password.to_owned());
    }
    set("postgres", "POSTGRES_PASSWORD", get("POSTGRES_PASSWORD"));
    set("accounts", "ACCOUNTS_SIGNING_KEY", get("ACCOUNTS_SIGNING_KEY"));
    for service in ["secrets", "coach"] {
        set(service, "COACH_KEY", get("COACH_KEY"));
    }
    let password = get("NATS_PASSWORD");
    set("nats", "NATS_URL", format!("nats://vivavoce:{password}@nats:4222"));
    set(
        "nats-server",
        "authorization.conf",
        format!("authorization {{ user: vivavoce, password: \"{password}\" }}\n"),
    );
    let (access, secret) = (get("S3_ACCESS_KEY"), get("S3_SECRET_KEY"));
    let identity = json!({
        "name": "upload",
        "credentials": [{"accessKey": access, "secretKey": secret}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    });
    set("object-store", "identities.json", json!({"identities": [identity]}).to_string());
    set("upload", "S3_ACCESS_KEY", access);
    set("upload", "S3_SECRET_KEY", secret);
    values
}
