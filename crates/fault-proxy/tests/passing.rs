//! What passes, and what does not.

use fault_proxy::{Cut, Faults, Plan, Proxy, Reply, Transport, control};
use lifecycle::Lifecycle;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
    sync::mpsc,
    time::timeout,
};

const SOON: Duration = Duration::from_secs(5);
const NEVER: Duration = Duration::from_millis(200);

fn anywhere() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn proxy(transport: Transport, target: SocketAddr, seed: u64) -> Proxy {
    let plan = Plan { name: "way".to_owned(), transport, listen: anywhere(), target };
    Proxy::open(vec![plan], seed, &Lifecycle::new()).await.unwrap()
}

fn entrance(proxy: &Proxy) -> SocketAddr {
    proxy.route("way").unwrap().plan().listen
}

fn set(proxy: &Proxy, faults: Faults) {
    proxy.set(proxy.route("way").unwrap(), faults);
}

/// Sends back what it gets.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind(anywhere()).await.unwrap();
    let address = listener.local_addr().unwrap();
    Lifecycle::new().spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            Lifecycle::new().spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    address
}

/// Counts the bytes of each connection.
async fn counting() -> (SocketAddr, mpsc::UnboundedReceiver<usize>) {
    let listener = TcpListener::bind(anywhere()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (send, receive) = mpsc::unbounded_channel();
    Lifecycle::new().spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes).await;
            let _ = send.send(bytes.len());
        }
    });
    (address, receive)
}

async fn says(stream: &mut TcpStream, word: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(word).await?;
    let mut answer = vec![0; word.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_well_route_is_not_noticed() {
    let proxy = proxy(Transport::Tcp, echo().await, 1).await;
    let mut stream = TcpStream::connect(entrance(&proxy)).await.unwrap();
    let sent: Vec<u8> = (0..3_000_000_u32).map(|at| at as u8).collect();
    let (mut read, mut write) = stream.split();
    let sending = async {
        write.write_all(&sent).await.unwrap();
        write.shutdown().await.unwrap();
    };
    let mut back = Vec::new();
    let (read, ()) = tokio::join!(read.read_to_end(&mut back), sending);
    assert_eq!((read.unwrap(), back == sent), (sent.len(), true), "all of it came back");
    let counters = proxy.route("way").unwrap().counters();
    assert_eq!((counters.sent, counters.received, counters.cuts), (3_000_000, 3_000_000, 0));
}

#[tokio::test]
async fn a_route_that_is_down_refuses_and_resets_and_is_well_again_by_itself() {
    let proxy = proxy(Transport::Tcp, echo().await, 1).await;
    let mut stream = TcpStream::connect(entrance(&proxy)).await.unwrap();
    says(&mut stream, b"hello").await.unwrap();
    set(&proxy, Faults { down: true, for_ms: Some(1500), ..Faults::default() });
    assert!(timeout(SOON, stream.read_u8()).await.unwrap().is_err(), "what is connected is reset");
    let refused = timeout(SOON, async { while TcpStream::connect(entrance(&proxy)).await.is_ok() {} }).await;
    assert!(refused.is_ok(), "nothing listens");
    let again = async {
        loop {
            if let Ok(mut stream) = TcpStream::connect(entrance(&proxy)).await {
                return says(&mut stream, b"hello again").await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert_eq!(timeout(SOON, again).await.unwrap(), b"hello again");
}

#[tokio::test]
async fn a_cable_that_is_pulled_loses_nothing_of_a_connection() {
    let proxy = proxy(Transport::Tcp, echo().await, 1).await;
    let mut stream = TcpStream::connect(entrance(&proxy)).await.unwrap();
    says(&mut stream, b"before").await.unwrap();
    set(&proxy, Faults { blackhole: true, ..Faults::default() });
    assert!(timeout(NEVER, says(&mut stream, b"during")).await.is_err(), "nothing passes");
    let mut other = TcpStream::connect(entrance(&proxy)).await.unwrap();
    assert!(timeout(NEVER, says(&mut other, b"other")).await.is_err(), "nobody is told");
    proxy.route("way").unwrap().clear();
    let mut late = [0; 6];
    timeout(SOON, stream.read_exact(&mut late)).await.unwrap().unwrap();
    assert_eq!(&late, b"during");
}

#[tokio::test]
async fn connections_are_cut_at_the_same_bytes_for_the_same_seed() {
    let mut runs = Vec::new();
    let (target, mut counted) = counting().await;
    let proxy = proxy(Transport::Tcp, target, 4).await;
    for (run, seed) in [(1, 5), (2, 5), (3, 6)] {
        proxy.route("way").unwrap().begin_again(seed);
        set(&proxy, Faults { cut_after: Some(Cut { least: 1, most: 1_000_000 }), ..Faults::default() });
        let mut lengths = Vec::new();
        for _ in 0..8 {
            let mut stream = TcpStream::connect(entrance(&proxy)).await.unwrap();
            // Buffers on the way take some megabytes before anybody notices.
            let noticed = async { while stream.write_all(&[0; 8_192]).await.is_ok() {} };
            timeout(SOON, noticed).await.expect("it was cut");
            lengths.push(timeout(SOON, counted.recv()).await.unwrap().unwrap());
        }
        assert!(lengths.iter().all(|length| (1..=1_000_000).contains(length)), "{lengths:?}");
        assert_eq!(proxy.route("way").unwrap().counters().cuts, 8 * run);
        runs.push(lengths);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_connection_stalls_once_and_loses_nothing() {
    let proxy = proxy(Transport::Tcp, echo().await, 1).await;
    set(&proxy, Faults { stall_after: Some(1000), stall_ms: 2000, ..Faults::default() });
    let mut stream = TcpStream::connect(entrance(&proxy)).await.unwrap();
    let began = Instant::now();
    assert_eq!(says(&mut stream, &[7; 4000]).await.unwrap(), vec![7; 4000]);
    assert!(began.elapsed() >= Duration::from_secs(2));
    let began = Instant::now();
    says(&mut stream, &[7; 4000]).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "once");
}

#[tokio::test]
async fn everything_arrives_later_by_the_delay() {
    let proxy = proxy(Transport::Tcp, echo().await, 1).await;
    let mut stream = TcpStream::connect(entrance(&proxy)).await.unwrap();
    says(&mut stream, b"quick").await.unwrap();
    set(&proxy, Faults { delay_ms: 100, ..Faults::default() });
    let began = Instant::now();
    says(&mut stream, b"slow").await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(200), "there and back");
}

#[tokio::test]
async fn a_network_that_changes_cuts_what_is_connected_and_nothing_else() {
    let proxy = proxy(Transport::Tcp, echo().await, 1).await;
    let mut stream = TcpStream::connect(entrance(&proxy)).await.unwrap();
    says(&mut stream, b"hello").await.unwrap();
    proxy.route("way").unwrap().rebind();
    assert!(timeout(SOON, stream.read_u8()).await.unwrap().is_err());
    let mut stream = TcpStream::connect(entrance(&proxy)).await.unwrap();
    says(&mut stream, b"hello").await.unwrap();
}

#[tokio::test]
async fn requests_are_answered_instead_of_the_target() {
    let (target, mut counted) = counting().await;
    let proxy = proxy(Transport::Tcp, target, 1).await;
    let reply = Reply { status: 429, retry_after: Some(7) };
    set(&proxy, Faults { answer: Some(reply), ..Faults::default() });
    let url = format!("http://{}/", entrance(&proxy));
    let answer = reqwest::Client::new().post(url).body(vec![1; 100_000]).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "7");
    assert!(counted.try_recv().is_err(), "the target heard nothing of it");
}

/// A far side of datagrams that answers each, and says from where it came.
async fn far_side() -> (SocketAddr, mpsc::UnboundedReceiver<(SocketAddr, Vec<u8>)>) {
    let socket = UdpSocket::bind(anywhere()).await.unwrap();
    let address = socket.local_addr().unwrap();
    let (send, receive) = mpsc::unbounded_channel();
    Lifecycle::new().spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((length, source)) = socket.recv_from(&mut buffer).await {
            let _ = socket.send_to(&buffer[..length], source).await;
            let _ = send.send((source, buffer[..length].to_vec()));
        }
    });
    (address, receive)
}

async fn client(proxy: &Proxy) -> UdpSocket {
    let socket = UdpSocket::bind(anywhere()).await.unwrap();
    socket.connect(entrance(proxy)).await.unwrap();
    socket
}

async fn answered(socket: &UdpSocket, within: Duration) -> Option<Vec<u8>> {
    let mut buffer = [0; 2048];
    let length = timeout(within, socket.recv(&mut buffer)).await.ok()?.ok()?;
    Some(buffer[..length].to_vec())
}

#[tokio::test]
async fn every_client_of_datagrams_has_an_address_of_its_own_until_it_is_rebound() {
    let (target, mut seen) = far_side().await;
    let proxy = proxy(Transport::Udp, target, 1).await;
    let (maya, ben) = (client(&proxy).await, client(&proxy).await);
    let mut addresses = Vec::new();
    for socket in [&maya, &ben, &maya] {
        socket.send(b"hello").await.unwrap();
        assert_eq!(answered(socket, SOON).await.as_deref(), Some(&b"hello"[..]));
        addresses.push(timeout(SOON, seen.recv()).await.unwrap().unwrap().0);
    }
    assert_eq!(addresses[0], addresses[2]);
    assert_ne!(addresses[0], addresses[1]);

    proxy.route("way").unwrap().rebind();
    let moved = async {
        loop {
            maya.send(b"again").await.unwrap();
            assert_eq!(answered(&maya, SOON).await.as_deref(), Some(&b"again"[..]));
            let (address, _) = seen.recv().await.unwrap();
            if address != addresses[0] {
                return;
            }
        }
    };
    timeout(SOON, moved).await.expect("it comes from another address");
}

#[tokio::test]
async fn datagrams_are_lost_in_the_dark_and_by_their_share() {
    let (target, _seen) = far_side().await;
    let proxy = proxy(Transport::Udp, target, 3).await;
    let maya = client(&proxy).await;
    for faults in [
        Faults { blackhole: true, ..Faults::default() },
        Faults { down: true, ..Faults::default() },
        Faults { loss: 1.0, ..Faults::default() },
    ] {
        set(&proxy, faults);
        maya.send(b"into the dark").await.unwrap();
        assert_eq!(answered(&maya, NEVER).await, None);
    }
    assert_eq!(proxy.route("way").unwrap().counters().lost, 3);
    proxy.route("way").unwrap().clear();
    maya.send(b"hello").await.unwrap();
    assert_eq!(answered(&maya, SOON).await.as_deref(), Some(&b"hello"[..]));
}

#[tokio::test]
async fn orders_are_taken_over_http() {
    let proxy = proxy(Transport::Tcp, echo().await, 1).await;
    let listener = TcpListener::bind(anywhere()).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = control::routes(proxy.clone());
    Lifecycle::new().spawn(async move { axum::serve(listener, routes).await });
    let http = reqwest::Client::new();

    let set = http.put(format!("{url}/routes/way/faults")).body(r#"{"delay_ms": 5, "jitter_ms": 2}"#);
    assert_eq!(set.send().await.unwrap().status(), 204);
    let seen: serde_json::Value =
        http.get(format!("{url}/routes")).send().await.unwrap().json().await.unwrap();
    assert_eq!(seen[0]["faults"]["delay_ms"], 5);
    assert_eq!(seen[0]["counters"]["cuts"], 0);
    assert_eq!(http.delete(format!("{url}/faults")).send().await.unwrap().status(), 204);
    assert_eq!(proxy.route("way").unwrap().faults(), Faults::default());

    for (body, status) in [(r#"{"dwon": true}"#, 400), (r#"{"loss": 2}"#, 400), ("down", 400)] {
        let answer = http.put(format!("{url}/routes/way/faults")).body(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{body}");
    }
    let other = http.post(format!("{url}/routes/other/rebind")).send().await.unwrap();
    assert_eq!(other.status(), 404);
}
