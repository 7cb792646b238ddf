/* A right client: it reads one byte at a time, up to the end of the line.

   The operators in client.toml edit the lines that end with a label. The variables that this
   program doesn't use are for them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SIZE 65536

static char line[2 * SIZE], reply[2 * SIZE], previous[2 * SIZE];

/* Returns the length of the next line, or 0 if there is none. */
static ssize_t next_line(char **messages)
{
    static int next;
    if (messages[0]) {
        if (!messages[next])
            return 0;
        return snprintf(line, SIZE, "%s\n", messages[next++]);
    }
    if (!fgets(line, SIZE, stdin)) // read
        return 0; // end
    if (line[0] == '\n')
        return 0; // empty
    line[strcspn(line, "\n")] = 0;
    return strlen(strcat(line, "\n"));
}

int main(int count, char **arguments)
{
    const char *host = "127.0.0.1";
    int port = 8888, first = 1;
    for (; first + 1 < count && strncmp(arguments[first], "--", 2) == 0; first += 2) {
        if (strcmp(arguments[first], "--host") == 0)
            host = arguments[first + 1];
        if (strcmp(arguments[first], "--port") == 0)
            port = atoi(arguments[first + 1]);
    }
    int connection = socket(AF_INET, SOCK_STREAM, 0); // options
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) < 0)
        return 1; // connect
    ssize_t length, reply_length = 0, previous_length = 0;
    for (int number = 1; (length = next_line(arguments + first)) > 0; number++) {
        (void)number; // line
        send(connection, line, length, MSG_NOSIGNAL); // send
        reply_length = 0;
        do {
            if (read(connection, reply + reply_length, 1) != 1)
                return 1;
        } while (reply[reply_length++] != '\n'); // recv
        fwrite(reply, 1, reply_length, stdout), fflush(stdout); // show
        memcpy(previous, reply, reply_length);
        previous_length = reply_length;
    }
    close(connection); // close
    (void)previous_length;
    return 0;
}
