//! The system calls in which a thread can wait, by their numbers in `/proc/PID/task/TID/syscall`.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use nix::libc;

/// What a thread waits for in a system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// A connection to this listening socket.
    Accept { descriptor: i32 },
    /// Bytes from this file or socket.
    Receive { descriptor: i32 },
    /// Room in the buffer of this file or socket.
    Send { descriptor: i32 },
    /// Events on several files, without a timeout.
    Poll { call: &'static str },
    /// Another thread or a child process, without a timeout.
    OwnThread,
    /// Something, but at most for a time.
    Timed,
}

/// Returns what a call with these arguments waits for, or `None` if it isn't known.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(crate) fn wait_in(number: i64, arguments: [u64; 6]) -> Option<Wait> {
    #[expect(clippy::cast_possible_truncation, reason = "an int in a register")]
    let int = |index: usize| arguments[index] as i32;
    let descriptor = int(0);
    let until = |is_endless: bool, call| match is_endless {
        true => Wait::Poll { call },
        false => Wait::Timed,
    };
    // Pointers to a time, or milliseconds.
    let is_null = |index: usize| arguments[index] == 0;
    let is_negative = |index: usize| int(index) < 0;
    Some(match number {
        libc::SYS_accept | libc::SYS_accept4 => Wait::Accept { descriptor },
        libc::SYS_read | libc::SYS_readv | libc::SYS_recvfrom | libc::SYS_recvmsg => {
            Wait::Receive { descriptor }
        }
        libc::SYS_write | libc::SYS_writev | libc::SYS_sendto | libc::SYS_sendmsg => {
            Wait::Send { descriptor }
        }
        libc::SYS_ppoll => until(is_null(2), "poll"),
        libc::SYS_pselect6 => until(is_null(4), "select"),
        libc::SYS_epoll_pwait => until(is_negative(3), "epoll_wait"),
        libc::SYS_epoll_pwait2 => until(is_null(3), "epoll_wait"),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll => until(is_negative(2), "poll"),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select => until(is_null(4), "select"),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait => until(is_negative(3), "epoll_wait"),
        libc::SYS_wait4 | libc::SYS_waitid => Wait::OwnThread,
        libc::SYS_futex => match int(1) & libc::FUTEX_CMD_MASK {
            libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET if is_null(3) => Wait::OwnThread,
            libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET => Wait::Timed,
            _ => return None,
        },
        libc::SYS_nanosleep | libc::SYS_clock_nanosleep => Wait::Timed,
        _ => return None,
    })
}

/// The numbers and arguments of calls differ between processors.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) fn wait_in(_: i64, _: [u64; 6]) -> Option<Wait> {
    None
}
