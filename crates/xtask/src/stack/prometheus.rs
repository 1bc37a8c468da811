//! What collects the metrics of a stack, with the rules and alerts that a cluster has as well.

use super::{
    Stack, catalogue,
    plan::plain,
    process::{Health, Process},
};
use crate::house::{self, program};
use anyhow::{Context, Result};
use std::{fmt::Write as _, fs};

/// Its name among the processes.
pub const NAME: &str = "prometheus";

/// Writes its configuration and says how it is started.
pub fn process(stack: &Stack) -> Result<Process> {
    let configuration = stack.run().join("prometheus.yml");
    house::write_whole(&configuration, text(stack)?.as_bytes(), 0o644)?;
    let port = stack.port(catalogue::PROMETHEUS);
    Ok(Process {
        name: NAME.to_owned(),
        arguments: vec![
            format!("--config.file={}", configuration.display()),
            format!("--storage.tsdb.path={}", stack.data().join(NAME).display()),
            "--storage.tsdb.retention.time=7d".to_owned(),
            format!("--web.listen-address=127.0.0.1:{port}"),
            "--log.level=warn".to_owned(),
        ],
        health: Health::Answers(port, "/-/ready"),
        configuration: Some(configuration),
        ..plain(program(NAME).context("prometheus is not installed; run `cargo xtask up --observe`")?, vec![])
    })
}

/// Every replica of every service by its name, as in a cluster.
fn text(stack: &Stack) -> Result<String> {
    let rules = stack.house.root.join("observability/rules");
    let mut text = format!(
        "# Rules {:016x}: another number when they change.\n\
         global: {{scrape_interval: 5s, evaluation_interval: 5s}}\n\
         rule_files: [\"{}/*.yml\"]\n\
         scrape_configs:\n  - job_name: services\n    static_configs:\n",
        fingerprint(&rules)?,
        rules.display(),
    );
    for service in catalogue::SERVICES {
        for replica in 0..catalogue::replicas(service, stack) {
            let _ = writeln!(
                text,
                "      - {{targets: [\"127.0.0.1:{}\"], labels: {{service: {}, instance: {}}}}}",
                stack.replica_port(service.http, replica),
                service.name,
                catalogue::process_name(service, replica),
            );
        }
    }
    Ok(text)
}

fn fingerprint(rules: &std::path::Path) -> Result<u64> {
    let mut files = fs::read_dir(rules)
        .with_context(|| format!("cannot read {}", rules.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    let mut bytes = vec![];
    for file in files {
        bytes.extend(fs::read(file)?);
    }
    Ok(house::fingerprint(&bytes))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::stack, *};
    use crate::stack::Name;

    #[test]
    fn every_replica_is_asked_under_its_own_name() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut stack = stack(Name::Test, 2);
        stack.house.root = root;
        let text = text(&stack).unwrap();
        assert!(text.contains(
            "- {targets: [\"127.0.0.1:8703\"], labels: {service: sessions, instance: sessions-2}}"
        ));
        assert!(!text.contains("coach-2"));
    }
}
