//! The edge's configuration: one template for this stack and for the image.

use super::{Stack, catalogue, settings::Provider};
use crate::house::{self, program};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Writes the configuration of a stack; answers where.
pub fn configure(stack: &Stack) -> Result<PathBuf> {
    let folder = stack.run().join("edge");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let template = stack.house.root.join("edge/nginx.conf.template");
    let template =
        fs::read_to_string(&template).with_context(|| format!("cannot read {}", template.display()))?;
    let file = folder.join("nginx.conf");
    house::write_whole(&file, render(&template, &values(stack, &folder))?.as_bytes(), 0o644)?;
    Ok(file)
}

/// The program.
pub fn nginx() -> Result<PathBuf> {
    program("nginx").context("there is no nginx")
}

fn values(stack: &Stack, folder: &Path) -> Vec<(String, String)> {
    let path = |path: PathBuf| path.to_string_lossy().into_owned();
    let exchange = house::variable("REALTIME_EXCHANGE").and_then(|text| text.into_string().ok());
    let mut values = vec![
        // Workers would otherwise become a user that cannot read a clone in root's home.
        ("user".to_owned(), if house::is_root() { "user root;".to_owned() } else { String::new() }),
        ("run".to_owned(), path(folder.to_path_buf())),
        ("listen".to_owned(), format!("127.0.0.1:{}", stack.port(catalogue::EDGE))),
        ("origin".to_owned(), stack.origin()),
        ("web".to_owned(), path(stack.house.root.join("web/dist"))),
        ("docs".to_owned(), path(stack.house.root.join("edge/docs"))),
        ("elsewhere".to_owned(), elsewhere(&Provider::chosen(), exchange.as_deref())),
        ("openapi".to_owned(), path(stack.house.root.join("specs/openapi/vivavoce.json"))),
    ];
    for service in
        catalogue::SERVICES.iter().filter(|service| service.name != "streams" && service.name != "rating")
    {
        let servers: Vec<String> = (0..catalogue::replicas(service, stack))
            .map(|replica| format!("server 127.0.0.1:{};", stack.replica_port(service.http, replica)))
            .collect();
        values.push((format!("{}_servers", service.name), servers.join(" ")));
    }
    values
}

/// Where a page may send something besides our own origin: nowhere, unless browsers call `OpenAI` themselves.
fn elsewhere(provider: &Provider, exchange: Option<&str>) -> String {
    match (provider, exchange) {
        (Provider::OpenAi(_), Some("direct")) => " https://api.openai.com".to_owned(),
        _ => String::new(),
    }
}

/// Fills a template. A name without a value and a value without a place are both mistakes.
fn render(template: &str, values: &[(String, String)]) -> Result<String> {
    let mut text = template.to_owned();
    for (name, value) in values {
        let place = format!("{{{{{name}}}}}");
        if !text.contains(&place) {
            bail!("the template has no place for {name}");
        }
        text = text.replace(&place, value);
    }
    if let Some((_, rest)) = text.split_once("{{") {
        bail!("the template asks for {}, which has no value", rest.split("}}").next().unwrap_or_default());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::stack, *};
    use crate::stack::Name;

    const TEMPLATE: &str = include_str!("../../../../edge/nginx.conf.template");

    #[test]
    fn the_template_and_its_values_match() {
        let text = render(TEMPLATE, &values(&stack(Name::Local, 2), Path::new("/run"))).unwrap();
        assert!(text.contains("server 127.0.0.1:8103; server 127.0.0.1:8203;"));
        assert!(text.contains("listen 127.0.0.1:8080"));
    }

    #[test]
    fn a_page_sends_nothing_elsewhere_unless_browsers_call_the_provider_themselves() {
        let openai = Provider::OpenAi("sk-test".to_owned());
        assert_eq!(elsewhere(&openai, None), "");
        assert_eq!(elsewhere(&openai, Some("relay")), "");
        assert_eq!(elsewhere(&Provider::Coach, Some("direct")), "");
        assert_eq!(elsewhere(&openai, Some("direct")), " https://api.openai.com");
    }

    #[test]
    fn a_place_without_a_value_is_refused() {
        assert!(render("listen {{listen}};", &[]).unwrap_err().to_string().contains("listen"));
        assert!(render("", &[("listen".into(), "1".into())]).is_err());
    }
}
