//! A wire to a server, which can be cut, mended, and made to break again and again.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It holds.
    Open,
    /// It breaks when so many bytes have gone through it in either direction.
    Breaks(u64),
    /// It breaks at once, also when it was open.
    Cut,
}

/// The wire; it is gone when this is dropped.
pub struct Wire {
    address: SocketAddr,
    way: watch::Sender<Way>,
    carried: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Wire {
    /// A wire to the server at `host:port`.
    pub async fn to(server: &str, way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (way, seen) = watch::channel(way);
        let (server, carried) = (server.to_owned(), Arc::new(AtomicU64::new(0)));
        #[expect(clippy::disallowed_methods, reason = "aborted with the wire")]
        let task = tokio::spawn(accept(listener, server, seen, Arc::clone(&carried)));
        Self { address, way, carried, task }
    }

    /// The address at this end, `host:port`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// From now on.
    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }

    /// The bytes that have gone through, in both directions.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, server: String, way: watch::Receiver<Way>, carried: Arc<AtomicU64>) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        if *way.borrow() == Way::Cut {
            continue;
        }
        if let Ok(far) = TcpStream::connect(&server).await {
            connections.spawn(carry(near, far, way.clone(), Arc::clone(&carried)));
        }
    }
}

/// Carries until an end hangs up or the wire breaks. What ends breaks both directions.
async fn carry(near: TcpStream, far: TcpStream, mut way: watch::Receiver<Way>, carried: Arc<AtomicU64>) {
    let left = match *way.borrow() {
        Way::Open => u64::MAX,
        Way::Breaks(after) => after,
        Way::Cut => 0,
    };
    let (near_out, near_in) = near.into_split();
    let (far_out, far_in) = far.into_split();
    tokio::select! {
        () = copy(near_out, far_in, left, &carried) => {}
        () = copy(far_out, near_in, left, &carried) => {}
        _ = way.wait_for(|way| *way == Way::Cut) => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut left: u64, carried: &AtomicU64) {
    let mut buffer = vec![0; 16 * 1024];
    while left > 0 {
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        let count = count.min(usize::try_from(left).unwrap_or(usize::MAX));
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
        left -= count as u64;
        carried.fetch_add(count as u64, Ordering::SeqCst);
    }
}
