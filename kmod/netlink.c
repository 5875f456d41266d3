// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The generic netlink family; requests and refusals; the operations on the module itself. */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "event.h"
#include "host.h"
#include "memory.h"
#include "netlink.h"
#include "result.h"
#include "run.h"
#include "settings.h"
#include "state.h"

/* --- refusals --------------------------------------------------------------------------------- */

int lunatik_refuse_text(struct lunatik_request *request, enum lunatik_error error,
			const struct nlattr *attribute, const char *text)
{
	if (request->extack) {
		request->extack->_msg = text;
		request->extack->bad_attr = attribute;
	}
	return -lunatik_errors[error].number;
}

int lunatik_refuse(struct lunatik_request *request, enum lunatik_error error,
		   const struct nlattr *attribute)
{
	return lunatik_refuse_text(request, error, attribute, lunatik_errors[error].message);
}

int lunatik_refuse_missing(struct lunatik_request *request, unsigned int type)
{
	NL_SET_ERR_ATTR_MISS(request->extack, NULL, type);
	return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID, NULL,
				   "ERR_INVALID: a required attribute is missing");
}

/* --- requests --------------------------------------------------------------------------------- */

static bool attribute_length_is_right(const struct nlattr *attribute, u8 type)
{
	switch (type) {
	case NLA_U32:
		return nla_len(attribute) == sizeof(u32);
	case NLA_U64:
		return nla_len(attribute) == sizeof(u64);
	default:
		return true;
	}
}

static int header_check(struct lunatik_request *request)
{
	const struct genlmsghdr *header = nlmsg_data(request->header);

	if (request->header->nlmsg_flags & ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO | NLM_F_DUMP))
		return lunatik_refuse_text(request, LUNATIK_ERROR_UNSUPPORTED, NULL,
					   "ERR_UNSUPPORTED: unknown flag in the netlink header");
	if (header->reserved)
		return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID, NULL,
					   "ERR_INVALID: reserved bits in the header are not 0");
	return 0;
}

int lunatik_request_parse(struct lunatik_request *request, const struct nlmsghdr *header,
			  const struct lunatik_shape *shape, struct netlink_ext_ack *extack)
{
	const struct nlattr *attribute;
	unsigned int type;
	int left, error;

	memset(request, 0, sizeof(*request));
	request->header = header;
	request->extack = extack;
	if (WARN_ON_ONCE(shape->max >= LUNATIK_REQUEST_MAX))
		return -EINVAL;
	error = header_check(request);
	if (error)
		return error;

	nla_for_each_attr(attribute, nlmsg_attrdata(header, GENL_HDRLEN),
			  nlmsg_attrlen(header, GENL_HDRLEN), left) {
		type = nla_type(attribute);
		if (type > shape->max || shape->policy[type].type == NLA_UNSPEC)
			return lunatik_refuse_text(request, LUNATIK_ERROR_UNSUPPORTED, attribute,
						   "ERR_UNSUPPORTED: unknown attribute");
		if (attribute->nla_type & ~NLA_TYPE_MASK)
			return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID, attribute,
						   "ERR_INVALID: flag in the attribute's type");
		if (!attribute_length_is_right(attribute, shape->policy[type].type))
			return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID, attribute,
						   "ERR_INVALID: wrong length of the attribute");
		if (!request->attributes[type])
			request->attributes[type] = attribute;
		else if (!(shape->repeated & BIT(type)))
			return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID, attribute,
						   "ERR_INVALID: the attribute comes twice");
	}
	if (left > 0)
		return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID, NULL,
					   "ERR_INVALID: bytes left over after the attributes");
	return 0;
}

int lunatik_request_text(struct lunatik_request *request, unsigned int type, size_t max,
			 const char **text, size_t *size)
{
	const struct nlattr *attribute = request->attributes[type];

	*text = NULL;
	*size = 0;
	if (!attribute)
		return 0;
	*text = nla_data(attribute);
	*size = nla_len(attribute);
	if (*size && !(*text)[*size - 1])
		--*size;
	if (memchr(*text, '\0', *size))
		return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID, attribute,
					   "ERR_INVALID: the text holds a NUL");
	if (*size > max)
		return lunatik_refuse_text(request, LUNATIK_ERROR_INVALID, attribute,
					   "ERR_INVALID: the text is too long");
	return 0;
}

int lunatik_request_name(struct lunatik_request *request, unsigned int type, const char **name,
			 size_t *size)
{
	const struct nlattr *attribute = request->attributes[type];
	enum lunatik_error refusal;
	int error;

	if (!attribute)
		return lunatik_refuse_missing(request, type);
	error = lunatik_request_text(request, type, SIZE_MAX, name, size);
	if (error)
		return error;
	refusal = lunatik_name_check(*name, *size);
	if (refusal == LUNATIK_ERROR_INVALID)
		return lunatik_refuse_text(request, refusal, attribute, *size ?
					   "ERR_INVALID: the name holds a control character" :
					   "ERR_INVALID: the name is empty");
	return refusal ? lunatik_refuse(request, refusal, attribute) : 0;
}

int lunatik_request_state(struct lunatik_request *request, unsigned int type,
			  struct lunatik_state **state)
{
	const char *name;
	size_t size;
	int error;

	error = lunatik_request_name(request, type, &name, &size);
	if (error)
		return error;
	*state = lunatik_state_find(name, size);
	if (!*state)
		return lunatik_refuse(request, LUNATIK_ERROR_NO_STATE, request->attributes[type]);
	return 0;
}

u64 lunatik_request_u64(const struct lunatik_request *request, unsigned int type, u64 fallback)
{
	const struct nlattr *attribute = request->attributes[type];

	return attribute ? nla_get_u64(attribute) : fallback;
}

u32 lunatik_request_u32(const struct lunatik_request *request, unsigned int type, u32 fallback)
{
	const struct nlattr *attribute = request->attributes[type];

	return attribute ? nla_get_u32(attribute) : fallback;
}

int lunatik_request_limit(struct lunatik_request *request, unsigned int type, u64 ceiling,
			  unsigned long long *limit)
{
	const struct nlattr *attribute = request->attributes[type];

	*limit = lunatik_request_u64(request, type, 0);
	if (!attribute || (*limit && *limit <= ceiling))
		return 0;
	return lunatik_refuse_text(request, LUNATIK_ERROR_RANGE, attribute, *limit ?
				   "ERR_RANGE: the limit is above the highest allowed" :
				   "ERR_RANGE: the limit is 0");
}

/* --- the module itself ------------------------------------------------------------------------ */

static int log_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_log_policy,
		.max = LUNATIK_LOG_MAXATTR,
	};
	struct lunatik_request request;
	int error;

	error = lunatik_request_parse(&request, info->nlhdr, &shape, info->extack);
	if (error)
		return error;
	lunatik_states_log();
	return 0;
}

static int put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, LUNATIK_A_MODULE_PAD);
}

static int info_fill(struct sk_buff *skb)
{
	const struct lunatik_settings *settings = &lunatik_settings;

	if (nla_put_string(skb, LUNATIK_A_MODULE_VERSION, LUNATIK_VERSION) ||
	    nla_put_string(skb, LUNATIK_A_MODULE_LUA_VERSION, engine_lua_version) ||
	    nla_put_string(skb, LUNATIK_A_MODULE_BACKEND, lunatik_backend) ||
	    nla_put_u32(skb, LUNATIK_A_MODULE_STATES, lunatik_states_count()) ||
	    nla_put_u32(skb, LUNATIK_A_MODULE_STATES_MAX, settings->max_states) ||
	    put_u64(skb, LUNATIK_A_MODULE_MEMORY, lunatik_memory_used()) ||
	    put_u64(skb, LUNATIK_A_MODULE_MEMORY_MAX, settings->total_memory) ||
	    put_u64(skb, LUNATIK_A_MODULE_DEFAULT_MEMORY, settings->defaults.memory) ||
	    put_u64(skb, LUNATIK_A_MODULE_DEFAULT_STEPS, settings->defaults.steps) ||
	    put_u64(skb, LUNATIK_A_MODULE_DEFAULT_TIME, settings->defaults.time) ||
	    put_u64(skb, LUNATIK_A_MODULE_CEILING_MEMORY, settings->ceiling.memory) ||
	    put_u64(skb, LUNATIK_A_MODULE_CEILING_STEPS, settings->ceiling.steps) ||
	    put_u64(skb, LUNATIK_A_MODULE_CEILING_TIME, settings->ceiling.time) ||
	    put_u64(skb, LUNATIK_A_MODULE_RESULTS_MAX, settings->max_results) ||
	    put_u64(skb, LUNATIK_A_MODULE_OUTPUT_MAX, settings->max_output) ||
	    nla_put_u32(skb, LUNATIK_A_MODULE_WAITING_MAX, settings->max_waiting) ||
	    nla_put_u32(skb, LUNATIK_A_MODULE_RUNS, lunatik_runs_count()) ||
	    nla_put_u32(skb, LUNATIK_A_MODULE_RUNS_MAX, settings->max_runs) ||
	    put_u64(skb, LUNATIK_A_MODULE_EVENT_SEQUENCE, lunatik_event_sequence()))
		return -EMSGSIZE;
	return 0;
}

static int info_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const struct lunatik_shape shape = {
		.policy = lunatik_info_policy,
		.max = LUNATIK_INFO_MAXATTR,
	};
	struct lunatik_request request;
	struct sk_buff *reply;
	void *header;
	int error;

	error = lunatik_request_parse(&request, info->nlhdr, &shape, info->extack);
	if (error)
		return error;
	reply = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return lunatik_refuse(&request, LUNATIK_ERROR_NO_MEMORY, NULL);
	header = genlmsg_put_reply(reply, info, &lunatik_family, 0, LUNATIK_CMD_INFO);
	if (!header || info_fill(reply)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

/* --- the family ------------------------------------------------------------------------------- */

/* The core leaves strictness to lunatik_request_parse(). */
#define LIBERAL (GENL_DONT_VALIDATE_STRICT | GENL_DONT_VALIDATE_DUMP_STRICT)

static const struct genl_ops operations[] = {
	{
		.cmd = LUNATIK_CMD_CREATE,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.policy = lunatik_create_policy,
		.maxattr = LUNATIK_CREATE_MAXATTR,
		.doit = lunatik_create_doit,
	}, {
		.cmd = LUNATIK_CMD_DELETE,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.policy = lunatik_delete_policy,
		.maxattr = LUNATIK_DELETE_MAXATTR,
		.doit = lunatik_delete_doit,
	}, {
		.cmd = LUNATIK_CMD_GET,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.policy = lunatik_get_policy,
		.maxattr = LUNATIK_GET_MAXATTR,
		.doit = lunatik_get_doit,
		.dumpit = lunatik_get_dumpit,
		.done = lunatik_get_done,
	}, {
		.cmd = LUNATIK_CMD_EXECUTE,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.policy = lunatik_execute_policy,
		.maxattr = LUNATIK_EXECUTE_MAXATTR,
		.doit = lunatik_execute_doit,
	}, {
		.cmd = LUNATIK_CMD_CALL,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.policy = lunatik_call_policy,
		.maxattr = LUNATIK_CALL_MAXATTR,
		.doit = lunatik_call_doit,
	}, {
		.cmd = LUNATIK_CMD_CANCEL,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.policy = lunatik_cancel_policy,
		.maxattr = LUNATIK_CANCEL_MAXATTR,
		.doit = lunatik_cancel_doit,
	}, {
		.cmd = LUNATIK_CMD_RESULT,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.policy = lunatik_result_dump_policy,
		.maxattr = LUNATIK_RESULT_DUMP_MAXATTR,
		.dumpit = lunatik_result_dumpit,
		.done = lunatik_result_done,
	}, {
		.cmd = LUNATIK_CMD_RELEASE,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.policy = lunatik_release_policy,
		.maxattr = LUNATIK_RELEASE_MAXATTR,
		.doit = lunatik_release_doit,
	}, {
		.cmd = LUNATIK_CMD_LOG,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.doit = log_doit,
	}, {
		.cmd = LUNATIK_CMD_INFO,
		.flags = GENL_ADMIN_PERM,
		.validate = LIBERAL,
		.doit = info_doit,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = LUNATIK_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family lunatik_family __ro_after_init = {
	.name = LUNATIK_GENL_NAME,
	.version = LUNATIK_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = false,
	.parallel_ops = true,
	.ops = operations,
	.n_ops = ARRAY_SIZE(operations),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	/* from this one on the core would insist on its strictness */
	.resv_start_op = LUNATIK_CMD_MAX + 1,
};

/* A socket was closed. Its port may be another's a moment later: forget it now. */
static int port_released(struct notifier_block *block, unsigned long action, void *data)
{
	struct netlink_notify *notify = data;

	if (action != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC ||
	    !net_eq(notify->net, &init_net))
		return NOTIFY_DONE;
	lunatik_runs_orphan(notify->portid);
	lunatik_results_release_port(notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = port_released };

int lunatik_netlink_init(void)
{
	int error;

	lunatik_results_init();
	error = netlink_register_notifier(&notifier);
	if (error)
		return error;
	error = genl_register_family(&lunatik_family);
	if (error) {
		netlink_unregister_notifier(&notifier);
		return error;
	}
	lunatik_events_start();
	return 0;
}

void lunatik_netlink_stop(void)
{
	lunatik_events_stop();
	genl_unregister_family(&lunatik_family);
}

void lunatik_netlink_exit(void)
{
	netlink_unregister_notifier(&notifier);
	lunatik_results_exit();
}
