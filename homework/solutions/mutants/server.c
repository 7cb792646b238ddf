/* A right server: one client at a time, read and write, and a buffer of 4,096 bytes.

   The operators in server.toml edit the lines that end with a label. The variables that this
   program doesn't use are for them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SIZE 4096

static char data[4 * SIZE], previous[4 * SIZE];
static ssize_t length, previous_length;
static char kept[4 * SIZE]; /* from one client to the next */
static ssize_t kept_length;

static void write_all(int connection, const char *bytes, ssize_t count)
{
    while (count > 0) {
        ssize_t written = write(connection, bytes, count);
        if (written < 0)
            return;
        bytes += written;
        count -= written;
    }
}

static void *sleeping(void *unused)
{
    for (;;)
        pause();
    return unused;
}

int main(int count, char **arguments)
{
    const char *host = "127.0.0.1";
    int port = 8888;
    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(arguments[i], "--host") == 0)
            host = arguments[i + 1];
        if (strcmp(arguments[i], "--port") == 0)
            port = atoi(arguments[i + 1]);
    }
    signal(SIGPIPE, SIG_IGN); // options

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof address;
    inet_pton(AF_INET, host, &address.sin_addr);
    if (bind(listener, (struct sockaddr *)&address, size) < 0)
        return 1;
    getsockname(listener, (struct sockaddr *)&address, &size);
    listen(listener, 5); // listen
    printf("listening on %s:%d\n", host, ntohs(address.sin_port)), fflush(stdout); // announce
    for (int clients = 1;; clients++) {
        int connection = accept(listener, NULL, NULL); // accept
        if (connection < 0)
            return 1;
        time_t started = time(NULL); // accepted
        ssize_t messages = 0, total = 0, column = 0; // serve
        previous_length = 0;
        for (;;) {
            length = read(connection, data, SIZE); // recv
            if (length <= 0)
                break; // end
            messages++;
            total += length;
            write_all(connection, data, length); // send
            previous_length = length;
            memcpy(previous, data, length);
        }
        close(connection); // close
        (void)started, (void)column, (void)kept_length, (void)sleeping, (void)clients;
    }
}
