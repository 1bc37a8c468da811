#![doc = include_str!("../README.md")]

mod chance;
pub mod control;
mod faults;
mod route;
mod tcp;
mod udp;

pub use faults::{Cut, Faults, Reply};
pub use route::{Counters, Plan, Route, Transport};

use lifecycle::Lifecycle;
use std::{io, sync::Arc};

/// Every route of one proxy.
#[derive(Clone, Debug)]
pub struct Proxy {
    routes: Arc<[Arc<Route>]>,
    lifecycle: Lifecycle,
}

impl Proxy {
    /// Listens on every route and passes everything on.
    pub async fn open(plans: Vec<Plan>, seed: u64, lifecycle: &Lifecycle) -> io::Result<Self> {
        let mut routes = Vec::new();
        for plan in plans {
            routes.push(match plan.transport {
                Transport::Tcp => tcp::open(plan, seed, lifecycle).await?,
                Transport::Udp => udp::open(plan, seed, lifecycle).await?,
            });
        }
        Ok(Self { routes: routes.into(), lifecycle: lifecycle.clone() })
    }

    /// A route by its name.
    pub fn route(&self, name: &str) -> Option<&Arc<Route>> {
        self.routes.iter().find(|route| route.plan().name == name)
    }

    /// All of them.
    pub fn routes(&self) -> &[Arc<Route>] {
        &self.routes
    }

    /// Replaces the faults of a route, for as long as they say.
    pub fn set(&self, route: &Arc<Route>, faults: Faults) {
        let duration = faults.duration();
        let turn = route.set(faults);
        if let Some(duration) = duration {
            let (route, lifecycle) = (route.clone(), self.lifecycle.clone());
            self.lifecycle.spawn(async move {
                if lifecycle.pause(duration).await {
                    route.clear_if(turn);
                }
            });
        }
    }
}
