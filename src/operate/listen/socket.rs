//! A socket that tells its pulse what goes through it, and that does not slam the door: what a refused client still sends
//! is read and thrown away for a moment, or it would lose the very answer that refuses it.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep, timeout},
};

use super::connection::Pulse;

/// How long what a client still sends is thrown away after the last answer.
const LINGER: Duration = Duration::from_secs(1);
/// And how much of it, at most.
const THROWN_AWAY: usize = 1024 * 1024;

/// A socket that is watched.
pub struct Socket {
    stream: TcpStream,
    pulse: Arc<Pulse>,
    lingering: Option<(Pin<Box<Sleep>>, usize)>,
}

impl Socket {
    /// Watched by this pulse.
    pub fn new(stream: TcpStream, pulse: Arc<Pulse>) -> Self {
        Self { stream, pulse, lingering: None }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        if !read.is_empty() {
            self.pulse.received(read);
        }
        Poll::Ready(Ok(()))
    }
}

impl Socket {
    fn wrote(&self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &polled {
            Poll::Pending => self.pulse.full(),
            Poll::Ready(Ok(bytes)) => self.pulse.taken(*bytes),
            Poll::Ready(Err(_)) => {}
        }
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.wrote(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked for once all that was to be written is written.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pulse.flushed();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            this.lingering = Some((Box::pin(sleep(LINGER)), THROWN_AWAY));
        }
        let Some((end, left)) = this.lingering.as_mut() else { return Poll::Ready(Ok(())) };
        let mut scratch = [0; 8 * 1024];
        loop {
            if end.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buffer = ReadBuf::new(&mut scratch);
            if ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer)).is_err() {
                return Poll::Ready(Ok(()));
            }
            let read = buffer.filled().len();
            *left = left.saturating_sub(read);
            if read == 0 || *left == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

/// Tell a client that there is no place, without having read what it asks.
pub async fn refuse(mut stream: TcpStream, problem: &str) {
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\n\
         Retry-After: 1\r\nConnection: close\r\n\r\n{problem}",
        problem.len()
    );
    let told = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        let mut scratch = [0; 4 * 1024];
        while stream.read(&mut scratch).await? > 0 {}
        io::Result::Ok(())
    };
    timeout(LINGER, told).await.ok();
}
