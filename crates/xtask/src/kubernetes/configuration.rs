//! `cargo xtask derive kubernetes`: files that Kubernetes gets and the house has in another form.

use crate::{
    derive::write_if_changed,
    house::House,
    stack::{catalogue, edge},
};
use anyhow::{Context, Result, bail};
use std::{fmt::Write as _, fs, path::Path};

/// Where the image `web` has the page, its documents and the description of the API.
const PAGE: [(&str, &str); 3] =
    [("web", "/srv/web"), ("docs", "/srv/docs"), ("openapi", "/srv/openapi/vivavoce.json")];

/// What lies beside each other in `observability`, and the config map it becomes.
const WATCHED: [(&str, &str); 2] = [("grafana-dashboards", "dashboards"), ("prometheus-rules", "rules")];

/// Rewrites all of them; answers what they are.
pub fn derive(house: &House) -> Result<String> {
    for overlay in ["local", "production"] {
        let folder = house.root.join("k8s/overlays").join(overlay);
        write_if_changed(&folder.join("nginx.conf"), &edge_of(house, &folder)?)?;
    }
    let watched = house.root.join("observability");
    write_if_changed(&watched.join("kustomization.yaml"), &list_of(&watched)?)?;
    Ok("the edge's configuration, the dashboards and rules".to_owned())
}

/// The edge of an overlay, from the one template.
fn edge_of(house: &House, overlay: &Path) -> Result<String> {
    let text =
        |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let settings = text(&overlay.join("settings.env"))?;
    let origin = settings
        .lines()
        .find_map(|line| line.strip_prefix("PUBLIC_ORIGIN="))
        .context("an overlay says its PUBLIC_ORIGIN")?;
    let has_coach = text(&overlay.join("kustomization.yaml"))?.contains("components/coach");
    let template = text(&house.root.join("edge/nginx.conf.template"))?;
    let note = "# Derived from edge/nginx.conf.template by `cargo xtask derive kubernetes`: do not edit.\n";
    Ok(note.to_owned() + &edge::render(&template, &values(origin, has_coach)?)?)
}

fn values(origin: &str, has_coach: bool) -> Result<Vec<(String, String)>> {
    let listening = if origin.starts_with("https://") {
        [
            ("listen", "8443 ssl default_server".to_owned()),
            (
                "tls",
                "ssl_certificate /etc/edge-certificate/tls.crt; ssl_certificate_key /etc/edge-certificate/tls.key; \
                 ssl_protocols TLSv1.2 TLSv1.3;"
                    .to_owned(),
            ),
            ("aside", "8080 default_server".to_owned()),
            ("aside_name", "_".to_owned()),
        ]
    } else if origin.starts_with("http://") {
        [
            ("listen", "8080 default_server".to_owned()),
            ("tls", String::new()),
            ("aside", "8080".to_owned()),
            ("aside_name", "localhost".to_owned()),
        ]
    } else {
        bail!("{origin} is no origin");
    };
    let mut values = listening.to_vec();
    values.extend([
        ("user", String::new()),
        ("run", "/run/edge".to_owned()),
        ("origin", origin.to_owned()),
        ("authority", String::new()),
        // A Service stands for its replicas.
        ("inside", String::new()),
        // Browsers reach the provider through us.
        ("elsewhere", String::new()),
    ]);
    values.extend(PAGE.map(|(name, place)| (name, place.to_owned())));
    let mut values: Vec<_> = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for service in edge::behind() {
        // A name that nobody has would keep nginx from starting.
        let server = if service.name != "coach" || has_coach {
            format!("server {}:{};", service.name, service.http)
        } else {
            format!("server 127.0.0.1:{} down;", catalogue::COACH)
        };
        values.push((format!("{}_servers", service.name), server));
    }
    Ok(values)
}

/// Kustomize takes files by name, so a new one is written down.
fn list_of(watched: &Path) -> Result<String> {
    let mut text = String::from(
        "# Derived from the folders beside it by `cargo xtask derive kubernetes`: do not edit.\n\
         apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nconfigMapGenerator:\n",
    );
    for (map, folder) in WATCHED {
        let mut files: Vec<String> = fs::read_dir(watched.join(folder))
            .into_iter()
            .flatten()
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        files.retain(|file| [".json", ".yml", ".yaml"].iter().any(|end| file.ends_with(end)));
        files.sort();
        let _ = writeln!(text, "  - name: {map}\n    files:{}", if files.is_empty() { " []" } else { "" });
        for file in files {
            let _ = writeln!(text, "      - {folder}/{file}");
        }
    }
    Ok(text)
}
