//! The proxy as a process of the test stack.

use anyhow::Context as _;
use environment::Environment;
use fault_proxy::{Plan, Proxy, control};
use lifecycle::Lifecycle;
use std::net::SocketAddr;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let env = Environment::of_this_process("fault_proxy");
    let address: SocketAddr =
        env.parsed("FAULT_PROXY_CONTROL_ADDR", "where it takes orders", "127.0.0.1:8590", "an address")?;
    let seed: u64 = env.parsed("FAULT_PROXY_SEED", "what chance follows from", "1", "a number")?;
    let lines =
        env.required("FAULT_PROXY_ROUTES", "its routes, one a line", "edge tcp 127.0.0.1:1 127.0.0.1:2")?;
    // Whoever may give orders here is on this machine.
    anyhow::ensure!(address.ip().is_loopback(), "{address} is not on this machine alone");
    let plans: Vec<Plan> = lines.lines().map(str::parse).collect::<Result<_, _>>()?;

    let lifecycle = Lifecycle::from_signals()?;
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let proxy = Proxy::open(plans, seed, &lifecycle).await.context("cannot listen on every route")?;
    println!("taking orders on {address}, seed {seed}");
    for route in proxy.routes() {
        println!("{}: {} to {}", route.plan().name, route.plan().listen, route.plan().target);
    }
    let stopping = lifecycle.clone();
    axum::serve(listener, control::routes(proxy))
        .with_graceful_shutdown(async move { stopping.stopping().await })
        .await?;
    lifecycle.drained().await;
    Ok(())
}
