//! Who may call what: nobody without a key, nobody without the permission, and the whole table committed.

use clairiere::platform::permission::{ALL, Role};
use poem::{Request, http::Method};

use super::{
    published::{Operation, operations},
    snapshot,
};
use crate::support::{Answer, Caller, TestApp, start};

/// The operations that need no key. A new one is read twice before it joins them.
const OPEN: &[&str] = &["get_health", "get_readiness", "get_verification"];

async fn attempt(caller: &Caller, operation: &Operation) -> Answer {
    let path: Vec<&str> = operation
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { "0199c0de-0000-7000-8000-0000000000ff" } else { part })
        .collect();
    let mut request = Request::builder().method(operation.method.clone()).uri_str(path.join("/"));
    if !caller.key.is_empty() {
        request = request.header("Authorization", format!("Bearer {}", caller.key));
    }
    let request = if operation.method == Method::GET {
        request.finish()
    } else {
        request.content_type("application/json").body("{}")
    };
    caller.send(request, operation.name()).await
}

/// A key of an administrator that was narrowed to nothing.
async fn powerless(app: &TestApp) -> Caller {
    let caller = app.staff(Role::CoopAdmin).await;
    let key = app.narrow_key(&caller, Some(vec![]), None).await;
    Caller { key, ..caller }
}

#[tokio::test]
async fn nobody_calls_without_a_key() {
    let app = start().await;
    let nobody = Caller { key: String::new(), ..app.trainer("Marie").await };
    let stranger = Caller { key: "clairiere_unknown".into(), ..nobody.clone() };
    let mut offenders = vec![];
    for operation in operations(&clairiere::api::contract()) {
        if operation.is_open() {
            if !OPEN.contains(&operation.id.as_str()) {
                offenders.push(format!("{}: open, and not in the list of those that may be", operation.name()));
            }
            continue;
        }
        for caller in [&nobody, &stranger] {
            let answer = attempt(caller, &operation).await;
            let problem = answer.json();
            if answer.status != 401 || problem["code"] != "unauthorized" {
                offenders.push(format!("{}: {} {problem} without a key", operation.name(), answer.status));
            }
            if answer.header("content-type") != Some("application/problem+json") {
                offenders.push(format!("{}: 401 that is not a problem document", operation.name()));
            }
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[tokio::test]
async fn a_key_without_permission_opens_nothing_and_the_table_is_the_committed_one() {
    let app = start().await;
    let nobody = powerless(&app).await;
    let mut offenders = vec![];
    let mut table = format!("{:<44} {:<24}", "operation", "permission");
    for role in Role::ALL {
        table.push_str(&format!(" {:<15}", role.name()));
    }
    table = format!("{}\n", table.trim_end());
    for operation in operations(&clairiere::api::contract()) {
        if operation.is_open() {
            table.push_str(&format!("{:<44} (open)\n", operation.id));
            continue;
        }
        let answer = attempt(&nobody, &operation).await;
        let problem = answer.json();
        let permission = problem["permission"].as_str().unwrap_or_default();
        let Some((_, roles)) = ALL.iter().find(|(id, _)| *id == permission) else {
            offenders.push(format!("{}: {} {problem} for a key without permission", operation.name(), answer.status));
            continue;
        };
        if answer.status != 403 {
            offenders.push(format!("{}: {} instead of 403", operation.name(), answer.status));
        }
        let mut line = format!("{:<44} {permission:<24}", operation.id);
        for role in Role::ALL {
            line.push_str(&format!(" {:<15}", if roles.contains(&role) { "yes" } else { "-" }));
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
    snapshot::check("permissions.txt", &table);
}

#[tokio::test]
async fn an_auditor_changes_nothing() {
    let app = start().await;
    let auditor = app.staff(Role::Auditor).await;
    let mut offenders = vec![];
    for operation in operations(&clairiere::api::contract()) {
        if operation.is_open() || operation.method == Method::GET {
            continue;
        }
        let answer = attempt(&auditor, &operation).await;
        if answer.status != 403 && !READS_BY_POST.contains(&operation.id.as_str()) {
            offenders.push(format!("{}: {}", operation.name(), answer.status));
        }
    }
    assert!(offenders.is_empty(), "An auditor may call:\n{}", offenders.join("\n"));
}

/// Operations that compute and write nothing, though they take a body.
const READS_BY_POST: &[&str] = &["bundle_documents", "preview_paper"];
