/* trace.c - traces as text: reading them, and writing the project's own.
 *
 *     16777216        suggested heap size: not used
 *     1               ids
 *     3               operations
 *     1               weight: not used
 *     a 0 100
 *     r 0 200
 *     f 0
 *
 * traces.md has the form and the laws of the generators; a trace that breaks
 * the form gets the line and what is wrong with it.
 */
#define _GNU_SOURCE
#include "trace.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Reading ------------------------------------------------------------------ */

struct reader {
	const char *at, *end; /* what is not read yet */
	unsigned int line;    /* the one just read */
	char *field[4];       /* of that line; one more than any may have */
	unsigned int nr_fields;
	char copy[64]; /* of that line, cut into fields */
};

/* The next line that is not empty, cut into fields. => false at the end */
static bool
next_line(struct reader *reader)
{
	reader->nr_fields = 0;
	while (!reader->nr_fields && reader->at < reader->end) {
		size_t left = (size_t)(reader->end - reader->at);
		const char *newline = memchr(reader->at, '\n', left);
		size_t length = newline ? (size_t)(newline - reader->at) : left;
		size_t kept = length < sizeof(reader->copy) - 1
				      ? length
				      : sizeof(reader->copy) - 1;
		char *field, *rest = reader->copy;

		memcpy(reader->copy, reader->at, kept);
		reader->copy[kept] = '\0';
		while (reader->nr_fields < 4 &&
		       (field = strtok_r(rest, " \t\r", &rest)))
			reader->field[reader->nr_fields++] = field;
		if (kept < length)
			reader->nr_fields = 4; /* no line is that long */
		reader->at += newline ? length + 1 : length;
		reader->line++;
	}
	return reader->nr_fields != 0;
}

/* Digits only, that fit 32 bits. */
static bool
number(const char *text, unsigned int *value)
{
	unsigned long long n = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (unsigned int)(*text - '0');
		if (n > UINT32_MAX)
			return false;
	}
	*value = (unsigned int)n;
	return true;
}

static const char *
read_header(struct reader *reader, struct trace *trace)
{
	unsigned int value[4], i;
	size_t most = (size_t)(reader->end - reader->at);

	for (i = 0; i < 4; i++) {
		if (!next_line(reader))
			return "ends within the four header lines";
		if (reader->nr_fields != 1 ||
		    !number(reader->field[0], &value[i]))
			return "a header line has one number";
		if ((i == 1 || i == 2) && value[i] > most)
			return "more than a file of this size can hold";
	}
	trace->nr_ids = value[1];
	trace->nr_ops = value[2];
	trace->ops = calloc(trace->nr_ops + 1, sizeof(*trace->ops));
	return trace->ops ? NULL : "not enough memory to read it";
}

/* One operation; live says which ids are. */
static const char *
read_op(const struct reader *reader, const struct trace *trace,
	struct trace_op *op, bool *live)
{
	const char *kind = reader->field[0];
	bool sized;

	if (strlen(kind) != 1 || !strchr("arf", *kind))
		return "not an operation: a, r or f";
	op->kind = *kind;
	op->line = reader->line;
	sized = op->kind != 'f';
	if (reader->nr_fields != (sized ? 3 : 2))
		return sized ? "wants an id and a size" : "wants an id";
	if (!number(reader->field[1], &op->id) || op->id >= trace->nr_ids)
		return "not an id: 0 to the number of ids - 1";
	if (sized && !number(reader->field[2], &op->size))
		return "not a size";
	if (op->kind == 'a' && live[op->id])
		return "this id is live already";
	if (op->kind == 'f' && !live[op->id])
		return "this id is not live";
	live[op->id] = sized;
	return NULL;
}

struct trace_error
trace_parse(struct trace *trace, const char *text, size_t length)
{
	struct reader reader = {.at = text, .end = text + length};
	const char *wrong;
	bool *live = NULL;
	unsigned int i;

	*trace = (struct trace){0};
	wrong = read_header(&reader, trace);
	if (!wrong && !(live = calloc(trace->nr_ids + 1, sizeof(*live))))
		wrong = "not enough memory to read it";
	for (i = 0; !wrong && i < trace->nr_ops; i++) {
		if (next_line(&reader))
			wrong = read_op(&reader, trace, &trace->ops[i], live);
		else
			wrong = "ends before the last operation announced";
	}
	if (!wrong && next_line(&reader))
		wrong = "more operations than announced";
	free(live);
	return (struct trace_error){wrong, wrong ? reader.line : 0};
}

void
trace_free(struct trace *trace)
{
	free(trace->ops);
	*trace = (struct trace){0};
}

/* --- Writing: the generators ---------------------------------------------------- */

struct block {
	unsigned int id, size; /* size 0: none in this place */
};

struct writer {
	uint32_t random;
	unsigned int nr_ids, nr_ops, nr_live;
	struct block *live;
	FILE *body;
};

struct generator {
	const char *name;
	uint32_t seed;
	unsigned int live, steps;
	unsigned int (*law)(struct writer *writer);
	void (*step)(struct writer *writer, const struct generator *generator);
};

static uint32_t
draw(struct writer *writer)
{
	writer->random ^= writer->random << 13;
	writer->random ^= writer->random >> 17;
	writer->random ^= writer->random << 5;
	return writer->random;
}

static unsigned int
below(struct writer *writer, unsigned int n)
{
	return (unsigned int)((uint64_t)draw(writer) * n >> 32);
}

static unsigned int
uniform(struct writer *writer)
{
	return 1 + below(writer, 512);
}

static unsigned int
powerlaw(struct writer *writer)
{
	uint64_t size = (8ull << 32) / (draw(writer) + 1ull);

	return size < 4096 ? (unsigned int)size : 4096;
}

static unsigned int
web(struct writer *writer)
{
	unsigned int kind = below(writer, 100);

	if (kind < 50)
		return 16 + below(writer, 113);
	if (kind < 65)
		return 232;
	if (kind < 80)
		return 420;
	if (kind < 88)
		return 1024u << below(writer, 4);
	return 512 + below(writer, 7681);
}

static unsigned int
growing(struct writer *writer)
{
	return 16 + below(writer, 48);
}

static unsigned int
structures(struct writer *writer)
{
	static const unsigned int sizes[20] = {
		32,  40,  56,  64,  80,  96,  128,  144,  192,  208,
		256, 336, 384, 512, 600, 680, 1024, 1600, 2048, 4096,
	};
	unsigned int a = below(writer, 20), b = below(writer, 20);

	return sizes[a < b ? a : b];
}

static void
write_alloc(struct writer *writer, struct block *block, unsigned int size)
{
	*block = (struct block){writer->nr_ids++, size};
	fprintf(writer->body, "a %u %u\n", block->id, size);
	writer->nr_ops++;
}

static void
write_free(struct writer *writer, struct block *block)
{
	fprintf(writer->body, "f %u\n", block->id);
	block->size = 0;
	writer->nr_ops++;
}

static void
step_churn(struct writer *writer, const struct generator *generator)
{
	unsigned int chance = below(writer, 4);
	struct block *victim;

	if (!writer->nr_live || (writer->nr_live < generator->live && chance)) {
		write_alloc(writer, &writer->live[writer->nr_live],
			    generator->law(writer));
		writer->nr_live++;
		return;
	}
	victim = &writer->live[below(writer, writer->nr_live)];
	write_free(writer, victim);
	*victim = writer->live[--writer->nr_live];
}

static void
step_realloc(struct writer *writer, const struct generator *generator)
{
	struct block *block = &writer->live[below(writer, generator->live)];
	unsigned int chance;

	writer->nr_live = generator->live; /* places, some empty */
	if (!block->size) {
		write_alloc(writer, block, generator->law(writer));
		return;
	}
	chance = below(writer, 16);
	if (chance == 1)
		block->size -= block->size / 2;
	else if (chance > 1)
		block->size += block->size / 2 + below(writer, 16);
	if (chance == 0 || block->size > 8192) {
		write_free(writer, block);
		return;
	}
	fprintf(writer->body, "r %u %u\n", block->id, block->size);
	writer->nr_ops++;
}

static const struct generator generators[NR_GENERATORS] = {
	{"uniform", 1, 4000, 40000, uniform, step_churn},
	{"powerlaw", 2, 8000, 60000, powerlaw, step_churn},
	{"web", 3, 3000, 40000, web, step_churn},
	{"realloc", 4, 600, 40000, growing, step_realloc},
	{"kernel", 5, 3000, 40000, structures, step_churn},
};

const char *
trace_name(unsigned int generator)
{
	return generators[generator].name;
}

char *
trace_generate(unsigned int number_of)
{
	const struct generator *generator = &generators[number_of];
	struct writer writer = {.random = generator->seed};
	char *body = NULL, *text = NULL;
	size_t length;
	unsigned int i;

	writer.live = calloc(generator->live, sizeof(*writer.live));
	writer.body = open_memstream(&body, &length);
	for (i = 0; i < generator->steps; i++)
		generator->step(&writer, generator);
	for (i = 0; i < writer.nr_live; i++)
		if (writer.live[i].size)
			write_free(&writer, &writer.live[i]);
	fclose(writer.body);
	if (asprintf(&text, "16777216\n%u\n%u\n1\n%s", writer.nr_ids,
		     writer.nr_ops, body) < 0)
		text = NULL;
	free(body);
	free(writer.live);
	return text;
}
