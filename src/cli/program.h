/* What every program does before it reads its command line. */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

/* The name is that of messages. */
void program_start(const char *name);

#endif
