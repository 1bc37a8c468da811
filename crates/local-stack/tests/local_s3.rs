//! The object store does what it was asked, whoever still waits for the answer.

use aws_sdk_s3::{
    Client,
    types::{CompletedMultipartUpload, CompletedPart},
};
use std::fs;
use tempfile::TempDir;
use test_kit::eventually;
use tokio::process::{Child, Command};

const BUCKET: &str = "recordings";
/// Enough of them that putting them together takes a while.
const PARTS: i32 = 24;
const PART: usize = 5 * 1024 * 1024;

struct Store {
    client: Client,
    folder: TempDir,
    _process: Child,
}

impl Store {
    fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let address = test_kit::own_address();
        let process = Command::new(env!("CARGO_BIN_EXE_local-s3"))
            .env("LOCAL_S3_HTTP_ADDR", address.to_string())
            .env("LOCAL_S3_FOLDER", folder.path())
            .envs([("S3_BUCKET", BUCKET), ("S3_ACCESS_KEY", "test-access"), ("S3_SECRET_KEY", "test-secret")])
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let config = object_store::Config {
            endpoint: format!("http://{address}").parse().expect("a URL"),
            region: "us-east-1".to_owned(),
            bucket: BUCKET.to_owned(),
            access_key: "test-access".into(),
            secret_key: "test-secret".into(),
        };
        Self { client: config.client(), folder, _process: process }
    }

    /// Whether the store knows of this upload, as one that is not complete.
    fn knows(&self, upload: &str) -> bool {
        self.folder.path().join(format!(".upload-{upload}.json")).exists()
    }
}

#[tokio::test]
async fn an_upload_is_completed_after_whoever_asked_for_it_is_gone() {
    let store = Store::start();
    let begin = || store.client.create_multipart_upload().bucket(BUCKET).key("take").send();
    let begun = eventually("it listens", async || begin().await.ok()).await;
    let id = begun.upload_id().expect("an id");
    let mut parts = Vec::new();
    for number in 1..=PARTS {
        let part = store.client.upload_part().bucket(BUCKET).key("take").upload_id(id).part_number(number);
        let put = part.body(vec![7; PART].into()).send().await.expect("the part is stored");
        parts.push(CompletedPart::builder().part_number(number).set_e_tag(put.e_tag).build());
    }

    let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    assert!(store.knows(id));
    let completing = store.client.complete_multipart_upload().bucket(BUCKET).key("take").upload_id(id);
    let begun = eventually("it begins", async || (!store.knows(id)).then_some(()));
    tokio::select! {
        answer = completing.multipart_upload(whole).send() => panic!("it was over too soon: {answer:?}"),
        () = begun => {}
    }

    let object = store.folder.path().join(BUCKET).join("take");
    eventually("the object is there", async || object.exists().then_some(())).await;
    assert_eq!(fs::metadata(object).expect("an object").len(), PARTS as u64 * PART as u64);
}
