import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';

import type { IParam } from '../../api/types';
import { ConfirmForm } from '../../components/forms/ConfirmForm';
import { TriggerForm } from '../../components/forms/TriggerForm';
import { plainTrans } from '../../logic/trans';
import { ScheduleNotebookModel } from '../../model/scheduleNotebook';
import { ScheduleNotebookPanel } from '../../panels/scheduleNotebookPanel';
import { aLiveSession, aNotebook, FakeServer } from '../helpers';

describe('the trigger dialog', () => {
  const show = (
    onTrigger: (conf: Record<string, unknown>, runId: string | null) => Promise<void>,
    params: IParam[] = []
  ): ReturnType<typeof vi.fn> => {
    const onClose = vi.fn();
    render(
      <TriggerForm
        dagId="sales"
        isPaused={false}
        params={params}
        timezone="Europe/Berlin"
        onTrigger={onTrigger}
        onClose={onClose}
      />
    );
    return onClose;
  };
  const conf = (): HTMLElement => screen.getByRole('textbox', { name: 'Configuration' });
  const button = (): HTMLElement => screen.getByRole('button', { name: 'Trigger' });

  it('starts a run without a configuration', async () => {
    const onTrigger = vi.fn(() => Promise.resolve());
    const onClose = show(onTrigger);
    await userEvent.click(button());
    expect(onTrigger).toHaveBeenCalledWith({}, null);
    expect(onClose).toHaveBeenCalled();
  });

  it('hands the configuration on as an object', async () => {
    const onTrigger = vi.fn(() => Promise.resolve());
    show(onTrigger);
    await userEvent.click(conf());
    await userEvent.paste('{"month": "2026-11"}');
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    expect(onTrigger).toHaveBeenCalledWith({ month: '2026-11' }, null);
  });

  it('says what is wrong with a configuration and waits', async () => {
    const onTrigger = vi.fn(() => Promise.resolve());
    show(onTrigger);
    await userEvent.click(conf());
    await userEvent.paste('[1]');
    expect(screen.getByRole('alert').textContent).toContain('must be a JSON object');
    await userEvent.click(button());
    expect(onTrigger).not.toHaveBeenCalled();
  });

  it('stays open with what the server said', async () => {
    const onClose = show(() => Promise.reject(new Error('There is such a run already.')));
    await userEvent.click(button());
    expect(screen.getByRole('alert').textContent).toContain('There is such a run already.');
    expect(onClose).not.toHaveBeenCalled();
  });
});

describe('the trigger dialog of a DAG with params', () => {
  const PARAMS: IParam[] = [
    { name: 'region', value: null, schema: { type: 'string', title: 'Region' } },
    { name: 'top_n', value: 5, schema: { type: 'integer', minimum: 1, description: 'how many' } },
    { name: 'mode', value: 'fast', schema: { enum: ['fast', 'exact'] } },
    { name: 'dry', value: false, schema: { type: 'boolean' } },
    { name: 'since', value: null, schema: { type: ['null', 'string'], format: 'date-time' } },
    { name: 'tags', value: ['a'], schema: { type: 'array' } },
    { name: 'plain', value: 'x', schema: {} }
  ];
  const show = (onTrigger: (conf: Record<string, unknown>) => Promise<void>): void => {
    render(
      <TriggerForm
        dagId="sales"
        isPaused={false}
        params={PARAMS}
        timezone="Europe/Berlin"
        onTrigger={onTrigger}
        onClose={vi.fn()}
      />
    );
  };
  const button = (): HTMLElement => screen.getByRole('button', { name: 'Trigger' });

  it('sends what differs from the defaults, each as its type', async () => {
    const onTrigger = vi.fn(() => Promise.resolve());
    show(onTrigger);
    expect(document.activeElement).toBe(screen.getByLabelText('Region (required)'));
    await userEvent.keyboard('north');
    await userEvent.clear(screen.getByLabelText('top_n'));
    await userEvent.type(screen.getByLabelText('top_n'), '7');
    await userEvent.selectOptions(screen.getByLabelText('mode'), 'exact');
    await userEvent.click(screen.getByLabelText('dry'));
    fireEvent.change(screen.getByLabelText('since'), { target: { value: '2026-11-26T06:00' } });
    await userEvent.click(button());
    const since = '2026-11-26T05:00:00.000Z';
    const conf = { region: 'north', top_n: 7, mode: 'exact', dry: true, since };
    expect(onTrigger).toHaveBeenCalledWith(conf, null);
  });

  it('says beside the field what is wrong, and sends nothing', async () => {
    const onTrigger = vi.fn(() => Promise.resolve());
    show(onTrigger);
    expect(screen.queryByRole('alert')).toBeNull();
    await userEvent.type(screen.getByLabelText('tags'), 'x');
    expect(screen.getByRole('alert').textContent).toContain('Enter a list in JSON');
    await userEvent.clear(screen.getByLabelText('top_n'));
    await userEvent.type(screen.getByLabelText('top_n'), '0');
    await userEvent.click(button());
    const texts = screen.getAllByRole('alert').map(({ textContent }) => textContent);
    expect(texts).toContain('A value is required.');
    expect(texts).toContain('Enter 1 or more.');
    expect(onTrigger).not.toHaveBeenCalled();
  });

  it('says beside the field what the server refuses', async () => {
    show(() => Promise.reject(new Error("param 'plain': 'x' does not match")));
    await userEvent.type(screen.getByLabelText('Region (required)'), 'north');
    await userEvent.click(button());
    expect(screen.getByRole('alert').textContent).toBe("'x' does not match");
    expect(screen.getByLabelText('plain').getAttribute('aria-invalid')).toBe('true');
  });

  it('shows the same as JSON, where more can be added', async () => {
    const onTrigger = vi.fn(() => Promise.resolve());
    show(onTrigger);
    await userEvent.type(screen.getByLabelText('Region (required)'), 'north');
    await userEvent.click(screen.getByLabelText('JSON'));
    const box = screen.getByLabelText<HTMLTextAreaElement>('Configuration');
    expect(JSON.parse(box.value)).toEqual({ region: 'north' });
    fireEvent.change(box, { target: { value: '{"region": "south", "top_n": 9, "more": 1}' } });
    await userEvent.click(screen.getByLabelText('Form'));
    expect(screen.getByLabelText<HTMLInputElement>('top_n').value).toBe('9');
    await userEvent.click(button());
    expect(onTrigger).toHaveBeenCalledWith({ region: 'south', top_n: 9, more: 1 }, null);
  });
});

describe('a dialog', () => {
  function Opener(): JSX.Element {
    const [isOpen, setOpen] = useState(false);
    const close = (): void => setOpen(false);
    return (
      <>
        <button onClick={() => setOpen(true)}>Open</button>
        {isOpen && (
          <ConfirmForm
            title="Sure?"
            text=""
            button="Yes"
            failed=""
            onConfirm={() => Promise.resolve()}
            onClose={close}
          />
        )}
      </>
    );
  }

  it.each(['Cancel', 'Yes', 'Close'])('gives the focus back after %s', async name => {
    render(<Opener />);
    const opener = screen.getByRole('button', { name: 'Open' });
    await userEvent.click(opener);
    expect(document.activeElement).not.toBe(opener);
    screen.getByRole('button', { name }).focus();
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(document.activeElement).toBe(opener);
  });
});

describe('the schedule dialog', () => {
  const open = async (
    permissions?: string[]
  ): Promise<{ server: FakeServer; onClose: ReturnType<typeof vi.fn> }> => {
    const next = [23, 24, 25, 26, 27].map(day => `2026-11-${day}T06:00:00+01:00`);
    const server = new FakeServer({
      'notebooks/inspect': aNotebook(),
      timezones: { timezones: ['UTC', 'Europe/Berlin'] },
      'schedules/explain': {
        text: '0 6 * * 1-5',
        reading: 'Every weekday at 06:00',
        timezone: 'Europe/Berlin',
        next
      },
      'POST notebooks/schedule': { dag_id: 'churn', path: 'churn.py', run_id: 'r1' }
    });
    const session = await aLiveSession(server, permissions);
    const host = {
      hasUnsavedChanges: () => Promise.resolve(false),
      save: () => Promise.resolve(),
      copyIntoWorkspace: () => Promise.resolve('')
    };
    const path = 'common_workspace/reports/churn.ipynb';
    const model = new ScheduleNotebookModel(session, host, plainTrans, path);
    const onClose = vi.fn();
    render(<ScheduleNotebookPanel session={session} model={model} onClose={onClose} />);
    await screen.findByText(/kernel Python 3/);
    return { server, onClose };
  };

  it('reads the schedule back with its next five times', async () => {
    await open();
    expect(await screen.findByText('Every weekday at 06:00')).toBeTruthy();
    const times = screen.getByRole('list', { name: 'Next times' });
    expect(times.children).toHaveLength(5);
    expect(times.textContent).toContain('06:00');
  });

  it('schedules with a changed parameter and closes with the answer', async () => {
    const { server, onClose } = await open();
    const field = screen.getByLabelText('month');
    await userEvent.clear(field);
    await userEvent.type(field, '2026-12');
    await userEvent.click(screen.getByLabelText('Run now'));
    await userEvent.click(screen.getByRole('button', { name: 'Run' }));
    await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
    const sent = server.requests.find(request => request.method === 'POST')?.body;
    expect(sent).toMatchObject({ when: 'now', parameters: { month: '2026-12' } });
  });

  it('puts a changed parameter back', async () => {
    await open();
    await userEvent.type(screen.getByLabelText('top_n'), '0');
    await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(screen.getByLabelText<HTMLInputElement>('top_n').value).toBe('10');
  });

  it('marks a wrong parameter beside its field', async () => {
    await open();
    await userEvent.type(screen.getByLabelText('top_n'), 'x');
    expect(screen.getByRole('alert').textContent).toBe('Enter a whole number, such as 10.');
    expect(screen.getByLabelText('top_n').getAttribute('aria-invalid')).toBe('true');
  });

  it('tells people without the right why nothing will be sent, before they fill it in', async () => {
    const { server } = await open(['dags.read']);
    const button = screen.getByRole('button', { name: 'Schedule' });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(button.title).toContain('notebooks.schedule');
    expect(screen.getByText(/You can look but not change/)).toBeTruthy();
    await userEvent.type(screen.getByLabelText('month'), '{Enter}');
    expect(server.requests.filter(request => request.path === 'notebooks/schedule')).toEqual([]);
  });
});
