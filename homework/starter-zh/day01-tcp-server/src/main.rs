//! 第一天：TCP 服务端，六步（NOTES.zh-CN.md#server）。它把一个客户端的一条消息发回去。
//! 试一试：在另一个终端里运行 `cargo run -p day01-tcp-client`。

mod arguments; // 命令行
mod client_totals; // 收发了多少字节
mod errors; // 调用失败时怎么办

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use common::{announce, bytes, end_on_ctrl_c, family, quoted, recv, send_all, step};
use net_utils::{Explain, accept_ipv4_too, who_can_reach};
use socket2::{Domain, Socket, Type};

use crate::{arguments::Arguments, client_totals::Client};

fn main() -> ExitCode {
    common::run(serve)
}

fn serve(arguments: Arguments) -> Result<ExitCode> {
    arguments.show_steps();
    let address = arguments.address()?;

    // 第 1 步：socket。流式套接字（SOCK_STREAM）的默认协议（0）就是 TCP。
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)
        .explain("create a socket for", address)?;
    step!(1, "socket", "{}，SOCK_STREAM (TCP)，协议 0", family(address));

    // 第 2 步：bind。给套接字绑定一个地址，客户端用它找到服务端。
    listener.set_reuse_address(cfg!(unix))?; // 处于 TIME-WAIT 的连接还占着端口，也能绑定
    accept_ipv4_too(&listener, address)?;
    listener.bind(&address.into()).explain("bind", address)?;
    let address = listener.local_addr()?.as_socket().unwrap_or(address);
    step!(2, "bind", "{address}");
    end_on_ctrl_c(client_totals::print)?;

    // 第 3 步：listen。此后客户端可以连接，在队列里等待。
    listener.listen(arguments.backlog).explain("listen on", address)?;
    step!(3, "listen", "队列长度 {}", arguments.backlog);
    announce(&format!("listening on {address}"), &who_can_reach(address));

    // 第 4 步：accept。从队列里取出一个客户端；队列为空就等待。
    step!(4, "accept", "等待客户端连接（按 Ctrl-C 结束服务端）");
    let (connection, mut client) = errors::retry(|| listener.accept());
    step!(4, "accept", "客户端 {client} 已连接");

    if let Err(error) = converse(&connection, &mut client, &arguments) {
        step!(5, "lost", "{}", errors::connection_lost(&client, &error));
    }

    // 第 6 步：close。
    drop(connection);
    step!(6, "close", "{}", client.totals());
    client_totals::print();
    Ok(ExitCode::SUCCESS)
}

fn converse(connection: &Socket, client: &mut Client, arguments: &Arguments) -> io::Result<()> {
    arguments.apply_to(connection)?;
    let mut buffer = vec![0; arguments.buffer_size as usize];

    // 第 5 步：recv 和 send。
    let message = recv(connection, &mut buffer)?.unwrap_or_default();
    step!(5, "recv", "{}，来自 {client}：{}", bytes(message.len()), quoted(message));
    client.received(message.len());

    let answer = arguments.answer(message);
    send_all(connection, answer)?;
    step!(5, "send", "{}，发给 {client}", bytes(answer.len()));
    client.sent(answer.len());
    Ok(())
}
