#include "model/keyqueue.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    /* more do not help: a core waits for about ten places in memory at once */
    MAX_QUEUED = 32
};

struct KeyQueue
{
    KeyQueueTake take;
    void *context;
    QueuedKey queued[MAX_QUEUED];
    size_t n;
    char *bytes; /* of all queued keys */
    size_t n_bytes;
    size_t capacity;
};

KeyQueue *
keyqueue_new(KeyQueueTake take, void *context)
{
    KeyQueue *queue = mem_alloc_zero(1, sizeof(*queue));

    queue->take = take;
    queue->context = context;
    return queue;
}

void
keyqueue_free(KeyQueue *queue)
{
    if (queue == NULL)
        return;
    free(queue->bytes);
    free(queue);
}

void
keyqueue_flush(KeyQueue *queue)
{
    size_t n = queue->n;

    for (size_t i = 0; i < n; i++)
        keyset_prefetch_entry(queue->queued[i].set, queue->queued[i].hash);
    queue->n = 0;
    queue->n_bytes = 0;
    for (size_t i = 0; i < n; i++)
        queue->take(queue->context, &queue->queued[i],
                    queue->bytes + queue->queued[i].start);
}

void
keyqueue_push(KeyQueue *queue, KeySet *set, int number, const char *key, size_t length)
{
    if (queue->n == MAX_QUEUED)
        keyqueue_flush(queue);
    if (queue->capacity - queue->n_bytes < length || queue->bytes == NULL)
    {
        queue->capacity = (queue->capacity + length) * 2 + 1024;
        queue->bytes = mem_resize(queue->bytes, queue->capacity, 1);
    }
    memcpy(queue->bytes + queue->n_bytes, key, length);
    queue->queued[queue->n++] = (QueuedKey){.set = set,
                                            .number = number,
                                            .hash = keyset_prefetch(set, key, length),
                                            .start = queue->n_bytes,
                                            .length = length};
    queue->n_bytes += length;
}
