//! `cargo xtask up`: from a clone to a printed URL.

use crate::{
    cli::Up,
    house::{House, Profile},
    http,
    packages::{self, Need},
    programs,
    secrets::{DEMO_EMAIL, Secrets},
    stack::{
        Stack, catalogue, certificate,
        database::{self, Postgres},
        plan::Plan,
        recovery,
        settings::{self, Provider},
        state::State,
        supervisor::{self, Supervisor},
    },
    steps::{Steps, elapsed, eventually},
    tools, web,
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, atomic::AtomicBool},
    thread,
    time::{Duration, Instant},
};

/// A detached start, builds not included, may take this long before it is given up.
const START_DEADLINE: Duration = Duration::from_mins(5);

/// Brings the stack up.
pub fn up(house: &House, options: Up) -> Result<()> {
    let began = Instant::now();
    let stack = options.stack(house)?;
    say!("Vivavoce: bringing up {}", stack.house.root.display());
    let plan = prepare(&stack)?;
    if options.reset {
        let steps = Steps::new(stack.logs());
        steps.run("stop and wipe the data", |_| {
            recovery::stop(&stack)?;
            recovery::wipe(&stack)?;
            Ok(((), String::new()))
        })?;
    } else if let Some(done) = refresh(&stack, &plan)? {
        say!("{done}, after {}", elapsed(began.elapsed()));
        announce(&stack, options.open)?;
        return Ok(());
    }
    if options.detach {
        detach(&stack)?;
        say!("healthy after {}", elapsed(began.elapsed()));
        announce(&stack, options.open)
    } else {
        supervise(&stack, &plan, &|| {
            say!("healthy after {}", elapsed(began.elapsed()));
            announce(&stack, options.open)?;
            say!("\nCtrl-C stops everything.");
            Ok(())
        })
    }
}

/// Everything that needs no running process.
fn prepare(stack: &Stack) -> Result<Plan> {
    let steps = Steps::new(stack.logs());
    let need = if stack.observed { Need::Observing } else { Need::Running };
    steps.run("system packages", |step| Ok(((), packages::ensure(need, step)?)))?;
    steps.run("pinned programs", |step| Ok(((), tools::ensure(&stack.house, step)?)))?;
    let secrets = steps.run("passwords and keys", |_| Ok((stack.secrets()?, "kept in .local".to_owned())))?;
    steps.run("web page", |step| Ok(((), web::build(&stack.house, step)?)))?;
    steps.run("programs", |step| Ok(((), programs::build(stack, step)?)))?;
    Plan::of(stack, &secrets, &Provider::chosen())
}

/// When the stack runs already: restarts what was built anew. Answers what it did, or nothing when a start is needed.
fn refresh(stack: &Stack, plan: &Plan) -> Result<Option<String>> {
    let state = State::read(stack);
    if state.living_supervisor().is_none() {
        return Ok(None);
    }
    let steps = Steps::new(stack.logs());
    if state.fingerprint != plan.fingerprint() || !state.ready {
        let why = if state.ready { "its settings changed" } else { "it was not healthy" };
        steps.run("stop the running stack", |_| Ok((recovery::stop(stack)?, why.to_owned())))?;
        return Ok(None);
    }
    migrate(stack, &steps)?;
    let stale: Vec<_> = plan
        .all()
        .filter_map(|process| {
            let entry = state.entries.iter().find(|entry| entry.name == process.name)?;
            (entry.build != process.build()).then_some(entry)
        })
        .collect();
    steps.run("restart what was rebuilt", |_| {
        for entry in &stale {
            if let Some(identity) = entry.identity {
                // The supervisor starts it again.
                identity.signal(entry.stop);
                ensure!(
                    eventually(recovery::PATIENCE, || !identity.is_alive()),
                    "{} has not stopped",
                    entry.name
                );
            }
        }
        let mut ailing = String::new();
        let well = eventually(Duration::from_mins(1), || {
            let unwell = plan.all().filter(|process| !process.health.is_well());
            ailing = unwell.map(|process| process.name.as_str()).collect::<Vec<_>>().join(", ");
            ailing.is_empty()
        });
        ensure!(well, "not healthy: {ailing}; see `cargo xtask logs`");
        let names: Vec<&str> = stale.iter().map(|entry| entry.name.as_str()).collect();
        Ok(((), if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }))
    })?;
    Ok(Some("already up".to_owned()))
}

/// Starts this program again, away from the terminal, and repeats what it says until it is ready.
fn detach(stack: &Stack) -> Result<()> {
    let log = stack.log("supervisor");
    fs::create_dir_all(stack.logs())?;
    let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["supervise", "--stack", stack.name.word(), "--replicas", &stack.replicas.to_string()]);
    match stack.profile {
        Profile::Dev => {}
        Profile::Release => {
            command.arg("--release");
        }
        Profile::Image => {
            command.arg("--images");
        }
    }
    if stack.lan.is_some() {
        command.arg("--https");
    }
    if stack.observed {
        command.arg("--observe");
    }
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let mut child = command.process_group(0).current_dir(&stack.house.root).spawn()?;
    let mut said = 0;
    let began = Instant::now();
    loop {
        let ended = child.try_wait()?;
        said += repeat(&log, said)?;
        if let Some(status) = ended {
            bail!("the start failed ({status}); see {}", log.display());
        }
        let state = State::read(stack);
        if state.ready
            && state.living_supervisor().is_some_and(|supervisor| supervisor.pid.unsigned_abs() == child.id())
        {
            repeat(&log, said)?;
            return Ok(());
        }
        ensure!(began.elapsed() < START_DEADLINE, "not ready after {}", elapsed(START_DEADLINE));
        thread::sleep(Duration::from_millis(100));
    }
}

/// Prints what a file holds beyond a position; answers how much.
fn repeat(file: &Path, from: u64) -> Result<u64> {
    let mut text = String::new();
    let mut file = File::open(file)?;
    file.seek(SeekFrom::Start(from))?;
    let read = file.read_to_string(&mut text)?;
    crate::steps::murmur(format_args!("{text}"));
    Ok(read as u64)
}

/// What the detached copy of this program does.
pub fn supervise_detached(stack: &Stack) -> Result<()> {
    let plan = Plan::of(stack, &stack.secrets()?, &Provider::chosen())?;
    supervise(stack, &plan, &|| Ok(()))
}

/// Starts everything, says so, and looks after it until told to stop.
fn supervise(stack: &Stack, plan: &Plan, ready: &dyn Fn() -> Result<()>) -> Result<()> {
    let stopping = Arc::new(AtomicBool::new(false));
    ctrlc::set_handler({
        let stopping = Arc::clone(&stopping);
        move || stopping.store(true, std::sync::atomic::Ordering::Relaxed)
    })?;
    fs::create_dir_all(stack.run())?;
    let lock = File::create(stack.run().join("lock"))?;
    // Held for life, and let go by the kernel whatever end this process comes to.
    ensure!(lock.try_lock().is_ok(), "another `cargo xtask up` is starting this stack");
    if recovery::stop_orphans(stack) {
        say!("  stopped what an earlier start had left running");
    }
    let _ = fs::remove_dir_all(supervisor::hold(stack, ""));
    recovery::check_ports(stack)?;
    let mut supervisor = Supervisor::new(stack, plan, stopping)?;
    let outcome =
        start(stack, plan, &mut supervisor).and_then(|()| ready()).and_then(|()| supervisor.watch());
    say!("stopping ...");
    supervisor.stop(plan);
    say!("stopped");
    outcome
}

fn start(stack: &Stack, plan: &Plan, supervisor: &mut Supervisor<'_>) -> Result<()> {
    let steps = Steps::new(stack.logs());
    let secrets = stack.secrets()?;
    let postgres = Postgres::of(stack)?;
    let password = secrets.get("POSTGRES_PASSWORD");
    steps.run("database cluster", |step| {
        Ok((postgres.initialise(Some(password), step)?, postgres.folder.display().to_string()))
    })?;
    let names = |processes: &[crate::stack::process::Process]| {
        processes.iter().map(|process| process.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    steps.run("infrastructure", |_| {
        Ok((supervisor.start(&plan.infrastructure)?, names(&plan.infrastructure)))
    })?;
    steps.run("roles and databases", |step| {
        ensure!(
            eventually(Duration::from_mins(1), || postgres.is_ready(password)),
            "Postgres takes no queries"
        );
        database::ensure_databases(&postgres, &secrets, step)?;
        Ok(((), format!("{} services", catalogue::databases().count())))
    })?;
    migrate(stack, &steps)?;
    steps.run("services", |_| Ok((supervisor.start(&plan.services)?, names(&plan.services))))?;
    steps.run("edge", |_| Ok((supervisor.start(std::slice::from_ref(&plan.edge))?, stack.origin())))?;
    steps.run("demo learner", |_| Ok((register_demo(stack, &secrets)?, DEMO_EMAIL.to_owned())))
}

/// Brings every database to the shape its service expects, and fills in fixtures.
fn migrate(stack: &Stack, steps: &Steps) -> Result<()> {
    let secrets = stack.secrets()?;
    steps.run("migrations and fixtures", |step| {
        for service in catalogue::SERVICES.iter().filter(|service| service.database) {
            let settings = settings::of_service(stack, &secrets, &Provider::Coach, service, 0);
            for verb in ["migrate", "seed"] {
                if verb == "migrate" || service.seeds {
                    step.run(&mut Plan::word(stack, service, settings.clone(), verb))?;
                }
            }
        }
        Ok(((), String::new()))
    })
}

/// Registers the learner whose password `up` prints. Registering twice answers alike.
pub fn register_demo(stack: &Stack, secrets: &Secrets) -> Result<()> {
    let password = secrets.get("DEMO_PASSWORD");
    let body =
        serde_json::json!({"email": DEMO_EMAIL, "password": password, "display_name": "Demo"}).to_string();
    // Over TLS the edge is not asked by this program: the service behind it answers the same.
    let port =
        if stack.lan.is_some() { stack.port(catalogue::ACCOUNTS) } else { stack.port(catalogue::EDGE) };
    let origin = stack.origin();
    let status = http::post(port, "/api/auth/register", &origin, &body)?;
    ensure!(status == 202, "registering the demo learner answered {status}");
    let body = serde_json::json!({"email": DEMO_EMAIL, "password": password}).to_string();
    let status = http::post(port, "/api/auth/sign-in", &origin, &body)?;
    ensure!(status == 200, "signing the demo learner in answered {status}");
    Ok(())
}

fn announce(stack: &Stack, open: bool) -> Result<()> {
    let secrets = stack.secrets()?;
    let voice = match Provider::chosen() {
        Provider::Coach => "the local practice partner (set OPENAI_API_KEY for OpenAI)",
        Provider::OpenAi(_) => "OpenAI, with your key",
    };
    say!("");
    say!("  Vivavoce   {}", stack.origin());
    if let Some(address) = stack.lan {
        let port = stack.port(catalogue::EDGE);
        say!("  a phone    first opens http://{address}:{port}{} and trusts it", certificate::PATH);
    }
    say!("  sign in    {DEMO_EMAIL} / {}", secrets.get("DEMO_PASSWORD"));
    say!("  the voice  {voice}");
    say!("  traces     http://127.0.0.1:{}", stack.port(catalogue::TRACES));
    if stack.observed {
        say!("  metrics    http://127.0.0.1:{}", stack.port(catalogue::PROMETHEUS));
    }
    say!("  logs       cargo xtask logs [name] [-f]; status: cargo xtask status; stop: cargo xtask down");
    if open {
        Command::new("xdg-open").arg(stack.origin()).spawn().context("cannot open a browser")?;
    }
    Ok(())
}
