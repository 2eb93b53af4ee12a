import { ApiError } from '../api/request';
import { explainSchedule, inspect, listTimezones, schedule } from '../api/notebooks';
import type {
  INotebook,
  IScheduledNotebook,
  IScheduleNotebook,
  IScheduleReading
} from '../api/types';
import {
  type FieldValue,
  initialField,
  isChanged,
  type Parsed,
  parseField
} from '../logic/parameters';
import { isInWorkspace } from '../logic/places';
import { cronOf, type IScheduleForm } from '../logic/schedules';
import { browserZone, isoToZoned, zonedToIso } from '../logic/time';
import type { ITrans } from '../tokens';
import { Model } from './model';
import { asError, Resource } from './resource';
import type { Session } from './session';

/** What the dialog needs from where the notebook lives. */
export interface INotebookHost {
  /** Whether the notebook is open and would run in another way if it were saved. */
  hasUnsavedChanges(path: string): Promise<boolean>;
  save(path: string): Promise<void>;
  /** Copy into the common workspace and return the path of the copy. */
  copyIntoWorkspace(path: string): Promise<string>;
}

export interface IAdvanced {
  dagId: string;
  output: string;
  retries: string;
  retryDelay: string;
  timeout: string;
}

export type Stage = 'unsaved' | 'outside' | 'form';

const MINUTE_S = 60;
const HOUR_MS = 3_600_000;
const TYPING_MS = 250;

/** The form that schedules one notebook, from opening to the request. */
export class ScheduleNotebookModel extends Model {
  constructor(
    private readonly session: Session,
    private readonly host: INotebookHost,
    private readonly trans: ITrans,
    public path: string
  ) {
    super();
    const timezone = browserZone();
    this.form = {
      when: 'repeat',
      at: isoToZoned(Date.now() + HOUR_MS, timezone),
      preset: 'weekdays',
      time: '06:00',
      weekday: 1,
      monthDay: 1,
      cron: '0 6 * * 1-5',
      timezone
    };
    this.notebook = new Resource<INotebook>(() => inspect(session.connection, this.path));
    this.notebook.changed.connect(this.onNotebook, this);
    this.zones = new Resource<string[]>(() => listTimezones(session.connection));
    this.zones.changed.connect(() => this.touch());
  }

  form: IScheduleForm;
  advanced: IAdvanced = { dagId: '', output: '', retries: '0', retryDelay: '5', timeout: '' };
  fields: Readonly<Record<string, FieldValue>> = {};
  readonly notebook: Resource<INotebook>;
  readonly zones: Resource<string[]>;
  reading: IScheduleReading | null = null;
  readingError: string | null = null;
  /** Saving, copying or scheduling is under way. */
  isBusy = false;
  error: Error | null = null;

  /** What is asked now. The form, once reached, stays: nobody fills it in twice. */
  get stage(): Stage {
    return this._stage;
  }

  get maySchedule(): boolean {
    return this.session.can('notebooks.schedule');
  }

  /** Read the notebook when it can be read, otherwise wait for the person's choice. */
  readonly begin = async (): Promise<void> => {
    this._stage = await this.nextStage();
    this.touch();
    if (this.stage === 'form') {
      void this.zones.load();
      this.explainSoon(0);
      await this.notebook.load();
    }
  };

  /** Save the open notebook and go on. */
  readonly save = (): Promise<void> => this.step(() => this.host.save(this.path));

  /** Go on with the version on disk. */
  readonly useSavedVersion = (): Promise<void> =>
    this.step(() => {
      this.keepsSaved = true;
      return Promise.resolve();
    });

  readonly copyIntoWorkspace = (): Promise<void> =>
    this.step(async () => {
      this.path = await this.host.copyIntoWorkspace(this.path);
      this.keepsSaved = true; // the file is what was asked for
    });

  readonly setForm = (change: Partial<IScheduleForm>): void => {
    this.form = { ...this.form, ...change };
    this.touch();
    this.explainSoon(TYPING_MS);
  };

  readonly setAdvanced = (change: Partial<IAdvanced>): void => {
    this.advanced = { ...this.advanced, ...change };
    this.touch();
  };

  readonly setField = (name: string, value: FieldValue): void => {
    this.fields = { ...this.fields, [name]: value };
    this.touch();
  };

  /** What is wrong with each field, by name; empty when all is well. */
  get problems(): Record<string, string> {
    const problems: Record<string, string> = {};
    for (const parameter of this.notebook.value?.parameters ?? []) {
      const parsed = this.parsed(parameter.name, parameter.kind);
      if (parsed && !parsed.ok) {
        problems[`parameter:${parameter.name}`] = parsed.error;
      }
    }
    const { retries, retryDelay, timeout } = this.advanced;
    if (!/^\d{1,3}$/.test(retries)) {
      problems.retries = this.trans.__('Enter a whole number from 0 to 999.');
    }
    for (const [name, text] of Object.entries({ retryDelay, timeout })) {
      if (text !== '' && !(Number(text) >= 0)) {
        problems[name] = this.trans.__('Enter a number of minutes.');
      }
    }
    return { ...problems, ...this.timeProblems() };
  }

  get canSubmit(): boolean {
    return (
      this.maySchedule &&
      !this.isBusy &&
      this.stage === 'form' &&
      this.notebook.status === 'ready' &&
      Object.keys(this.problems).length === 0
    );
  }

  /** Send the form; null when the server refused, which `error` then tells. */
  readonly submit = async (): Promise<IScheduledNotebook | null> => {
    this.isBusy = true;
    this.error = null;
    this.touch();
    try {
      return await schedule(this.session.connection, this.request());
    } catch (reason) {
      this.error = asError(reason);
      return null;
    } finally {
      this.isBusy = false;
      this.touch();
    }
  };

  /** The request as the form stands; only changed parameters are in it. */
  request(): IScheduleNotebook {
    const { form, advanced } = this;
    const when = form.when === 'repeat' ? 'cron' : form.when;
    return {
      path: this.path,
      when,
      dag_id: advanced.dagId.trim() || null,
      at: when === 'once' ? zonedToIso(form.at, form.timezone) : null,
      cron: when === 'cron' ? cronOf(form) : null,
      timezone: form.timezone,
      parameters: this.changedParameters(),
      output: advanced.output.trim() || null,
      retries: Number(advanced.retries),
      retry_delay_s: Number(advanced.retryDelay || 0) * MINUTE_S,
      timeout_s: Number(advanced.timeout || 0) * MINUTE_S
    };
  }

  override dispose(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.notebook.dispose();
    this.zones.dispose();
    super.dispose();
  }

  private async nextStage(): Promise<Stage> {
    if (!this.keepsSaved && (await this.host.hasUnsavedChanges(this.path))) {
      return 'unsaved';
    }
    return isInWorkspace(this.path) ? 'form' : 'outside';
  }

  private changedParameters(): Record<string, unknown> {
    const changed: Record<string, unknown> = {};
    for (const parameter of this.notebook.value?.parameters ?? []) {
      const field = this.fields[parameter.name];
      const parsed = this.parsed(parameter.name, parameter.kind);
      if (field !== undefined && isChanged(parameter, field) && parsed?.ok) {
        changed[parameter.name] = parsed.value;
      }
    }
    return changed;
  }

  private parsed(name: string, kind: string): Parsed | null {
    const field = this.fields[name];
    return field === undefined ? null : parseField(kind, field, this.trans);
  }

  private timeProblems(): Record<string, string> {
    const { form, trans } = this;
    if (form.when === 'once') {
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(form.at)) {
        return { at: trans.__('Choose a date and a time.') };
      }
      return Date.parse(zonedToIso(form.at, form.timezone)) <= Date.now()
        ? { at: trans.__('This time has passed. Choose one in the future.') }
        : {};
    }
    if (form.when === 'repeat') {
      if (!cronOf(form)) {
        return { schedule: trans.__('Choose a time of day.') };
      }
      return this.readingError ? { schedule: this.readingError } : {};
    }
    return {};
  }

  private async step(act: () => Promise<void>): Promise<void> {
    this.isBusy = true;
    this.error = null;
    this.touch();
    try {
      await act();
      this.isBusy = false;
      await this.begin();
    } catch (reason) {
      this.error = asError(reason);
    }
    this.isBusy = false;
    this.touch();
  }

  private onNotebook(): void {
    const { value } = this.notebook;
    if (value) {
      this.fields = Object.fromEntries(
        value.parameters.map(item => [item.name, this.fields[item.name] ?? initialField(item)])
      );
    }
    this.touch();
  }

  private explainSoon(delay: number): void {
    clearTimeout(this.timer);
    if (this.form.when === 'repeat' && cronOf(this.form)) {
      this.timer = window.setTimeout(() => void this.explain(), delay);
    }
  }

  private async explain(): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const { connection } = this.session;
    try {
      this.reading = await explainSchedule(
        connection,
        cronOf(this.form),
        this.form.timezone,
        asking.signal
      );
      this.readingError = null;
    } catch (reason) {
      if (asking.signal.aborted) {
        return;
      }
      this.reading = null;
      this.readingError = reason instanceof ApiError ? reason.detail : null;
    }
    this.touch();
  }

  private _stage: Stage = 'form';
  private timer = 0;
  private asking: AbortController | null = null;
  private keepsSaved = false;
}
