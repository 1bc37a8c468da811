//! The whole product in a real browser, against a stack of its own with two replicas of every service.

use crate::{
    cli::Up,
    down,
    house::{House, is_executable, program},
    stack::{Name, catalogue, settings},
    steps::Steps,
    tools, up, web,
};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

pub fn run(house: &House, steps: &Steps, filter: Option<&str>) -> Result<()> {
    play(house, steps, TESTED, "browser tests", filter, |_| ())
}

/// The stack that is played with.
pub const TESTED: Up = Up {
    detach: true,
    reset: true,
    release: false,
    open: false,
    https: false,
    images: false,
    observe: true,
    name: Name::Test,
    replicas: 2,
};

/// Brings the stack up, lets Playwright play with it, and takes it down.
pub fn play(
    house: &House,
    steps: &Steps,
    options: Up,
    name: &str,
    filter: Option<&str>,
    prepare: impl FnOnce(&mut Command),
) -> Result<()> {
    let folder = house.root.join("web/e2e");
    let stack = options.stack(house)?;
    steps.run("browser test packages", |step| {
        let news = web::install(house, &folder, step)?;
        Ok(((), if news { "installed" } else { "unchanged" }.to_owned()))
    })?;
    steps.run("pinned tus client", |step| Ok(((), tools::ensure_for_browser_tests(house, step)?)))?;
    steps.run("browser test types", |step| {
        step.run(&mut web::npm(house, &folder, &["run", "typecheck"]))?;
        Ok(((), String::new()))
    })?;
    up::up(house, options)?;
    fs::create_dir_all(house.local.join("chaos"))?;
    let outcome = steps.run(name, |step| {
        let mut command = web::npm(house, &folder, &["exec", "--", "playwright", "test"]);
        if let Some(filter) = filter {
            command.args(["--grep", filter]);
        }
        command
            .env("BASE_URL", stack.origin())
            .env("FAULTS_URL", format!("http://127.0.0.1:{}", stack.port(catalogue::FAULTS)))
            .env("TRACES_URL", format!("http://127.0.0.1:{}", stack.port(catalogue::TRACES)))
            .env("SPANS_URL", format!("http://127.0.0.1:{}", stack.port(catalogue::OTLP)))
            .env("PROMETHEUS_URL", format!("http://127.0.0.1:{}", stack.port(catalogue::PROMETHEUS)))
            .env("NATS_PORT", stack.port(catalogue::NATS).to_string())
            .env("STACK_FOLDER", stack.folder())
            .env("CHAOS_FOLDER", house.local.join("chaos"))
            .env("PAGES", house.root.join("web/dist"))
            .env("POSTGRES_PORT", stack.port(catalogue::POSTGRES).to_string())
            .env("PGPASSWORD", stack.secrets()?.get("POSTGRES_PASSWORD"))
            .env("CHROMIUM", browser("chromium")?)
            .env("FIREFOX", browser("firefox-esr")?)
            // For tests that take a process away: `$XTASK stop rating --stack test`.
            .env("XTASK", std::env::current_exe()?)
            .env("TUSPY", tools::tuspy(house))
            .env("RECOGNIZER", settings::recognizer(&stack));
        prepare(&mut command);
        step.run(&mut command)?;
        Ok(((), step.said(" passed (")))
    });
    down::down(&stack)?;
    outcome
}

/// A browser of the system, before any of the same name that somebody has put on the path.
fn browser(name: &str) -> Result<PathBuf> {
    let of_the_system = Path::new("/usr/bin").join(name);
    if is_executable(&of_the_system) {
        return Ok(of_the_system);
    }
    program(name).with_context(|| format!("there is no {name}"))
}
