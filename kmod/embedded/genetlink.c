// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Generic netlink: families and the way of a request to its operation, as in Linux 6.1.
 *
 * Requests hold the semaphore for reading while they are carried out; to come or go, a family
 * takes it for writing, and so waits for them. Operations of families without parallel_ops also
 * hold a mutex.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <net/genetlink.h>

#include "genetlink.h"
#include "netlink.h"

#define FAMILIES 8

static DECLARE_RWSEM(families_sem);
static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER; /* of the next two, briefly */
static DEFINE_MUTEX(operations_mutex);
static const struct genl_family *families[FAMILIES]; /* by number from GENL_ID_CTRL on */
static u32 groups = GENL_ID_CTRL + 1;               /* the next free number of a group */

/* The semaphore is held, so that the family stays. */
static const struct genl_family *family_by_id(unsigned int id)
{
	return id >= GENL_ID_CTRL && id < GENL_ID_CTRL + FAMILIES ? families[id - GENL_ID_CTRL] : NULL;
}

/* What a request needs of an operation, whether it is listed with the small ones or not. */
static bool find_operation(const struct genl_family *family, u8 cmd, struct genl_ops *op)
{
	unsigned int i;

	for (i = 0; i < family->n_ops; i++) {
		if (family->ops[i].cmd != cmd)
			continue;
		*op = family->ops[i];
		if (!op->policy) {
			op->policy = family->policy;
			op->maxattr = family->maxattr;
		}
		return true;
	}
	for (i = 0; i < family->n_small_ops; i++) {
		const struct genl_small_ops *small = &family->small_ops[i];

		if (small->cmd != cmd)
			continue;
		*op = (struct genl_ops) {
			.doit = small->doit, .dumpit = small->dumpit, .cmd = cmd,
			.flags = small->flags, .validate = small->validate,
			.policy = family->policy, .maxattr = family->maxattr,
		};
		return true;
	}
	return false;
}

static int family_add(struct genl_family *family)
{
	int i;

	for (i = 0; i < FAMILIES; i++)
		if (families[i] && !strcmp(families[i]->name, family->name))
			return -EEXIST;
	if (family->id != GENL_ID_CTRL)
		for (family->id = GENL_ID_FIRST; family_by_id(family->id); family->id++)
			;
	if (family->id >= GENL_ID_CTRL + FAMILIES || groups + family->n_mcgrps > NETLINK_GROUPS)
		return -ENOSPC;
	family->mcgrp_offset = family->n_mcgrps ? groups : 0;
	groups += family->n_mcgrps;
	families[family->id - GENL_ID_CTRL] = family;
	return 0;
}

int genl_register_family(struct genl_family *family)
{
	int error;

	down_write(&families_sem);
	pthread_rwlock_wrlock(&table_lock);
	error = family_add(family);
	pthread_rwlock_unlock(&table_lock);
	up_write(&families_sem);
	return error;
}

int genl_unregister_family(const struct genl_family *family)
{
	int error = -ENOENT;

	down_write(&families_sem);
	if (family_by_id(family->id) == family) {
		pthread_rwlock_wrlock(&table_lock);
		families[family->id - GENL_ID_CTRL] = NULL;
		pthread_rwlock_unlock(&table_lock);
		error = 0;
	}
	up_write(&families_sem);
	return error;
}

int genl_each_family(int (*look)(const struct genl_family *family, void *argument), void *argument)
{
	int i, result = 0;

	pthread_rwlock_rdlock(&table_lock);
	for (i = 0; i < FAMILIES && !result; i++)
		if (families[i])
			result = look(families[i], argument);
	pthread_rwlock_unlock(&table_lock);
	return result;
}

bool genl_group_exists(u32 group)
{
	bool exists = false;
	int i;

	pthread_rwlock_rdlock(&table_lock);
	for (i = 0; i < FAMILIES; i++)
		if (families[i] && group >= families[i]->mcgrp_offset &&
		    group < families[i]->mcgrp_offset + families[i]->n_mcgrps)
			exists = true;
	pthread_rwlock_unlock(&table_lock);
	return exists;
}

void *genlmsg_put(struct sk_buff *skb, u32 portid, u32 seq, const struct genl_family *family,
		  int flags, u8 cmd)
{
	int header = GENL_HDRLEN + family->hdrsize;
	struct nlmsghdr *nlh = nlmsg_put(skb, portid, seq, family->id, header, flags);

	if (!nlh)
		return NULL;
	*(struct genlmsghdr *)nlmsg_data(nlh) = (struct genlmsghdr) {
		.cmd = cmd, .version = family->version,
	};
	return (char *)nlmsg_data(nlh) + GENL_HDRLEN;
}

/* What newer commands are strict about, older ones never were. */
static int check_header(const struct genl_family *family, const struct nlmsghdr *nlh,
			const struct genlmsghdr *header, struct netlink_ext_ack *extack)
{
	u16 flags = nlh->nlmsg_flags;

	if (header->cmd < family->resv_start_op)
		return 0;
	if (header->reserved) {
		NL_SET_ERR_MSG(extack, "genlmsghdr.reserved field is not 0");
		return -EINVAL;
	}
	if ((flags & NLM_F_DUMP) == NLM_F_DUMP)
		flags &= ~NLM_F_DUMP;
	if (flags & ~(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO)) {
		NL_SET_ERR_MSG(extack, "ambiguous or reserved bits set in nlmsg_flags");
		return -EINVAL;
	}
	return 0;
}

/* Sort the attributes into a new array; *attrs is NULL when the operation has no policy. */
static int parse(const struct genl_family *family, const struct genl_ops *op, struct nlmsghdr *nlh,
		 u8 liberal, struct nlattr ***attrs, struct netlink_ext_ack *extack)
{
	int header = GENL_HDRLEN + family->hdrsize;
	int error;

	*attrs = NULL;
	if (!op->maxattr)
		return 0;
	*attrs = kmalloc_array(op->maxattr + 1, sizeof(**attrs), GFP_KERNEL);
	if (!*attrs)
		return -ENOMEM;
	error = __nla_parse(*attrs, op->maxattr, nlmsg_attrdata(nlh, header),
			    nlmsg_attrlen(nlh, header), op->policy,
			    op->validate & liberal ? NL_VALIDATE_LIBERAL : NL_VALIDATE_STRICT,
			    extack);
	if (error)
		kfree(*attrs);
	return error;
}

static int do_it(const struct genl_family *family, const struct genl_ops *op, struct sk_buff *skb,
		 struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	struct genl_info info = {
		.snd_seq = nlh->nlmsg_seq, .snd_portid = NETLINK_CB(skb).portid, .nlhdr = nlh,
		.genlhdr = nlmsg_data(nlh), .userhdr = (char *)nlmsg_data(nlh) + GENL_HDRLEN,
		._net.net = &init_net, .extack = extack,
	};
	int error;

	if (!op->doit)
		return -EOPNOTSUPP;
	error = parse(family, op, nlh, GENL_DONT_VALIDATE_STRICT, &info.attrs, extack);
	if (error)
		return error;
	error = family->pre_doit ? family->pre_doit(op, skb, &info) : 0;
	if (!error) {
		error = op->doit(skb, &info);
		if (family->post_doit)
			family->post_doit(op, skb, &info);
	}
	kfree(info.attrs);
	return error;
}

/* --- dumps: the operation's own functions, with the mutex where the family wants it --- */

static void lock_for(const struct genl_family *family)
{
	if (!family->parallel_ops)
		mutex_lock(&operations_mutex);
}

static void unlock_for(const struct genl_family *family)
{
	if (!family->parallel_ops)
		mutex_unlock(&operations_mutex);
}

static void dump_info_free(struct netlink_callback *cb)
{
	struct genl_dumpit_info *info = cb->data;

	kfree(info->attrs);
	kfree(info);
	cb->data = NULL;
}

static int dump_start(struct netlink_callback *cb)
{
	struct genl_dumpit_info *info = cb->data;
	int error = 0;

	if (info->op.start) {
		lock_for(info->family);
		error = info->op.start(cb);
		unlock_for(info->family);
	}
	return error;
}

static int dump_step(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_dumpit_info *info = genl_dumpit_info(cb);
	int result;

	lock_for(info->family);
	result = info->op.dumpit(skb, cb);
	unlock_for(info->family);
	return result;
}

static int dump_done(struct netlink_callback *cb)
{
	const struct genl_dumpit_info *info = genl_dumpit_info(cb);
	int result = 0;

	if (info->op.done) {
		lock_for(info->family);
		result = info->op.done(cb);
		unlock_for(info->family);
	}
	dump_info_free(cb);
	return result;
}

static int dump_it(const struct genl_family *family, const struct genl_ops *op, struct sk_buff *skb,
		   struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	struct genl_dumpit_info *info;
	struct netlink_dump_control control = {
		.start = dump_start, .dump = dump_step, .done = dump_done, .extack = extack,
		.module = family->module,
	};
	int error = 0;

	if (!op->dumpit)
		return -EOPNOTSUPP;
	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return -ENOMEM;
	info->family = family;
	info->op = *op;
	if (!(op->validate & GENL_DONT_VALIDATE_DUMP))
		error = parse(family, op, nlh, GENL_DONT_VALIDATE_DUMP_STRICT, &info->attrs, extack);
	if (error) {
		kfree(info);
		return error;
	}
	control.data = info;
	/* the mutex is taken anew by each function: a dump outlives this call */
	unlock_for(family);
	error = netlink_dump_start(NETLINK_CB(skb).sk, skb, nlh, &control);
	lock_for(family);
	if (error != -EINTR) {
		kfree(info->attrs);
		kfree(info);
	}
	return error;
}

static int family_receive(const struct genl_family *family, struct sk_buff *skb,
			  struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	const struct genlmsghdr *header = nlmsg_data(nlh);
	struct genl_ops op;
	int error;

	if (nlh->nlmsg_len < (unsigned int)nlmsg_msg_size(GENL_HDRLEN + family->hdrsize))
		return -EINVAL;
	error = check_header(family, nlh, header, extack);
	if (error)
		return error;
	if (!find_operation(family, header->cmd, &op))
		return -EOPNOTSUPP;
	lock_for(family);
	if ((nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		error = dump_it(family, &op, skb, nlh, extack);
	else
		error = do_it(family, &op, skb, nlh, extack);
	unlock_for(family);
	return error;
}

int genl_receive(struct sk_buff *skb, struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	const struct genl_family *family;
	int error = -ENOENT;

	down_read(&families_sem);
	family = family_by_id(nlh->nlmsg_type);
	if (family)
		error = family_receive(family, skb, nlh, extack);
	up_read(&families_sem);
	return error;
}
