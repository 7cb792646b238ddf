//! 服务端：socket、bind，然后 recvfrom 和 sendto。它收到一个数据报，
//! 就按数据报里发送方的地址发回回复。

use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{announce, bytes, end_on_ctrl_c, family, quoted, step};
use net_utils::{Explain, accept_ipv4_too, who_can_reach};
use socket2::{Domain, Socket, Type};

use crate::datagram::{allow_longest, recv_from};
use crate::{datagram_totals, errors};

pub fn serve(address: SocketAddr, buffer_size: usize, reply: Option<String>) -> Result<ExitCode> {
    // 第 1 步：socket。数据报套接字（SOCK_DGRAM）的默认协议（0）就是 UDP。
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)
        .explain("create a socket for", address)?;
    step!(1, "socket", "{}，SOCK_DGRAM (UDP)，协议 0", family(address));

    // 第 2 步：bind。给套接字绑定一个地址，客户端用它找到服务端。
    allow_longest(&socket)?;
    accept_ipv4_too(&socket, address)?;
    socket.bind(&address.into()).explain("bind", address)?;
    let socket = UdpSocket::from(socket); // 标准库的类型提供 recv_from 和 send_to
    let address = socket.local_addr()?;
    step!(2, "bind", "{address}");
    end_on_ctrl_c(datagram_totals::print)?;
    announce(&format!("bound to {address}"), &who_can_reach(address));
    let mut buffer = vec![0; buffer_size];

    // 第 3 步：recvfrom。返回一个完整的数据报和发送方的地址。
    let datagram = recv_from(&socket, &mut buffer).map_err(errors::recvfrom_failed)?;
    let (message, client) = (datagram.message, datagram.sender);
    step!(3, "recvfrom", "{datagram}：{}", quoted(message));
    datagram_totals::received_one();

    // 第 4 步：sendto。把回复发到这个地址。
    let answer = reply.as_deref().map_or(message, str::as_bytes);
    let length = bytes(answer.len());
    socket.send_to(answer, client).with_context(|| format!("无法向 {client} 发送 {length}"))?;
    step!(4, "sendto", "{length}，发给 {client}");
    datagram_totals::sent_one();

    // 第 5 步：close。
    drop(socket);
    datagram_totals::print();
    Ok(ExitCode::SUCCESS)
}
