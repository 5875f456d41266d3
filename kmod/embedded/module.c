// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The one module: its references and parameters. */
#include <errno.h>
#include <string.h>

#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "module.h"

struct module embedded_module = { .name = "lunatik", .version = embedded_module_version };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct module_parameter *parameters;
static struct module_parameter_text *texts;

bool try_module_get(struct module *module)
{
	bool got = true;

	if (!module)
		return true;
	pthread_mutex_lock(&mutex);
	if (module->going)
		got = false;
	else
		module->references++;
	pthread_mutex_unlock(&mutex);
	return got;
}

void module_leave(struct module *module)
{
	pthread_mutex_lock(&mutex);
	module->going = true;
	pthread_mutex_unlock(&mutex);
}

void module_put(struct module *module)
{
	if (!module)
		return;
	pthread_mutex_lock(&mutex);
	if (module->references-- <= 0)
		bug("module_put: without try_module_get");
	pthread_mutex_unlock(&mutex);
}

/* Both keep the order in which the source has them: constructors run in it. */
void module_parameter_add(struct module_parameter *parameter)
{
	struct module_parameter **last = &parameters;

	while (*last)
		last = &(*last)->next;
	*last = parameter;
}

void module_parameter_describe(struct module_parameter_text *text)
{
	text->next = texts;
	texts = text;
}

static const char *description(const char *name)
{
	const struct module_parameter_text *text;

	for (text = texts; text; text = text->next)
		if (!strcmp(text->name, name))
			return text->text;
	return "";
}

int module_parameter_set(const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	struct module_parameter *parameter;

	if (!equals)
		return -EINVAL;
	for (parameter = parameters; parameter; parameter = parameter->next)
		if (strlen(parameter->name) == (size_t)(equals - assignment) &&
		    !strncmp(parameter->name, assignment, equals - assignment))
			return parameter->set(equals + 1, parameter->value);
	return -ENOENT;
}

void module_parameters_print(FILE *file)
{
	const struct module_parameter *parameter;
	char value[32];

	for (parameter = parameters; parameter; parameter = parameter->next) {
		parameter->print(value, sizeof(value), parameter->value);
		fprintf(file, "  %s=%s (%s) %s\n", parameter->name, value, parameter->type,
			description(parameter->name));
	}
}

#define UNSIGNED_PARAMETER(name, c_type) \
int param_set_##name(const char *text, void *value) \
{ \
	unsigned long long number; \
	int error = kstrtoull(text, 0, &number); \
\
	if (error) \
		return error; \
	if (number != (c_type)number) \
		return -ERANGE; \
	*(c_type *)value = number; \
	return 0; \
} \
\
int param_print_##name(char *buffer, size_t size, const void *value) \
{ \
	return scnprintf(buffer, size, "%llu", (unsigned long long)*(const c_type *)value); \
}

UNSIGNED_PARAMETER(uint, unsigned int)
UNSIGNED_PARAMETER(ulong, unsigned long)
UNSIGNED_PARAMETER(ullong, unsigned long long)

int param_set_int(const char *text, void *value)
{
	long long number;
	int error = kstrtoll(text, 0, &number);

	if (error)
		return error;
	if (number != (int)number)
		return -ERANGE;
	*(int *)value = number;
	return 0;
}

int param_print_int(char *buffer, size_t size, const void *value)
{
	return scnprintf(buffer, size, "%d", *(const int *)value);
}

int param_set_bool(const char *text, void *value)
{
	return kstrtobool(text, value);
}

int param_print_bool(char *buffer, size_t size, const void *value)
{
	return scnprintf(buffer, size, "%c", *(const bool *)value ? 'Y' : 'N');
}
