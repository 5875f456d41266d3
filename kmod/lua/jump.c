// SPDX-License-Identifier: GPL-2.0 OR MIT
/* setjmp and longjmp; see libc/setjmp.h. */

#if defined(__x86_64__)

/* A kernel may want its returns to go through its own thunk; CONFIG_* come from kbuild. */
#if defined(CONFIG_RETHUNK) || defined(CONFIG_MITIGATION_RETHUNK)
#define JUMP_RETURN "	jmp __x86_return_thunk\n"
#else
#define JUMP_RETURN "	ret\n	int3\n"
#endif

__asm__(
	"	.pushsection .text\n"
	"	.p2align 4\n"
	"	.type engine_setjmp, @function\n"
	"engine_setjmp:\n"
	"	movq %rbx, (%rdi)\n"
	"	movq %rbp, 8(%rdi)\n"
	"	movq %r12, 16(%rdi)\n"
	"	movq %r13, 24(%rdi)\n"
	"	movq %r14, 32(%rdi)\n"
	"	movq %r15, 40(%rdi)\n"
	"	movq %rsp, 48(%rdi)\n"
	"	movq (%rsp), %rdx\n"
	"	movq %rdx, 56(%rdi)\n"
	"	xorl %eax, %eax\n"
	JUMP_RETURN
	"	.size engine_setjmp, . - engine_setjmp\n"
	"	.p2align 4\n"
	"	.type engine_longjmp, @function\n"
	"engine_longjmp:\n"
	"	movl %esi, %eax\n"
	"	movq (%rdi), %rbx\n"
	"	movq 8(%rdi), %rbp\n"
	"	movq 16(%rdi), %r12\n"
	"	movq 24(%rdi), %r13\n"
	"	movq 32(%rdi), %r14\n"
	"	movq 40(%rdi), %r15\n"
	"	movq 56(%rdi), %rdx\n"
	"	movq 48(%rdi), %rsp\n"
	"	movq %rdx, (%rsp)\n" /* the slot may have been used again since */
	JUMP_RETURN
	"	.size engine_longjmp, . - engine_longjmp\n"
	"	.popsection\n");

#else
#error "setjmp is not known on this machine"
#endif
