//! The edge's configuration: one template for this stack and for the image.

use super::{
    Stack,
    catalogue::{self, Service},
    certificate,
    settings::Provider,
};
use crate::{
    house::{self, Profile, program},
    images::page,
};
use anyhow::{Context, Result, bail};
use std::{
    fmt::Write as _,
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
    if let Some(address) = stack.lan {
        certificate::ensure(stack, address)?;
    }
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
    let is_image = stack.profile == Profile::Image;
    let place = |image: &str, own: PathBuf| if is_image { image.to_owned() } else { path(own) };
    // Workers would otherwise become a user that cannot read a clone in root's home.
    let user = if house::is_root() && !is_image { "user root;" } else { "" };
    let mut values = vec![
        ("user".to_owned(), user.to_owned()),
        ("run".to_owned(), place(page::RUN, folder.to_path_buf())),
        ("origin".to_owned(), stack.origin()),
        ("web".to_owned(), place(page::PAGE, stack.house.root.join("web/dist"))),
        ("docs".to_owned(), place(page::DOCS, stack.house.root.join("edge/docs"))),
        ("elsewhere".to_owned(), elsewhere(&Provider::chosen(), exchange.as_deref())),
        ("openapi".to_owned(), place(page::OPENAPI, stack.house.root.join("specs/openapi/vivavoce.json"))),
    ];
    values.extend(listening(stack));
    for service in behind() {
        values.push((format!("{}_servers", service.name), servers(stack, service, service.http)));
    }
    values.push(("inside".to_owned(), inside(stack)));
    values
}

/// What a cluster's services do for a stack: whoever is asked over gRPC has one address, whichever of its replicas are
/// there.
fn inside(stack: &Stack) -> String {
    let mut text = String::new();
    for (service, port) in catalogue::SERVICES.iter().filter_map(|service| Some((service, service.grpc?))) {
        let (name, here) = (service.name, catalogue::inside(stack, port));
        // Every method reads: whoever does not answer is followed by the next, for a POST as for any other. When none
        // is left, a page of HTML would be no answer: 14 is gRPC's UNAVAILABLE.
        let _ = write!(
            text,
            "upstream {name}_grpc {{ zone {name}_grpc 64k; {} }}\n    server {{ listen 127.0.0.1:{here} http2; \
             access_log off; location / {{ grpc_pass grpc://{name}_grpc; \
             grpc_next_upstream error timeout non_idempotent; grpc_connect_timeout 1s; \
             error_page 502 504 = @none; }} location @none {{ internal; add_header grpc-status 14; return 204; }} }}\n    ",
            servers(stack, service, port),
        );
    }
    text
}

/// Every replica of a service, by one of its ports.
fn servers(stack: &Stack, service: &Service, port: u16) -> String {
    let servers = (0..catalogue::replicas(service, stack))
        .map(|replica| format!("server 127.0.0.1:{} max_fails=0;", stack.replica_port(port, replica)));
    servers.collect::<Vec<_>>().join(" ")
}

/// The services that browsers see.
pub fn behind() -> impl Iterator<Item = &'static Service> {
    catalogue::SERVICES.iter().filter(|service| service.name != "streams" && service.name != "rating")
}

/// Where the product is served, and what is said at the other addresses.
fn listening(stack: &Stack) -> Vec<(String, String)> {
    let plain = catalogue::edge_itself(stack);
    let values = if stack.lan.is_none() {
        [
            ("listen", format!("127.0.0.1:{plain} default_server")),
            ("tls", String::new()),
            ("aside", format!("127.0.0.1:{plain}")),
            ("aside_name", "localhost".to_owned()),
            ("authority", String::new()),
        ]
    } else {
        let files = certificate::Files::of(stack);
        let tls = format!(
            "ssl_certificate \"{}\"; ssl_certificate_key \"{}\"; ssl_protocols TLSv1.2 TLSv1.3;",
            files.certificate.display(),
            files.key.display()
        );
        let authority = format!(
            "location = {} {{ types {{ }} default_type application/x-x509-ca-cert; alias \"{}\"; }}",
            certificate::PATH,
            files.authority.display()
        );
        [
            ("listen", format!("0.0.0.0:{} ssl default_server", stack.port(catalogue::SECURE_EDGE))),
            ("tls", tls),
            ("aside", format!("0.0.0.0:{plain} default_server")),
            ("aside_name", "_".to_owned()),
            ("authority", authority),
        ]
    };
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Where a page may send something besides our own origin: nowhere, unless browsers call `OpenAI` themselves.
fn elsewhere(provider: &Provider, exchange: Option<&str>) -> String {
    match (provider, exchange) {
        (Provider::OpenAi(_), Some("direct")) => " https://api.openai.com".to_owned(),
        _ => String::new(),
    }
}

/// Fills a template. A name without a value and a value without a place are both mistakes.
pub fn render(template: &str, values: &[(String, String)]) -> Result<String> {
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
    use std::net::Ipv4Addr;

    const TEMPLATE: &str = include_str!("../../../../edge/nginx.conf.template");

    #[test]
    fn the_template_and_its_values_match() {
        let text = render(TEMPLATE, &values(&stack(Name::Local, 2), Path::new("/run"))).unwrap();
        assert!(text.contains("server 127.0.0.1:8103 max_fails=0; server 127.0.0.1:8203 max_fails=0;"));
        assert!(text.contains("listen 127.0.0.1:8080"));
    }

    #[test]
    fn services_find_each_other_whichever_replica_is_there() {
        let text = inside(&stack(Name::Test, 2));
        assert!(text.contains("server 127.0.0.1:9603 max_fails=0; server 127.0.0.1:9703 max_fails=0;"));
        assert!(text.contains("listen 127.0.0.1:19603 http2;"));
        assert!(!text.contains("secrets"), "it answers no gRPC");
    }

    #[test]
    fn over_tls_the_network_gets_the_page_and_plain_http_only_the_certificate() {
        let stack = Stack { lan: Some(Ipv4Addr::new(192, 0, 2, 7)), ..stack(Name::Local, 1) };
        let text = render(TEMPLATE, &values(&stack, Path::new("/run"))).unwrap();
        assert!(text.contains("listen 0.0.0.0:8443 ssl default_server;"));
        assert!(text.contains("listen 0.0.0.0:8080 default_server;"));
        assert!(text.contains("return 308 https://192.0.2.7:8443$request_uri;"));
        assert!(!text.contains("127.0.0.1:8080"));
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
