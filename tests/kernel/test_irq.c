/* test_irq.c - interrupt lines, and what interrupts leave for later: softirqs
 * and tasklets.
 *
 * `int` with a line's vector is as good as the line: no device is needed.
 */
#include "../../drivers/internal.h"
#include "console.h"
#include "drivers.h"
#include "errno.h"
#include "interrupt.h"
#include "irq.h"
#include "page_helpers.h"
#include "string.h"
#include "test.h"
#include "tick.h"
#include "trap.h"
#include "wait_helpers.h"
#include "x86.h"

#define LINE   5 /* nobody's */
#define FIRE() software_interrupt(IRQ_VECTOR_BASE + LINE)

#define PIC1_COMMAND  0x20
#define PIC1_MASK     0x21
#define OCW3_READ_ISR 0x0B

struct device {
	unsigned int calls;
	irqreturn_t says;
	u32 preempt_count;
	bool irqs_off;
};

static irqreturn_t
device_irq(int irq __maybe_unused, void *dev)
{
	struct device *device = dev;

	device->calls++;
	device->preempt_count = preempt_count();
	device->irqs_off = irqs_disabled();
	return device->says;
}

/* --- Lines ---------------------------------------------------------------------- */

TEST(irq, the_timer_ticks)
{
	unsigned long start = jiffies, spins = 0;

	while (jiffies - start < 3 && ++spins < 400000000)
		cpu_relax();
	EXPECT(jiffies - start >= 3);
	EXPECT(irq_count(IRQ_TIMER) >= 3);
}

TEST(irq, a_line_is_requested_once_and_must_exist)
{
	struct device a = {.says = IRQ_HANDLED};

	EXPECT_EQ(request_irq(IRQ_TIMER, device_irq, 0, "test", &a), -EBUSY);
	EXPECT_EQ(request_irq(IRQ_CASCADE, device_irq, 0, "test", &a), -EBUSY);
	EXPECT_EQ(request_irq(NR_IRQS, device_irq, 0, "test", &a), -EINVAL);
	EXPECT_EQ(request_irq(LINE, NULL, 0, "test", &a), -EINVAL);
	EXPECT_EQ(request_irq(LINE, device_irq, IRQF_SHARED, "test", NULL),
		  -EINVAL);
}

TEST(irq, a_handler_runs_in_irq_context_until_it_is_freed)
{
	struct device a = {.says = IRQ_HANDLED};
	unsigned long count = irq_count(LINE);

	EXPECT(inb(PIC1_MASK) & 1u << LINE);
	ASSERT_EQ(request_irq(LINE, device_irq, 0, "test", &a), 0);
	EXPECT(!(inb(PIC1_MASK) & 1u << LINE));
	FIRE();
	EXPECT_EQ(a.calls, 1u);
	EXPECT_EQ(a.preempt_count, HARDIRQ_OFFSET);
	EXPECT(a.irqs_off);
	EXPECT(!irqs_disabled());
	EXPECT_EQ(preempt_count(), 0u);
	EXPECT_EQ(irq_count(LINE), count + 1);
	EXPECT_STREQ(free_irq(LINE, &a), "test");
	EXPECT(inb(PIC1_MASK) & 1u << LINE);
	FIRE();
	EXPECT_EQ(a.calls, 1u);
}

TEST(irq, a_shared_line_asks_every_handler)
{
	struct device a = {.says = IRQ_HANDLED}, b = a, c = a;

	ASSERT_EQ(request_irq(LINE, device_irq, IRQF_SHARED, "a", &a), 0);
	ASSERT_EQ(request_irq(LINE, device_irq, IRQF_SHARED, "b", &b), 0);
	EXPECT_EQ(request_irq(LINE, device_irq, 0, "c", &c), -EBUSY);
	FIRE();
	a.says = IRQ_NONE;
	FIRE();
	EXPECT_EQ(a.calls, 2u);
	EXPECT_EQ(b.calls, 2u);
	free_irq(LINE, &a);
	FIRE();
	EXPECT_EQ(a.calls, 2u);
	EXPECT_EQ(b.calls, 3u);
	EXPECT_EQ(c.calls, 0u);
	free_irq(LINE, &b);
}

TEST(irq, freeing_what_nobody_has_is_reported)
{
	size_t log = log_end();

	EXPECT(!free_irq(LINE, NULL));
	EXPECT(!free_irq(NR_IRQS, NULL));
	EXPECT_EQ(log_lines(log, "BUG: free_irq: irq 5 has no handler"), 1u);
}

TEST(irq, a_request_without_room_changes_nothing)
{
	static struct device devices[33];
	struct device other = {.says = IRQ_HANDLED};
	unsigned int n = 0;

	while (n < 33 &&
	       !request_irq(LINE, device_irq, IRQF_SHARED, "test", &devices[n]))
		n++;
	EXPECT_OP(n, >=, 16u);
	EXPECT_OP(n, <, 33u);
	EXPECT_EQ(request_irq(6, device_irq, 0, "test", &other), -ENOMEM);
	EXPECT(inb(PIC1_MASK) & 1u << 6);
	while (n)
		EXPECT(free_irq(LINE, &devices[--n]));
	EXPECT_EQ(request_irq(6, device_irq, 0, "test", &other), 0);
	free_irq(6, &other);
}

static struct {
	bool done;
	u8 before, after;
} in_service;

/* The timer's line is in service: an acknowledgement would end that. */
static void
spurious_in_timer(void)
{
	if (in_service.done)
		return;
	outb(OCW3_READ_ISR, PIC1_COMMAND);
	in_service.before = inb(PIC1_COMMAND);
	software_interrupt(IRQ_VECTOR_BASE + 7);
	outb(OCW3_READ_ISR, PIC1_COMMAND);
	in_service.after = inb(PIC1_COMMAND);
	in_service.done = true;
}

static bool
is_set(void *flag)
{
	return *(volatile bool *)flag;
}

TEST(irq, a_spurious_interrupt_is_counted_and_nothing_else)
{
	struct device a = {.says = IRQ_HANDLED};
	unsigned long spurious = irq_count(IRQ_SPURIOUS), count = irq_count(7);

	ASSERT_EQ(request_irq(7, device_irq, 0, "test", &a), 0);
	in_service.done = false;
	tick_set_hook(spurious_in_timer);
	EXPECT(wait_until(is_set, &in_service.done));
	tick_set_hook(NULL);
	EXPECT_EQ(irq_count(IRQ_SPURIOUS), spurious + 1);
	software_interrupt(IRQ_VECTOR_BASE + 15);
	EXPECT_EQ(irq_count(IRQ_SPURIOUS), spurious + 2);
	EXPECT_EQ(irq_count(7), count);
	EXPECT_EQ(a.calls, 0u);
	/* pit_irq is called before the controller is told: bit 0. */
	EXPECT_EQ(in_service.before & 1, 1);
	EXPECT_EQ(in_service.after, in_service.before);
	free_irq(7, &a);
}

static void
fire(unsigned int times)
{
	while (times--)
		FIRE();
}

TEST(irq, a_line_that_nobody_cares_for_is_masked)
{
	struct device a = {.says = IRQ_NONE};
	size_t log = log_end();

	ASSERT_EQ(request_irq(LINE, device_irq, 0, "nobody", &a), 0);
	fire(99);
	a.says = IRQ_HANDLED;
	fire(1000);
	a.says = IRQ_NONE;
	fire(99);
	EXPECT_EQ(log_lines(log, "nobody cared"), 0u);
	EXPECT(!(inb(PIC1_MASK) & 1u << LINE));
	fire(1);
	EXPECT_EQ(log_lines(log, "irq 5: nobody cared"), 1u);
	EXPECT_EQ(log_lines(log, "handler device_irq+0x0/"), 1u);
	EXPECT(inb(PIC1_MASK) & 1u << LINE);
	free_irq(LINE, &a);

	ASSERT_EQ(request_irq(LINE, device_irq, 0, "again", &a), 0);
	EXPECT(!(inb(PIC1_MASK) & 1u << LINE));
	free_irq(LINE, &a);
}

static bool
is_masked(void)
{
	return inb(PIC1_MASK) & 1u << LINE;
}

/* It rose again while the handler took all there was: no work, no fault. */
TEST(irq, an_interrupt_whose_work_is_done_is_no_stuck_line)
{
	struct device a = {.says = IRQ_HANDLED};
	size_t log = log_end();

	ASSERT_EQ(request_irq(LINE, device_irq, 0, "edges", &a), 0);
	for (unsigned int i = 0; i < 2000; i++) {
		FIRE();
		a.says = a.says == IRQ_NONE ? IRQ_HANDLED : IRQ_NONE;
	}
	EXPECT(!is_masked());
	EXPECT_EQ(log_lines(log, "nobody cared"), 0u);
	free_irq(LINE, &a);
}

TEST(irq, a_few_at_a_time_are_no_stuck_line)
{
	struct device a = {.says = IRQ_NONE};

	ASSERT_EQ(request_irq(LINE, device_irq, 0, "seldom", &a), 0);
	for (unsigned int i = 0; i < 4; i++) {
		fire(60);
		schedule_timeout_uninterruptible(HZ / 10 + 2);
	}
	EXPECT(!is_masked());
	free_irq(LINE, &a);
}

static bool
is_unmasked(void *arg __maybe_unused)
{
	return !is_masked();
}

static bool
has_ten_calls(void *device)
{
	return READ_ONCE(((struct device *)device)->calls) >= 10;
}

TEST(irq, a_stuck_line_is_polled_and_comes_back)
{
	struct device a = {.says = IRQ_NONE};
	size_t log = log_end();

	ASSERT_EQ(request_irq(LINE, device_irq, 0, "stuck", &a), 0);
	for (unsigned int i = 0; i < 2; i++) { /* at its return, again */
		fire(100);
		EXPECT(is_masked());
		a.calls = 0;
		EXPECT(wait_until(has_ten_calls, &a));
		EXPECT(is_masked());
		EXPECT(a.irqs_off && a.preempt_count >= HARDIRQ_OFFSET);
		EXPECT(wait_until(is_unmasked, NULL) ||
		       wait_until(is_unmasked, NULL));
	}
	EXPECT_EQ(log_lines(log, "nobody cared"), 1u);
	a.calls = 0;
	schedule_timeout_uninterruptible(HZ / 10 + 2);
	EXPECT_EQ(a.calls, 0u);
	fire(100); /* it was in order for a while: that is news */
	EXPECT_EQ(log_lines(log, "nobody cared"), 2u);
	free_irq(LINE, &a);
	EXPECT(is_masked());
	schedule_timeout_uninterruptible(2 * HZ);
	EXPECT(is_masked()); /* nobody's */
}

TEST(irq, the_table_is_that_of_proc_interrupts)
{
	struct device a = {.says = IRQ_HANDLED}, b = a;
	char text[600];
	size_t n;

	ASSERT_EQ(request_irq(LINE, device_irq, IRQF_SHARED, "one", &a), 0);
	ASSERT_EQ(request_irq(LINE, device_irq, IRQF_SHARED, "two", &b), 0);
	n = irq_format(text, sizeof(text));
	EXPECT_EQ(n, strlen(text));
	EXPECT_EQ(strncmp(text, "           CPU0       \n  0: ", 28), 0);
	EXPECT(strstr(text, "    XT-PIC      timer\n"));
	EXPECT(strstr(text, "\n  5: "));
	EXPECT(strstr(text, "    XT-PIC      one, two\n"));
	EXPECT(strstr(text, "\nERR: "));
	EXPECT_EQ(irq_format(text, 40), 39u);
	free_irq(LINE, &a);
	free_irq(LINE, &b);
}

/* --- The serial line's ---------------------------------------------------------- */

#define MODEM_LOOP 0x10 /* what is sent comes back as received */

static unsigned int typed;

static bool
count_typed(char c)
{
	typed += c == 'x';
	return true;
}

TEST(irq, characters_that_found_the_fifo_full_are_counted)
{
	unsigned long dropped = console_dropped();
	u8 modem;

	if (inb(COM1_STATUS) == UART_ABSENT) {
		test_skip("no serial port");
		return;
	}
	typed = 0;
	console_set_sink(count_typed);
	local_irq_disable();
	modem = inb(COM1_MODEM);
	outb(modem | MODEM_LOOP, COM1_MODEM);
	for (unsigned int i = 0; i < 20; i++) {
		while (!(inb(COM1_STATUS) & UART_SENT))
			cpu_relax();
		outb('x', COM1_DATA);
	}
	outb(modem, COM1_MODEM);
	local_irq_enable();
	EXPECT(wait_until(is_set, &typed));
	console_set_sink(NULL);
	EXPECT_OP(typed, >=, 16u);
	EXPECT_OP(console_dropped(), >, dropped);
}

/* --- Tasklets ------------------------------------------------------------------- */

/* A tasklet that notes when it ran, and asks for itself again `more` times. */
struct job {
	struct tasklet_struct tasklet;
	unsigned int runs, more;
	unsigned int order; /* the how many-th of all it was, the last time */
	u32 in_hardirq, in_serving_softirq;
	bool irqs_off;
};

static unsigned int jobs_run;

static void
job_run(struct tasklet_struct *t)
{
	struct job *job = from_tasklet(job, t, tasklet);

	job->runs++;
	job->order = ++jobs_run;
	job->in_hardirq = in_hardirq();
	job->in_serving_softirq = in_serving_softirq();
	job->irqs_off = irqs_disabled();
	if (job->more) {
		job->more--;
		tasklet_schedule(t);
	}
}

static void
job_init(struct job *job)
{
	*job = (struct job){.runs = 0};
	tasklet_setup(&job->tasklet, job_run);
	jobs_run = 0;
}

TEST(softirq, a_tasklet_runs_once_however_often_it_was_asked_for)
{
	struct job a, b;

	job_init(&a);
	job_init(&b);
	local_bh_disable();
	EXPECT(in_softirq() && in_interrupt() && !in_serving_softirq());
	tasklet_schedule(&b.tasklet);
	tasklet_schedule(&a.tasklet);
	tasklet_schedule(&b.tasklet);
	local_bh_disable();
	local_bh_enable();
	EXPECT_EQ(jobs_run, 0u); /* they nest */
	local_bh_enable();
	EXPECT_EQ(a.runs, 1u);
	EXPECT_EQ(b.runs, 1u);
	EXPECT_EQ(a.order, 2u);
	EXPECT_EQ(preempt_count(), 0u);
	EXPECT(a.in_serving_softirq && !a.in_hardirq && !a.irqs_off);
	tasklet_schedule(&a.tasklet);
	EXPECT_EQ(a.runs, 2u);
}

static struct job *from_irq;
static unsigned int runs_in_irq;

static irqreturn_t
schedule_job(int irq __maybe_unused, void *dev __maybe_unused)
{
	tasklet_schedule(&from_irq->tasklet);
	tasklet_schedule(&from_irq->tasklet);
	runs_in_irq = from_irq->runs;
	return IRQ_HANDLED;
}

TEST(softirq, an_interrupts_tasklet_runs_when_it_is_over)
{
	struct job a;

	job_init(&a);
	from_irq = &a;
	ASSERT_EQ(request_irq(LINE, schedule_job, 0, "test", NULL), 0);
	FIRE();
	EXPECT_EQ(runs_in_irq, 0u);
	EXPECT_EQ(a.runs, 1u);
	EXPECT(a.in_serving_softirq && !a.in_hardirq && !a.irqs_off);
	local_bh_disable();
	FIRE();
	EXPECT_EQ(a.runs, 1u);
	local_bh_enable();
	EXPECT_EQ(a.runs, 2u);
	free_irq(LINE, NULL);
}

TEST(softirq, what_asks_for_itself_for_ever_leaves_the_cpu_to_others)
{
	unsigned long left = this_cpu(softirqs_left), flags;
	struct job a;

	job_init(&a);
	a.more = 25;
	preempt_disable(); /* or ksoftirqd takes over after a tick */
	flags = local_irq_save();
	tasklet_schedule(&a.tasklet);
	softirq_irq_exit();
	EXPECT_EQ(a.runs, 10u);
	EXPECT_EQ(this_cpu(softirqs_left), left + 1);
	softirq_irq_exit();
	EXPECT_EQ(a.runs, 20u);
	local_irq_restore(flags);
	preempt_enable();
	tasklet_kill(&a.tasklet);
	EXPECT_OP(a.runs, >=, 21u);
}

TEST(softirq, interrupts_that_are_off_stay_off)
{
	struct job a;
	unsigned long flags;

	job_init(&a);
	flags = local_irq_save();
	tasklet_schedule(&a.tasklet);
	local_bh_disable();
	local_bh_enable();
	do_softirq();
	EXPECT(irqs_disabled());
	EXPECT_EQ(a.runs, 0u);
	local_irq_restore(flags);
	do_softirq();
	EXPECT_EQ(a.runs, 1u);
}

TEST(softirq, a_disabled_tasklet_waits_until_it_is_enabled)
{
	size_t log = log_end();
	struct job a;

	job_init(&a);
	tasklet_disable(&a.tasklet);
	tasklet_disable(&a.tasklet);
	tasklet_schedule(&a.tasklet);
	tasklet_enable(&a.tasklet);
	tasklet_schedule(&a.tasklet);
	EXPECT_EQ(a.runs, 0u);
	tasklet_enable(&a.tasklet);
	EXPECT_EQ(a.runs, 1u);
	EXPECT_EQ(log_lines(log, "tasklet_enable"), 0u);
	tasklet_enable(&a.tasklet);
	EXPECT_EQ(log_lines(log, "BUG: tasklet_enable: job_run"), 1u);
	tasklet_schedule(&a.tasklet);
	EXPECT_EQ(a.runs, 2u);
}

TEST(softirq, killing_lets_a_scheduled_run_happen)
{
	struct job a;

	job_init(&a);
	tasklet_kill(&a.tasklet); /* idle: nothing to do */
	EXPECT_EQ(a.runs, 0u);

	local_irq_disable(); /* so that it does not run at once */
	a.more = 1000000;
	tasklet_schedule(&a.tasklet);
	local_irq_enable();
	tasklet_kill(&a.tasklet);
	EXPECT_OP(a.runs, >, 0u);
	EXPECT_OP(a.more, >, 0u); /* it could not go on, or ksoftirqd for it */
	EXPECT_EQ(a.tasklet.state, 0u);

	a.more = a.runs = 0; /* and can be used again */
	tasklet_schedule(&a.tasklet);
	EXPECT_EQ(a.runs, 1u);
}

TEST(softirq, killing_a_disabled_tasklet_drops_its_run)
{
	struct job a;

	job_init(&a);
	tasklet_disable(&a.tasklet);
	tasklet_schedule(&a.tasklet);
	tasklet_kill(&a.tasklet);
	tasklet_enable(&a.tasklet);
	EXPECT_EQ(a.runs, 0u);
	tasklet_schedule(&a.tasklet);
	EXPECT_EQ(a.runs, 1u);
}

TEST(softirq, killing_in_atomic_context_is_reported)
{
	unsigned int bugs = might_sleep_count();
	struct job a;

	job_init(&a);
	preempt_disable();
	tasklet_kill(&a.tasklet);
	preempt_enable();
	EXPECT_EQ(might_sleep_count(), bugs + 1);
	test_planted++;
}

/* An interrupt after every instruction schedules what is being scheduled and
 * disabled, and one more. Each run must have been asked for, and none be lost. */

static struct {
	struct job job, other;
	unsigned int asked;
} racing;

static bool
after_instruction(struct pt_regs *regs)
{
	if (!(regs->flags & EFLAGS_IF) || in_interrupt())
		return true;
	irq_enter();
	racing.asked++;
	if (racing.asked % 2)
		tasklet_schedule(&racing.job.tasklet);
	tasklet_schedule(&racing.other.tasklet);
	irq_exit();
	softirq_irq_exit();
	return true;
}

TEST(softirq, a_tasklet_may_be_scheduled_between_any_two_instructions)
{
	unsigned long flags = local_save_flags();
	struct job *job = &racing.job;
	unsigned int mine = 0;

	job_init(job);
	job_init(&racing.other);
	racing.asked = 0;
	trap_set_handler(TRAP_DEBUG, after_instruction);
	for (unsigned int i = 0; i < 200; i++) {
		local_irq_restore(flags | EFLAGS_TF);
		tasklet_schedule(&job->tasklet);
		tasklet_disable(&job->tasklet);
		tasklet_schedule(&job->tasklet);
		tasklet_enable(&job->tasklet);
		local_irq_restore(flags);
		mine += 2;
		ASSERT_EQ(job->tasklet.state, 0u); /* all has been done */
	}
	trap_set_handler(TRAP_DEBUG, NULL);
	EXPECT_OP(racing.asked, >, 5000u);
	EXPECT_OP(job->runs, >=, 400u);
	EXPECT_OP(job->runs, <=, racing.asked + mine);
	EXPECT_OP(racing.other.runs, >, 1000u);
	EXPECT_OP(racing.other.runs, <=, racing.asked);
}
