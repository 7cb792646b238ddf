//! What a page must not do: complain on the console, fail to load something, ask elsewhere.

use serde_json::Value;

/// The problem that an event tells of, in a line.
pub(crate) fn of(event: &Value) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Runtime.consoleAPICalled" => {
            let values: Vec<String> = parameters["args"]
                .as_array()?
                .iter()
                .map(|argument| match &argument["value"] {
                    Value::Null => text(&argument["description"]),
                    value => text(value),
                })
                .collect();
            Some(format!("console.{}: {}", text(&parameters["type"]), values.join(" ")))
        }
        "Runtime.exceptionThrown" => {
            let details = &parameters["exceptionDetails"];
            let what = match &details["exception"]["description"] {
                Value::Null => &details["text"],
                description => description,
            };
            Some(format!("exception: {} ({})", text(what), text(&details["url"])))
        }
        "Log.entryAdded" => {
            let entry = &parameters["entry"];
            Some(format!(
                "{}: {} ({})",
                text(&entry["level"]),
                text(&entry["text"]),
                text(&entry["url"])
            ))
        }
        "Network.requestWillBeSent" => {
            let url = text(&parameters["request"]["url"]);
            (!is_here(&url)).then(|| format!("asks elsewhere: {url}"))
        }
        "Network.responseReceived" => {
            let response = &parameters["response"];
            let status = response["status"].as_i64()?;
            (status >= 400).then(|| format!("answered with {status}: {}", text(&response["url"])))
        }
        "Network.loadingFailed" if parameters["canceled"] != true => Some(format!(
            "not loaded: {} {}",
            text(&parameters["type"]),
            text(&parameters["errorText"])
        )),
        "Inspector.targetCrashed" => Some("the page crashed".to_owned()),
        _ => None,
    }
}

/// Whether what is asked for is on this host: a file, part of the page, or loopback.
fn is_here(url: &str) -> bool {
    const PARTS: [&str; 4] = ["file:", "data:", "blob:", "about:"];
    const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
    if PARTS.iter().any(|part| url.starts_with(part)) {
        return true;
    }
    let Some((_, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    HOSTS.iter().any(|here| {
        host.strip_prefix(here).is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn only_files_and_loopback_are_here() {
        for url in
            ["file:///a", "data:,a", "http://127.0.0.1:80/", "http://localhost", "ws://[::1]/"]
        {
            assert!(is_here(url), "{url}");
        }
        for url in ["https://example.com/", "http://127.0.0.1.example.com/", "//cdn/", "ftp:x"] {
            assert!(!is_here(url), "{url}");
        }
    }
}
