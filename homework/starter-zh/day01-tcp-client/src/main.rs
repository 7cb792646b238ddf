//! 第一天：TCP 客户端，四步（NOTES.zh-CN.md#client）。它发送一条消息，打印一个回复。
//! 试一试：先在另一个终端里运行 `cargo run -p day01-tcp-server`。

mod addresses; // 一台主机可能有几个地址，使用第一个能连上的
mod arguments; // 命令行
mod connection; // 统计字节数，检查服务端是否长时间空闲
mod errors; // 对话失败时怎样说明
mod input; // 要发送的内容：命令行上的消息、键入的行，或者文件
mod reply_output; // 显示回复和提示符

use std::net::SocketAddr;
use std::process::ExitCode;
use std::{io, time::Duration};

use anyhow::{Context, Result};
use common::{bytes, family, recv, send_all, step};
use socket2::{Domain, Socket, Type};

use crate::reply_output::ReplyOutput;
use crate::{arguments::Arguments, connection::Connection, errors::Failure, input::Input};

fn main() -> ExitCode {
    common::run(talk)
}

fn talk(arguments: Arguments) -> Result<ExitCode> {
    arguments.show_steps();

    // 第 1、2 步：连接主机的第一个能连上的地址。
    let socket = addresses::connect_to_any(&arguments.addresses()?, arguments.timeout, connect)?;
    let connection = Connection::new(socket, arguments.timeout)?;

    // 第 3 步：send 和 recv。
    let output = ReplyOutput::new();
    let ended = converse(&connection, &arguments, &output);
    output.finish()?;
    errors::explain(ended, &connection)?;

    // 第 4 步：close。
    let totals = connection.to_string();
    drop(connection);
    step!(4, "close", "{totals}");
    Ok(ExitCode::SUCCESS)
}

fn connect(server: SocketAddr, timeout: Duration) -> io::Result<Socket> {
    // 第 1 步：socket。地址族和类型与服务端相同。
    let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
    step!(1, "socket", "{}，SOCK_STREAM (TCP)，协议 0", family(server));

    // 第 2 步：connect。三次握手完成时返回。
    socket.connect_timeout(&server.into(), timeout)?;
    step!(2, "connect", "{server}，本端 {}", addresses::own_address(&socket, server)?);
    socket.set_tcp_nodelay(true)?; // 小消息立刻发出（NOTES.zh-CN.md#nagle）
    Ok(socket)
}

fn converse(
    connection: &Connection,
    arguments: &Arguments,
    output: &ReplyOutput,
) -> Result<(), Failure> {
    let mut input = Input::new(&arguments.messages, connection, output);
    let mut buffer = vec![0; arguments.buffer_size as usize];

    let message = input.read_message()?.context("无法发送：没有消息")?;
    send_all(connection, &message)?;
    step!(3, "send", "{}", bytes(message.len()));

    let reply = recv(connection, &mut buffer)?.context("服务端没有回复就关闭了连接")?;
    step!(3, "recv", "{}", bytes(reply.len()));
    output.show(reply)?;
    Ok(())
}
