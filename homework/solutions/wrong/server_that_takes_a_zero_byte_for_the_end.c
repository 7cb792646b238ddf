/* Wrong: a zero byte ends the reply, because strlen counts its bytes. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"host", required_argument, NULL, 'h'},
        {"port", required_argument, NULL, 'p'},
        {0},
    };
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8888)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h' && inet_pton(AF_INET, optarg, &address.sin_addr) != 1)
            return 2;
        if (option == 'p')
            address.sin_port = htons(atoi(optarg));
    }

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 5) != 0) {
        perror("can't listen");
        return 1;
    }
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("listening on %s:%d\n", inet_ntoa(address.sin_addr), ntohs(address.sin_port));
    fflush(stdout);

    for (;;) {
        int client = accept(listener, NULL, NULL);
        char buffer[1024];
        ssize_t length;
        while ((length = recv(client, buffer, sizeof buffer - 1, 0)) > 0) {
            buffer[length] = '\0';
            send(client, buffer, strlen(buffer), MSG_NOSIGNAL);
        }
        close(client);
    }
}
