//! The server as a process of its own: started, measured from outside, stopped.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A server that ends with its value.
pub struct Child {
    process: std::process::Child,
}

impl Child {
    /// Start the server and wait for its first answer.
    pub fn serve(settings: &[(&str, String)], port: u16) -> Self {
        Self::started(Command::new(env!("CARGO_BIN_EXE_clairiere")), settings, port)
    }

    /// The same, by this command.
    pub fn started(mut command: Command, settings: &[(&str, String)], port: u16) -> Self {
        let process = command
            .arg("serve")
            // One key makes all the calls.
            .env("CALLS_PER_MINUTE", "0")
            .envs(settings.iter().map(|(name, value)| (*name, value.as_str())))
            .stderr(Stdio::null())
            .spawn()
            .expect("the server's binary starts");
        let child = Self { process };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !answers(port) {
            assert!(Instant::now() < deadline, "the server does not answer");
            std::thread::sleep(Duration::from_millis(1));
        }
        child
    }

    /// Processor time of the server so far.
    pub fn cpu(&self) -> Duration {
        cpu_of(self.id())
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Memory that the server holds.
    pub fn resident_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let kilobytes =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().split(' ').next()?.parse::<f64>().ok());
        kilobytes.unwrap_or_default() / 1024.0
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Processor time over requests.
pub struct Cost {
    /// In microseconds.
    pub per_request: f64,
}

impl Cost {
    pub fn of(time: Duration, requests: usize) -> Self {
        Self { per_request: time.as_secs_f64() * 1e6 / requests.max(1) as f64 }
    }
}

fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let request = b"GET /v1/people HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    let mut answer = [0; 12];
    stream.write_all(request).is_ok() && stream.read_exact(&mut answer).is_ok() && answer.starts_with(b"HTTP/1.1")
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("the loopback has free ports")
        .port()
}

/// User and system time of a process: fields 14 and 15 of `/proc/PID/stat`, in ticks of a hundredth of a second.
fn cpu_of(process: u32) -> Duration {
    fields(process).map_or(Duration::ZERO, |fields| {
        let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    })
}

/// What stands after the name in `/proc/PID/stat`: the state first, the parent second.
fn fields(process: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// Processor time of a process and of its children.
pub fn children_cpu(parent: u32) -> Duration {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).filter(|process| {
        *process == parent || fields(*process).is_some_and(|fields| fields.get(1) == Some(&parent.to_string()))
    });
    children.map(cpu_of).sum()
}
