/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Lua's errors: what setjmp and longjmp do, in fewer bytes of the stack. A try saves the stack
 * pointer, the frame pointer and where to go on; the compiler is told that every other register is
 * lost there, so it saves those it needs by itself. No floating-point state: over a call the ABI
 * keeps nothing of it but the control words, and those never change.
 */
#ifndef LUNATIK_JUMP_H
#define LUNATIK_JUMP_H

struct jump {
	unsigned long stack, frame, target;
};

#define luai_jmpbuf struct jump
#define LUAI_TRY(L, point, code) \
	do { \
		if (jump_try(&(point)->b) == 0) { \
			code \
		} \
	} while (0)
#define LUAI_THROW(L, point) \
	do { \
		jump_forget(&(point)->b); \
		jump_throw(&(point)->b); \
	} while (0)

/* Defined in assembly below; hidden, so that no call goes through a table. */
extern void jump_throw(const struct jump *jump) __attribute__((noreturn, visibility("hidden")));

/*
 * In a kernel that watches its stack (KASAN) a function marks the gaps between its variables, and
 * takes the marks away when it returns. Those that a throw skips never return: what later lies
 * there would be taken for a mistake.
 */
#ifdef CONFIG_KASAN_STACK
#define jump_forget(jump) engine_host_stack_forget(cstack_pointer(), (jump)->stack)
#else
#define jump_forget(jump) ((void)0)
#endif

#if defined(__x86_64__)

/*
 * 0 at first, 1 when a throw comes back; to be used once in a function that is not inlined. The
 * slot below the stack pointer, where the throw puts its return address, is free: whoever tries
 * calls something, so has no red zone.
 */
#define jump_try(to) \
	({ \
		struct jump *jump_to_ = (to); \
		int jump_again_; \
		__asm__ volatile("leaq 1f(%%rip), %%rdx\n\t" \
				 "leaq -8(%%rsp), %%rcx\n\t" \
				 "movq %%rcx, (%%rdi)\n\t" \
				 "movq %%rbp, 8(%%rdi)\n\t" \
				 "movq %%rdx, 16(%%rdi)\n\t" \
				 "xorl %%eax, %%eax\n" \
				 "1:" \
				 : "=&a"(jump_again_), "+D"(jump_to_) \
				 : \
				 : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", \
				   "r13", "r14", "r15", "memory", "cc"); \
		jump_again_; \
	})

/* A kernel may want its returns to go through its own thunk; CONFIG_* come from kbuild. */
#if defined(CONFIG_RETHUNK) || defined(CONFIG_MITIGATION_RETHUNK)
#define JUMP_RETURN "	jmp __x86_return_thunk\n"
#else
#define JUMP_RETURN "	ret\n	int3\n"
#endif

__asm__("	.pushsection .text\n"
	"	.p2align 4\n"
	"	.type jump_throw, @function\n"
	"jump_throw:\n"
	"	movl $1, %eax\n"
	"	movq 16(%rdi), %rdx\n"
	"	movq 8(%rdi), %rbp\n"
	"	movq (%rdi), %rsp\n"
	"	movq %rdx, (%rsp)\n"
	JUMP_RETURN
	"	.size jump_throw, . - jump_throw\n"
	"	.popsection\n");

#else
#error "jump.h does not know this machine"
#endif

#endif
