/* Right, in C: stdio on both sides of the connection. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *from_server, *to_server;

/* Sends a message as a line, and shows the reply. */
static void talk(const char *message)
{
    char *reply = NULL;
    size_t size = 0;
    fprintf(to_server, "%s\n", message);
    fflush(to_server);
    ssize_t length = getline(&reply, &size, from_server);
    if (length <= 0) {
        fprintf(stderr, "the server has closed the connection\n");
        exit(1);
    }
    fwrite(reply, 1, length, stdout);
    fflush(stdout);
    free(reply);
}

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

    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(server, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("can't connect");
        return 1;
    }
    from_server = fdopen(server, "r");
    to_server = fdopen(server, "w");
    for (int i = optind; i < argc; i++)
        talk(argv[i]);
    if (optind == argc) {
        char *line = NULL;
        size_t size = 0;
        while (getline(&line, &size, stdin) > 0) {
            line[strcspn(line, "\n")] = '\0';
            if (!*line)
                break;
            talk(line);
        }
    }
    return 0;
}
