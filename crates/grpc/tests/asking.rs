//! Asking a service whose replicas come and go.

use lifecycle::Lifecycle;
use std::{
    future::pending,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use test_kit::own_address;
use tonic::{
    Code, Request, Response, Status,
    service::Routes,
    transport::{Channel, Endpoint},
};
use wire::topics::v1::{
    GetTopicRequest, GetTopicResponse,
    topic_catalog_client::TopicCatalogClient,
    topic_catalog_server::{TopicCatalog, TopicCatalogServer},
};

const LIMIT: Duration = Duration::from_secs(5);

/// Answers a question according to its number.
#[derive(Clone)]
struct Scripted {
    asked: Arc<AtomicUsize>,
    script: fn(usize) -> Option<Code>,
}

#[tonic::async_trait]
impl TopicCatalog for Scripted {
    async fn get_topic(&self, _: Request<GetTopicRequest>) -> Result<Response<GetTopicResponse>, Status> {
        match (self.script)(self.asked.fetch_add(1, SeqCst)) {
            Some(Code::Ok) => Ok(Response::new(GetTopicResponse::default())),
            Some(code) => Err(Status::new(code, "as the script says")),
            None => pending().await,
        }
    }
}

struct Replica {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    lifecycle: Lifecycle,
}

impl Replica {
    async fn starts(address: SocketAddr, script: fn(usize) -> Option<Code>) -> Self {
        let (asked, lifecycle) = (Arc::default(), Lifecycle::new());
        let catalog = Scripted { asked: Arc::clone(&asked), script };
        let routes = Routes::new(TopicCatalogServer::new(catalog));
        let address = grpc::serve(address, routes, &lifecycle).await.unwrap();
        Self { address, asked, lifecycle }
    }

    async fn anywhere(script: fn(usize) -> Option<Code>) -> Self {
        Self::starts(own_address(), script).await
    }

    fn client(&self) -> TopicCatalogClient<Channel> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).unwrap();
        TopicCatalogClient::new(grpc::channel(endpoint))
    }

    async fn stops(self) -> SocketAddr {
        self.lifecycle.stop();
        self.lifecycle.drained().await;
        self.address
    }
}

async fn asks(client: &TopicCatalogClient<Channel>, within: Duration) -> Result<(), Code> {
    let message = GetTopicRequest::default();
    let answer = grpc::ask(within, message, |request| {
        let mut client = client.clone();
        async move { client.get_topic(request).await }
    })
    .await;
    answer.map(|_| ()).map_err(|status| status.code())
}

#[tokio::test]
async fn a_question_that_nobody_answered_is_asked_once_more() {
    let once = Replica::anywhere(|at| Some(if at == 0 { Code::Unavailable } else { Code::Ok })).await;
    assert_eq!(asks(&once.client(), LIMIT).await, Ok(()));
    assert_eq!(once.asked.load(SeqCst), 2);

    let never = Replica::anywhere(|_| Some(Code::Unavailable)).await;
    assert_eq!(asks(&never.client(), LIMIT).await, Err(Code::Unavailable));
    assert_eq!(never.asked.load(SeqCst), 2);
}

#[tokio::test]
async fn what_was_meant_is_not_asked_again() {
    let replica = Replica::anywhere(|_| Some(Code::NotFound)).await;
    assert_eq!(asks(&replica.client(), LIMIT).await, Err(Code::NotFound));
    assert_eq!(replica.asked.load(SeqCst), 1);
}

#[tokio::test]
async fn whoever_stands_in_for_a_replica_that_stopped_is_asked_without_a_failure() {
    let mut replica = Replica::anywhere(|_| Some(Code::Ok)).await;
    let client = replica.client();
    for _ in 0..10 {
        assert_eq!(asks(&client, LIMIT).await, Ok(()));
        replica = Replica::starts(replica.stops().await, |_| Some(Code::Ok)).await;
        assert_eq!(asks(&client, LIMIT).await, Ok(()));
        assert_eq!(replica.asked.load(SeqCst), 1);
    }
}

#[tokio::test]
async fn the_limit_covers_all_of_it() {
    let silent = Replica::anywhere(|_| None).await;
    assert_eq!(asks(&silent.client(), Duration::from_millis(200)).await, Err(Code::DeadlineExceeded));

    let absent = silent.client();
    silent.stops().await;
    assert_eq!(asks(&absent, LIMIT).await, Err(Code::Unavailable));
}

#[test]
fn every_method_reads() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let mut methods = vec![];
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(path).unwrap();
                let named = text.lines().filter_map(|line| line.trim().strip_prefix("rpc "));
                methods.extend(named.map(|rest| rest.split('(').next().unwrap().to_owned()));
            }
        }
    }
    assert!(methods.len() >= 6, "{methods:?}");
    methods.retain(|method| !method.starts_with("Get") && !method.starts_with("Read"));
    assert!(methods.is_empty(), "{methods:?}");
}
