//! The description says what the routes do.

#[test]
fn every_operation_is_described() {
    let document = serde_json::to_value(upload::openapi()).expect("it is JSON");
    let operation = |path: &str, method: &str| document["paths"][path][method].clone();
    let upload = operation("/api/sessions/{id}/upload", "post");
    assert_eq!(upload["operationId"], "upload_recording");
    let accepted = upload["requestBody"]["content"].as_object().expect("media types");
    assert_eq!(accepted.keys().collect::<Vec<_>>(), ["audio/mp4", "audio/webm"]);
    let audio = operation("/api/sessions/{id}/audio", "get");
    let parameters: Vec<_> = audio["parameters"]
        .as_array()
        .expect("parameters")
        .iter()
        .map(|parameter| (parameter["name"].as_str().unwrap_or(""), parameter["in"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(parameters, [("id", "path"), ("format", "query")]);
    assert_eq!(operation("/api/sessions/{id}/audio/peaks", "get")["operationId"], "get_peaks");
    for (method, name) in [("options", "describe_uploads"), ("post", "create_upload")] {
        assert_eq!(operation("/api/uploads", method)["operationId"], name);
    }
    for (method, name) in [
        ("head", "find_upload"),
        ("patch", "append_to_upload"),
        ("delete", "terminate_upload"),
        ("post", "overridden_upload"),
    ] {
        assert_eq!(operation("/api/uploads/{id}", method)["operationId"], name);
    }

    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document["components"]["schemas"][reference].is_object(), "{reference} is described nowhere");
    }
}
