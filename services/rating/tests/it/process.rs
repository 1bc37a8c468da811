//! The worker between a real broker and a real database.

use crate::{
    scene::{RMS, SLT, Scene},
    support::TestApp,
};
use event_bus::{Bus, Outgoing};
use events::{Event, RatingFailed, SessionErased, SessionRated};
use ids::Ids;
use std::{sync::mpsc, time::Duration};
use test_kit::{Nats, eventually};

/// Publishes an event as another service's relay would.
async fn say<E: Event>(bus: &Bus, event: &E) {
    let outgoing = Outgoing {
        event: Ids.mint(),
        subject: E::SUBJECT.to_owned(),
        payload: event.encode_to_vec().into(),
        traceparent: None,
        replayed: false,
    };
    eventually("the broker has it", async || bus.publish(&outgoing).await.ok()).await;
}

/// What the worker says on the bus.
fn hear(bus: &Bus, app: &TestApp) -> mpsc::Receiver<String> {
    let (said, heard) = mpsc::channel();
    let past = Duration::from_mins(1);
    let (rated, failed) = (said.clone(), said.clone());
    event_bus::hear_all::<SessionRated>(bus.clone(), &app.lifecycle, past, move |event| {
        let _ = rated.send(format!("rated {}", event.rating_revision));
    });
    event_bus::hear_all::<RatingFailed>(bus.clone(), &app.lifecycle, past, move |event| {
        let _ = failed.send(format!("failed {}", event.reason));
    });
    event_bus::hear_all::<SessionErased>(bus.clone(), &app.lifecycle, past, move |event| {
        let _ = said.send(format!("erased {}", event.part));
    });
    heard
}

#[tokio::test]
async fn what_the_others_say_becomes_a_rating_and_its_end() {
    let (app, nats) = (TestApp::start().await, Nats::start().await);
    let bus = nats.bus().await;
    bus.connected(Duration::from_secs(20)).await.expect("the broker is there");
    app.recording_is(
        Scene::default()
            .coach(RMS, "Who are you?")
            .silence(500)
            .learner(SLT, "My name is Maria and I come from Madrid")
            .webm(),
    );
    app.is_on(&bus);
    app.works(2);
    let heard = hear(&bus, &app);

    say(&bus, &app.stored(1)).await;
    say(&bus, &app.finalized("keep")).await;
    let said = eventually("the rating is announced", async || heard.try_recv().ok()).await;
    assert_eq!(said, "rated 1");

    say(&bus, &app.deleted()).await;
    let said = eventually("the erasure is announced", async || heard.try_recv().ok()).await;
    assert_eq!(said, "erased rating");
    assert_eq!(app.rating().await, None);
}
