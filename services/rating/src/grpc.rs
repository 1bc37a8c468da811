//! The gRPC face: `Ratings`.

mod get_rating;

use crate::Ratings;
use lifecycle::Lifecycle;
use std::{io, net::SocketAddr};
use tonic::service::Routes;
use wire::rating::v1::ratings_server::RatingsServer;

/// Serves until the process stops, then lets calls in flight finish. Says where it listens.
pub async fn serve(address: SocketAddr, ratings: Ratings, lifecycle: &Lifecycle) -> io::Result<SocketAddr> {
    ::grpc::serve(address, Routes::new(RatingsServer::new(ratings)), lifecycle).await
}
