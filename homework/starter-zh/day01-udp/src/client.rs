//! 客户端：socket，然后 sendto 和 recvfrom。消息是一个数据报，
//! 可能丢失，所以等待回复要设超时。

use std::ffi::OsString;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{bytes, family, quoted, step};
use net_utils::Explain;
use socket2::{Domain, Socket, Type};

use crate::datagram::{allow_longest, check_length, recv_from};
use crate::errors::sendto_failed;
use crate::message_input::Input;
use crate::replies::{ReplyOptions, ReplyWait};

pub fn talk(server: SocketAddr, messages: &[OsString], replies: &ReplyOptions) -> Result<ExitCode> {
    // 第 1 步：socket。不需要 bind：第一次调用 sendto 时，操作系统给套接字分配一个端口。
    let socket = Socket::new(Domain::for_address(server), Type::DGRAM, None)
        .explain("create a socket for", server)?;
    allow_longest(&socket)?;
    socket.set_broadcast(replies.broadcast)?;
    let socket = UdpSocket::from(socket); // 标准库的类型提供 recv_from 和 send_to
    step!(1, "socket", "{}，SOCK_DGRAM (UDP)，协议 0", family(server));

    // 第 2、3 步。
    let mut input = Input::new(messages);
    let message = input.read_message()?.context("无法发送：没有消息")?;
    exchange(&socket, &message, ReplyWait::new(replies, server))?;

    // 第 4 步：close。
    drop(socket);
    step!(4, "close", "不用发送数据包：本来就没有连接");
    Ok(ExitCode::SUCCESS)
}

fn exchange(socket: &UdpSocket, message: &[u8], mut wait: ReplyWait) -> Result<()> {
    // 第 2 步：sendto。一个数据报要么整个发出，要么不发。
    let server = wait.server;
    check_length(message, server)?;
    socket.send_to(message, server).map_err(|error| sendto_failed(message, server, &error))?;
    step!(2, "sendto", "{}，发给 {server}：{}", bytes(message.len()), quoted(message));

    // 第 3 步：recvfrom。回复可能丢失，所以等待要设超时。
    let mut buffer = vec![0; wait.options.buffer_size];
    socket.set_read_timeout(wait.time_left())?;
    wait.take(recv_from(socket, &mut buffer))?;
    wait.end(message)
}
