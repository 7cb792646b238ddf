// Right, in C++: a thread for each client.
#include <arpa/inet.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <thread>

static void serve(int client)
{
    char buffer[4096];
    ssize_t length;
    while ((length = recv(client, buffer, sizeof buffer, 0)) > 0) {
        for (ssize_t sent = 0; sent < length;) {
            ssize_t part = send(client, buffer + sent, length - sent, MSG_NOSIGNAL);
            if (part < 0) {
                close(client);
                return;
            }
            sent += part;
        }
    }
    close(client);
}

int main(int argc, char **argv)
{
    std::string host = "127.0.0.1";
    int port = 8888;
    for (int i = 1; i + 1 < argc; i += 2) {
        std::string name = argv[i];
        if (name == "--host")
            host = argv[i + 1];
        if (name == "--port")
            port = std::stoi(argv[i + 1]);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, host.c_str(), &address.sin_addr);

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t length = sizeof address;
    auto *name = reinterpret_cast<sockaddr *>(&address);
    if (bind(listener, name, length) != 0 || listen(listener, 5) != 0) {
        std::cerr << "can't listen on " << host << ':' << port << '\n';
        return 1;
    }
    getsockname(listener, name, &length);
    std::cout << "listening on " << host << ':' << ntohs(address.sin_port) << std::endl;
    for (;;) {
        int client = accept(listener, nullptr, nullptr);
        if (client >= 0)
            std::thread(serve, client).detach();
    }
}
