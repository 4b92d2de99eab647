//! Connections: how many there may be, how long each may keep its place without asking, sending or reading anything, and
//! how all of them end when the service does.
//!
//! When no place is left, the connection that has waited longest without a request makes room; when all are busy, the new
//! one is told to come back. A half-sent request, an answer that nobody reads and a client that keeps silent end by
//! themselves; an answer that has nothing to say yet (a half-day that is watched) may last.

mod connection;
mod socket;

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http_body_util::combinators::BoxBody;
use hyper::{
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use poem::{
    Endpoint, EndpointExt, IntoEndpoint, Request, Response,
    endpoint::{DynEndpoint, ToDynEndpoint},
    http::{self, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, timeout},
};
use tracing::{info, warn};

use connection::{Answer, Pulse};
use socket::Socket;

/// What connections may do.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// How many there may be at once.
    pub most: usize,
    /// How long the head of a request may take, and how long a new connection may say nothing.
    pub head: Duration,
    /// How long a connection may stay without a request.
    pub idle: Duration,
    /// How long an answer may wait for a reader who takes nothing of it, or next to nothing.
    pub stalled: Duration,
    /// Between two looks at all connections.
    pub look: Duration,
    /// Between two questions whether the other end of HTTP/2 is still there.
    pub ping: Duration,
    /// How long what is under way may take once the service stops.
    pub stop: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            most: 2_000,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            stalled: Duration::from_secs(30),
            look: Duration::from_secs(1),
            ping: Duration::from_secs(20),
            // The worker ends beside, and the database after: ten seconds in all.
            stop: Duration::from_secs(6),
        }
    }
}

/// Descriptors that are kept for all else: the log, files that are read and written, mails that leave.
const KEPT: u64 = 96;
/// Descriptors of one connection to the database: SQLite holds three files for each.
const OF_DATABASE: u64 = 3;

impl ConnectionLimits {
    /// As many connections as are wanted, if the process may have as many descriptors.
    pub fn within_descriptors(most: u32, database_connections: u32) -> Result<Self, String> {
        let descriptors = descriptors();
        let kept = KEPT + OF_DATABASE * (u64::from(database_connections) + 2);
        let room = descriptors.map_or(u64::from(most), |all| all.saturating_sub(kept));
        if room < 16 {
            return Err(format!(
                "only {} open files are allowed, of which {kept} are needed beside connections: raise the limit (ulimit -n, LimitNOFILE)",
                descriptors.unwrap_or_default()
            ));
        }
        let allowed = room.min(u64::from(most));
        if allowed < u64::from(most) {
            warn!("Only {allowed} connections at once instead of {most}: raise the limit of open files (LimitNOFILE)");
        }
        Ok(Self { most: usize::try_from(allowed).unwrap_or(usize::MAX), ..Self::default() })
    }
}

#[cfg(unix)]
fn descriptors() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn descriptors() -> Option<u64> {
    None
}

/// New connections that wait for a place at the same time; whoever comes beyond is cut off.
const LOBBY: usize = 64;
/// How long one of them waits.
const WAIT: Duration = Duration::from_secs(2);
/// Between two tries to make room for it.
const TRY: Duration = Duration::from_millis(20);

/// What whoever finds no place is told.
const FULL: &str = "{\"type\":\"/problems/connections.full\",\"title\":\"Service Unavailable\",\"status\":503,\
                    \"detail\":\"Trop de connexions en même temps : réessayez dans un instant.\",\
                    \"code\":\"connections.full\",\"retry_after\":1}";

type Route = Arc<dyn DynEndpoint<Output = Response>>;

/// All connections, and what they share.
struct House {
    limits: ConnectionLimits,
    route: Route,
    local: SocketAddr,
    places: Arc<Semaphore>,
    lobby: Arc<Semaphore>,
    present: Mutex<HashMap<u64, Arc<Pulse>>>,
    stopping: watch::Receiver<bool>,
}

/// Serve until told to stop, then let what is under way end.
pub async fn serve<E>(
    listener: TcpListener,
    route: E,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
) -> io::Result<()>
where
    E: IntoEndpoint,
    E::Endpoint: 'static,
{
    let (told, stopping) = watch::channel(false);
    let house = Arc::new(House {
        limits,
        route: Arc::new(ToDynEndpoint(route.into_endpoint().map_to_response())),
        local: listener.local_addr()?,
        places: Arc::new(Semaphore::new(limits.most)),
        lobby: Arc::new(Semaphore::new(LOBBY)),
        present: Mutex::default(),
        stopping,
    });
    let mut look = tokio::time::interval(limits.look);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    tokio::pin!(stop);
    let mut number = 0_u64;
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = look.tick() => house.look(),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    number += 1;
                    house.clone().welcome(number, stream, peer);
                }
                Err(failure) => {
                    // Without descriptors the next try fails at once: the loop must not burn the processor.
                    warn!("A connection could not be taken: {failure}");
                    house.make_room();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    told.send_replace(true);
    let begun = Instant::now();
    let mut look = tokio::time::interval(Duration::from_millis(20));
    while !house.is_empty() && begun.elapsed() < limits.stop {
        look.tick().await;
    }
    if !house.is_empty() {
        info!("Cut off {} connections that did not end", house.len());
        house.end_all();
        while !house.is_empty() && begun.elapsed() < limits.stop + WAIT {
            look.tick().await;
        }
    }
    Ok(())
}

impl House {
    fn present(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<Pulse>>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn len(&self) -> usize {
        self.present().len()
    }

    fn is_empty(&self) -> bool {
        self.present().is_empty()
    }

    fn end_all(&self) {
        self.present().values().for_each(|pulse| pulse.end());
    }

    /// End the connections that have had their time.
    fn look(&self) {
        let now = Instant::now();
        for pulse in self.present().values() {
            if pulse.is_over(now, &self.limits) {
                pulse.end();
            }
        }
    }

    /// End the connection that has waited longest without a request.
    fn make_room(&self) {
        let (present, now) = (self.present(), Instant::now());
        let waiting = present.values().filter_map(|pulse| Some((pulse.waiting_since(now)?, pulse)));
        if let Some((_, pulse)) = waiting.min_by_key(|(since, _)| *since) {
            pulse.end();
        }
    }

    fn welcome(self: Arc<Self>, number: u64, stream: TcpStream, peer: SocketAddr) {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            tokio::spawn(self.keep(number, stream, peer, place));
            return;
        }
        // Beyond the lobby, nothing polite can be afforded: the connection is dropped.
        let Ok(seat) = self.lobby.clone().try_acquire_owned() else { return };
        tokio::spawn(async move {
            match timeout(WAIT, self.place()).await {
                Ok(Some(place)) => {
                    drop(seat);
                    self.keep(number, stream, peer, place).await;
                }
                Ok(None) | Err(_) => {
                    socket::refuse(stream, FULL).await;
                    drop(seat);
                }
            }
        });
    }

    /// The next place, in the order in which they were asked for; others are asked to leave meanwhile.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        let mut again = tokio::time::interval(TRY);
        let place = self.places.clone().acquire_owned();
        tokio::pin!(place);
        loop {
            tokio::select! {
                place = &mut place => return place.ok(),
                _ = again.tick() => self.make_room(),
            }
        }
    }

    async fn keep(self: Arc<Self>, number: u64, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        let pulse = Arc::new(Pulse::new());
        self.present().insert(number, pulse.clone());
        // Whatever happens to the task, the place is given back.
        let _leave = Leave { house: &self, number, _place: place };
        stream.set_nodelay(true).ok();
        let (route, local) = (self.route.clone(), self.local);
        let service = service_fn({
            let pulse = pulse.clone();
            move |request: http::Request<Incoming>| {
                let begun = Answer::begin(pulse.clone());
                let request = Request::from((request, LocalAddr(local.into()), RemoteAddr(peer.into()), Scheme::HTTP));
                let route = route.clone();
                async move {
                    let answer: http::Response<BoxBody<Bytes, io::Error>> = route.get_response(request).await.into();
                    Ok::<_, std::convert::Infallible>(answer.map(|body| begun.of(body)))
                }
            }
        });
        let socket = TokioIo::new(Socket::new(stream, pulse.clone()));
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // The head's time is kept by the pulse, which also sees what comes before a protocol is known.
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(None::<Duration>)
            .max_buf_size(64 * 1024)
            .max_headers(64);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(32_u32)
            .max_header_list_size(16 * 1024)
            .max_pending_accept_reset_streams(20_usize)
            .max_local_error_reset_streams(64_usize)
            .max_send_buf_size(64 * 1024)
            .keep_alive_interval(self.limits.ping)
            .keep_alive_timeout(Duration::from_secs(20));
        let serving = builder.serve_connection(socket, service);
        tokio::pin!(serving);
        let mut stopping = self.stopping.clone();
        let stop = async move { stopping.wait_for(|stop| *stop).await.is_ok() };
        tokio::select! {
            _ = &mut serving => return,
            () = pulse.ended() => return,
            _ = stop => serving.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            _ = &mut serving => {}
            () = pulse.ended() => {}
        }
    }
}

/// Gives a place back.
struct Leave<'a> {
    house: &'a House,
    number: u64,
    _place: OwnedSemaphorePermit,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.house.present().remove(&self.number);
    }
}
