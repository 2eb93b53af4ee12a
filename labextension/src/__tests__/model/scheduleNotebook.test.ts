import { describe, expect, it } from 'vitest';

import { plainTrans } from '../../logic/trans';
import { type INotebookHost, ScheduleNotebookModel } from '../../model/scheduleNotebook';
import { aLiveSession, aNotebook, aProblem, FakeServer, until } from '../helpers';

class FakeHost implements INotebookHost {
  constructor(public isDirty = false) {}

  hasUnsavedChanges(): Promise<boolean> {
    return Promise.resolve(this.isDirty);
  }

  save(): Promise<void> {
    this.isDirty = false;
    return Promise.resolve();
  }

  copyIntoWorkspace(path: string): Promise<string> {
    return Promise.resolve(`common_workspace/${path}`);
  }
}

async function open(
  path = 'common_workspace/reports/churn.ipynb',
  host = new FakeHost(),
  permissions?: string[]
): Promise<{ server: FakeServer; model: ScheduleNotebookModel }> {
  const server = new FakeServer({
    'notebooks/inspect': aNotebook(),
    timezones: { timezones: ['UTC', 'Europe/Berlin'] },
    'schedules/explain': {
      text: '0 6 * * 1-5',
      reading: 'Every weekday',
      timezone: 'UTC',
      next: []
    },
    'POST notebooks/schedule': { dag_id: 'churn', path: 'notebooks/churn.py', run_id: null }
  });
  const model = new ScheduleNotebookModel(
    await aLiveSession(server, permissions),
    host,
    plainTrans,
    path
  );
  await model.begin();
  return { server, model };
}

describe('scheduling a notebook', () => {
  it('needs no more than the button', async () => {
    const { server, model } = await open();
    await until(() => model.reading !== null);
    expect(model.canSubmit).toBe(true);
    expect(await model.submit()).toMatchObject({ dag_id: 'churn' });
    expect(server.requests[server.requests.length - 1]?.body).toMatchObject({
      path: 'common_workspace/reports/churn.ipynb',
      when: 'cron',
      cron: '0 6 * * 1-5',
      parameters: {}
    });
  });

  it('sends only the parameters that were changed, with their types', async () => {
    const { model } = await open();
    model.setField('top_n', '20');
    model.setField('verbose', false);
    model.setField('month', '2026-12');
    model.setField('month', '2026-11');
    expect(model.request().parameters).toEqual({ top_n: 20, verbose: false });
  });

  it('marks a field that is wrong and waits', async () => {
    const { model } = await open();
    model.setField('top_n', 'ten');
    expect(model.problems['parameter:top_n']).toContain('whole number');
    expect(model.canSubmit).toBe(false);
  });

  it('asks to save a changed notebook first', async () => {
    const { server, model } = await open(undefined, new FakeHost(true));
    expect(model.stage).toBe('unsaved');
    expect(server.paths()).not.toContain('notebooks/inspect');
    await model.save();
    expect([model.stage, model.notebook.status]).toEqual(['form', 'ready']);
  });

  it('does not ask again when the notebook changes while the form is filled in', async () => {
    const host = new FakeHost();
    const { model } = await open(undefined, host);
    host.isDirty = true;
    model.setField('top_n', '20');
    expect(model.stage).toBe('form');
  });

  it('copies a notebook from outside of the workspace and goes on', async () => {
    const host = new FakeHost();
    const { model } = await open('mine.ipynb', host);
    expect(model.stage).toBe('outside');
    const copying = model.copyIntoWorkspace();
    host.isDirty = true;
    await copying;
    expect([model.stage, model.path]).toEqual(['form', 'common_workspace/mine.ipynb']);
  });

  it('repeats what the server says about a cron expression', async () => {
    const { server, model } = await open();
    server.set('schedules/explain', aProblem(400, 'schedule-invalid', '61 is no minute.'));
    model.setForm({ preset: 'custom', cron: '61 * * * *' });
    await until(() => model.problems.schedule === '61 is no minute.');
    expect(model.canSubmit).toBe(false);
  });

  it('sends a single time as a moment, and refuses one that has passed', async () => {
    const { model } = await open();
    model.setForm({ when: 'once', at: '2020-01-01T06:00', timezone: 'Europe/Berlin' });
    expect(model.problems.at).toContain('has passed');
    model.setForm({ at: '2099-01-01T06:00' });
    expect(model.request()).toMatchObject({
      when: 'once',
      at: '2099-01-01T05:00:00.000Z',
      cron: null
    });
  });

  it('is not for people without the right', async () => {
    const { model } = await open(undefined, undefined, ['dags.read']);
    expect(model.canSubmit).toBe(false);
  });

  it('keeps the form when the server refuses', async () => {
    const { server, model } = await open();
    server.set('POST notebooks/schedule', aProblem(409, 'dag-exists', 'This id is taken.'));
    model.setField('top_n', '20');
    expect(await model.submit()).toBeNull();
    expect([model.error?.message, model.fields.top_n]).toEqual(['This id is taken.', '20']);
  });
});
