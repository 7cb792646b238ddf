/* A plain echo server, as a C textbook has it: a thread for each TCP client, one loop for UDP.
 *
 * cc -O2 -pthread echo.c -o echo; ./echo tcp|udp PORT BUFFER_SIZE [nagle]
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t buffer_size;
static int nodelay;

static void *serve_client(void *argument)
{
    int connection = (int)(intptr_t)argument;
    char *buffer = malloc(buffer_size);
    ssize_t received;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &nodelay, sizeof nodelay);
    while (buffer && (received = recv(connection, buffer, buffer_size, 0)) > 0) {
        ssize_t sent = 0;
        while (sent < received) {
            ssize_t n = send(connection, buffer + sent, received - sent, 0);
            if (n < 0)
                goto end;
            sent += n;
        }
    }
end:
    free(buffer);
    close(connection);
    return NULL;
}

static int serve_tcp(int listener)
{
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (listen(listener, 4096) < 0)
        return 1;
    for (;;) {
        pthread_t thread;
        int connection = accept(listener, NULL, NULL);
        if (connection < 0)
            continue;
        if (pthread_create(&thread, &detached, serve_client, (void *)(intptr_t)connection) != 0)
            close(connection);
    }
}

static int serve_udp(int socket)
{
    char *buffer = malloc(buffer_size);
    for (;;) {
        struct sockaddr_in client;
        socklen_t length = sizeof client;
        ssize_t received =
            recvfrom(socket, buffer, buffer_size, 0, (struct sockaddr *)&client, &length);
        if (received >= 0)
            sendto(socket, buffer, received, 0, (struct sockaddr *)&client, length);
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    if (argc < 4)
        return 2;
    int tcp = strcmp(argv[1], "tcp") == 0;
    address.sin_port = htons(atoi(argv[2]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    buffer_size = strtoul(argv[3], NULL, 10);
    nodelay = argc == 4;
    signal(SIGPIPE, SIG_IGN);
    int s = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
    if (s < 0 || bind(s, (struct sockaddr *)&address, sizeof address) < 0)
        return 1;
    return tcp ? serve_tcp(s) : serve_udp(s);
}
