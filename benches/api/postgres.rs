//! PostgreSQL: the server that is named, or a cluster of our own with its defaults (durable), stopped at the end.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use clairiere::platform::db::{Db, Opening};
use sea_orm::{ConnectionTrait, Statement};

/// A server.
pub struct Server {
    pub url: String,
    /// Its first process, when it is ours.
    pub pid: Option<u32>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = self.pid {
            Command::new("kill").args(["-INT", &pid.to_string()]).status().ok();
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    }
}

/// The server to measure, if there is one.
pub fn server(folder: &Path) -> Option<Server> {
    if let Ok(url) = std::env::var("BENCH_DATABASE_URL") {
        return Some(Server { url: url.trim_end_matches('/').to_owned(), pid: None });
    }
    let programs = programs()?;
    let (data, port) = (folder.join("cluster"), super::child::free_port());
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.starts_with(b"0\n"));
    if root {
        // PostgreSQL refuses to run as root; Debian's package made this user.
        std::fs::create_dir_all(&data).ok()?;
        for place in [folder, &data] {
            Command::new("chown").arg("postgres").arg(place).status().ok()?;
        }
    }
    let run = |program: &str, arguments: &[&str]| {
        let program = programs.join(program);
        let mut command = if root { Command::new("runuser") } else { Command::new(&program) };
        if root {
            command.args(["-u", "postgres", "--"]).arg(&program);
        }
        command
            .current_dir(folder)
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let data_text = data.display().to_string();
    if !run(
        "initdb",
        &["--pgdata", &data_text, "--username=clairiere", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"],
    ) {
        return None;
    }
    let options = format!("-p {port} -k {} -c listen_addresses=127.0.0.1", folder.display());
    let log = folder.join("cluster.log").display().to_string();
    if !run("pg_ctl", &["--pgdata", &data_text, "--log", &log, "--wait", "--silent", "--options", &options, "start"]) {
        return None;
    }
    let pid = std::fs::read_to_string(data.join("postmaster.pid")).ok()?.lines().next()?.parse().ok();
    Some(Server { url: format!("postgres://clairiere@127.0.0.1:{port}"), pid })
}

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin"));
    versions.filter(|bin| bin.join("initdb").exists()).max()
}

/// A new database on a server.
pub async fn database(server: &str) -> String {
    let opening = Opening { connections: 2, ..Opening::default() };
    let db = Db::open(&format!("{server}/postgres"), opening).await.expect("the server takes connections");
    let name = format!("clairiere_bench_{}", std::process::id());
    db.writer()
        .execute_raw(Statement::from_string(db.backend(), format!("CREATE DATABASE {name}")))
        .await
        .expect("the server makes a database");
    db.close().await.expect("the connection closes");
    format!("{server}/{name}")
}
