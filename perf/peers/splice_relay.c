/* A TCP relay that never brings a byte into user space: the floor of what a hop costs.
   One thread, edge-triggered epoll, splice() through one pipe per direction.
   Usage: splice_relay LISTEN_PORT UPSTREAM_PORT   (both on 127.0.0.1) */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 1 << 20, EVENTS = 256 };

struct relay;

/* One direction: what comes from fd goes through the pipe to the other side's fd. */
struct side {
    int fd, pipe[2];
    size_t held;
    bool ended, closed;
    struct side *other;
    struct relay *relay;
};

struct relay {
    struct side sides[2];
    bool dead;
    struct relay *next_dead;
};

static int epoll_fd;
static struct relay *dead;

static int loopback(int port, bool listens) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (listens ? bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 4096) == 0
                : connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

static void kill_relay(struct relay *r) {
    if (r->dead) return;
    r->dead = true;
    for (int i = 0; i < 2; i++) {
        close(r->sides[i].fd);
        close(r->sides[i].pipe[0]);
        close(r->sides[i].pipe[1]);
    }
    /* Freed after the batch: another event of it may point here. */
    r->next_dead = dead;
    dead = r;
}

/* False when the connection broke. */
static bool pump(struct side *from) {
    struct side *to = from->other;
    for (;;) {
        ssize_t in = 0, out = 0;
        if (!from->ended) {
            in = splice(from->fd, NULL, from->pipe[1], NULL, CHUNK, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
            if (in > 0) from->held += in;
            else if (in == 0) from->ended = true;
            else if (errno != EAGAIN) return false;
        }
        if (from->held > 0) {
            out = splice(from->pipe[0], NULL, to->fd, NULL, from->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
            if (out > 0) from->held -= out;
            else if (errno != EAGAIN) return false;
        }
        if (in <= 0 && out <= 0) break;
    }
    if (from->ended && from->held == 0 && !from->closed) {
        from->closed = true;
        shutdown(to->fd, SHUT_WR);
    }
    return true;
}

static void serve(struct side *side, uint32_t events) {
    if (side->relay->dead) return;
    bool lives = (events & ~EPOLLOUT) == 0 || pump(side);
    /* Every edge says EPOLLOUT as well; only bytes that could not go out before need it. */
    if (lives && (events & EPOLLOUT) && side->other->held > 0) lives = pump(side->other);
    if (!lives || (side->closed && side->other->closed)) kill_relay(side->relay);
}

static void take(int client, int upstream_port) {
    struct relay *r = calloc(1, sizeof *r);
    int on = 1, upstream = loopback(upstream_port, false);
    if (r == NULL || upstream < 0) { close(client); free(r); return; }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    r->sides[0].fd = client;
    r->sides[1].fd = upstream;
    for (int i = 0; i < 2; i++) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = &r->sides[i] };
        r->sides[i].other = &r->sides[1 - i];
        r->sides[i].relay = r;
        if (pipe2(r->sides[i].pipe, O_NONBLOCK) != 0) { perror("splice_relay: pipe2"); exit(1); }
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, r->sides[i].fd, &event);
    }
}

int main(int argc, char **argv) {
    int listener = argc == 3 ? loopback(atoi(argv[1]), true) : -1;
    if (listener < 0) { perror("splice_relay LISTEN_PORT UPSTREAM_PORT"); return 1; }
    signal(SIGPIPE, SIG_IGN);
    epoll_fd = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLIN }, events[EVENTS];
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr != NULL) { serve(events[i].data.ptr, events[i].events); continue; }
            for (int client; (client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) take(client, atoi(argv[2]));
        }
        while (dead != NULL) {
            struct relay *r = dead;
            dead = r->next_dead;
            free(r);
        }
    }
}
