"""Tests of the tool that plants bugs: it changes what it says, and no more.

    a source of a few lines -- each site --> the very change, one place only
    a log that ends badly   -- Watch ------> what failed, and where

Run by tools/test.py (group `tools`).
"""
import random

import mutators
import reach

SOURCE = '''\
#define SIZE 4 /* a < b */

static int
walk(struct list *list, int n)
{
	/* n < 4: not a comparison */
	printk("n < 4\\n");
	assert(n < 4);
	spin_lock(&list->lock);
	while (n < 4 && list->count)
		n++;
	spin_unlock(&list->lock);
	return n;
}
'''
LOG = '''\
  # Subtest: list
  1..3
  ok 1 a_first_case
'''


def changes():
    lines = mutators.blanked(SOURCE).split('\n')
    (name, start, end), = mutators.functions(lines)
    assert name == 'walk', name
    return [(SOURCE.split('\n')[line].strip(), new)
            for line, _, _, _, new in mutators.body_sites(lines, start, end,
                                                          False)]


def what_is_changed_is_code():
    found = changes()
    assert ('while (n < 4 && list->count)', '<=') in found, found
    assert ('while (n < 4 && list->count)', '||') in found, found
    assert ('while (n < 4 && list->count)', '5') in found, found
    assert ('n++;', '--') in found, found
    assert ('spin_unlock(&list->lock);', ';') in found, found
    assert ('return n;', ';') in found, found
    assert ('spin_lock(&list->lock);', 'return 0; ') in found, found
    quiet = [line for line, _ in found if 'comparison' in line or
             'printk' in line or 'assert' in line or 'define' in line]
    assert not quiet, quiet


def a_change_is_in_one_line():
    mutants = mutators.all_of(mutators.ROOT)
    assert len(mutants) == len({mutant.ident for mutant in mutants})
    for mutant in mutants[::500]:
        text = (mutators.ROOT / mutant.file).read_text()
        changed = mutators.applied(text, mutant)
        differ = [number for number, (a, b) in
                  enumerate(zip(text.split('\n'), changed.split('\n')))
                  if a != b]
        assert differ == [mutant.line], (mutant, differ)


def the_same_seed_draws_the_same():
    first, again, other = ([mutant.ident for mutant in
                            mutators.drawn(random.Random(seed))[:300]]
                           for seed in (7, 7, 8))
    assert first == again
    assert first != other


def watched(log):
    watch = reach.Watch()
    for line in log.splitlines():
        watch.line(line)
    return watch


def a_failure_is_named():
    bad = watched(LOG + '  not ok 2 a_second_case\n')
    assert bad.verdict(None, False) == 'list.a_second_case'
    assert 'hang after list.a_first_case' == watched(LOG).verdict(None, True)
    panic = watched(LOG + '[    0.1] *** kernel panic: lost\n')
    assert panic.verdict(37, False) == \
        'panic after list.a_first_case: kernel panic: lost'
    assert watched(LOG).verdict(33, False)  # no totals: cut off
    assert not watched(LOG + '# Totals: pass:1').verdict(33, False)
    assert watched(LOG + '# Totals: pass:1').verdict(35, False)


TESTS = [what_is_changed_is_code, a_change_is_in_one_line,
         the_same_seed_draws_the_same, a_failure_is_named]
