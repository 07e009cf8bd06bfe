/*
 * Keys that wait to be looked up in key sets, so that the memory of several is fetched at
 * once. In sets of millions of keys a look-up waits twice for memory, for the slot and
 * for the entry, and that was half of the time of a large sample. A queue asks for the
 * slots when keys are pushed, then for all entries, and looks at the first key only then.
 *
 *     push  push  push ...  full or flushed:  entries of all   take  take  take ...
 *     slot  slot  slot                                         in the order of pushing
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_KEYQUEUE_H
#define MODEL_KEYQUEUE_H

#include "model/keyset.h"

typedef struct KeyQueue KeyQueue;

/* What waits, and the caller's number for it; the bytes are valid during the call. */
typedef struct QueuedKey
{
    KeySet *set;
    int number;
    uint32_t hash;
    size_t start; /* of the bytes, in the queue */
    size_t length;
} QueuedKey;

/* Does what the key has waited for; it must not push keys. */
typedef void (*KeyQueueTake)(void *context, const QueuedKey *queued, const char *key);

KeyQueue *keyqueue_new(KeyQueueTake take, void *context);
void keyqueue_free(KeyQueue *queue);

/* The bytes are copied. Takes what waits first when the queue is full. */
void keyqueue_push(KeyQueue *queue, KeySet *set, int number, const char *key,
                   size_t length);
/* Takes all that waits. */
void keyqueue_flush(KeyQueue *queue);

#endif
