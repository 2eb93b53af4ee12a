import { expect, test } from 'vitest';

import { cronOf, type IScheduleForm } from '../../logic/schedules';
import { errorLine, tryText } from '../../logic/tries';
import { plainTrans } from '../../logic/trans';
import { aTry } from '../helpers';

const FORM: IScheduleForm = {
  when: 'repeat',
  at: '',
  preset: 'daily',
  time: '06:05',
  weekday: 3,
  monthDay: 15,
  cron: ' */5 * * * * ',
  timezone: 'UTC'
};

test.each([
  ['hourly', '5 * * * *'],
  ['daily', '5 6 * * *'],
  ['weekdays', '5 6 * * 1-5'],
  ['weekly', '5 6 * * 3'],
  ['monthly', '5 6 15 * *'],
  ['custom', '*/5 * * * *']
] as const)('%s is %s', (preset, cron) => {
  expect(cronOf({ ...FORM, preset })).toBe(cron);
});

test('a cleared time is no schedule', () => {
  expect(cronOf({ ...FORM, time: '' })).toBe('');
});

test.each([
  [
    { error_detail: { kind: 'cell', cell: 2, total: 3, ename: 'KeyError', evalue: "'price'" } },
    "Cell 2 of 3 failed. KeyError: 'price'"
  ],
  [
    { error_detail: { kind: 'dead-kernel', cell: 2, total: 3 } },
    'The kernel died; it may have run out of memory. Cell 2 of 3 failed.'
  ],
  [{ error: 'exit status 1' }, 'exit status 1'],
  [{}, null]
])('the error of %j reads %s', (change, text) => {
  expect(errorLine(aTry(1, change), plainTrans)).toBe(text);
});

test('tries are counted only where there can be more than one', () => {
  expect(tryText(1, 1, plainTrans)).toBe('try 1');
  expect(tryText(2, 3, plainTrans)).toBe('try 2 of 3');
  expect(tryText(4, 3, plainTrans)).toBe('try 4 of 4');
});
