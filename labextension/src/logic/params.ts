import type { IParam } from '../api/types';
import type { ITrans } from '../tokens';
import { type FieldValue, type Parsed, parseField } from './parameters';
import { isoToZoned, zonedToIso } from './time';

export type ParamKind =
  | 'text'
  | 'lines'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'date'
  | 'time'
  | 'moment'
  | 'list'
  | 'dict'
  | 'any';

/** What the fields of a trigger form hold, and what of the conf has no field. */
export interface IParamValues {
  fields: Readonly<Record<string, FieldValue>>;
  extra: Readonly<Record<string, unknown>>;
}

type Conf = Record<string, unknown>;

const SHAPES: Partial<Record<ParamKind, RegExp>> = {
  date: /^\d{4}-\d\d-\d\d$/,
  time: /^\d\d:\d\d(:\d\d)?$/,
  moment: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/
};

/** Which field a param gets: by its schema, and without one by its default. */
export function paramKind({ schema, value }: IParam): ParamKind {
  if (Array.isArray(schema.enum)) {
    return 'choice';
  }
  switch (typesOf(schema).find(type => type !== 'null') ?? typeOf(value)) {
    case 'integer':
      return 'integer';
    case 'number':
      return 'number';
    case 'boolean':
      return value === null && allowsNull(schema) ? 'any' : 'boolean';
    case 'array':
      return 'list';
    case 'object':
      return 'dict';
    case 'string':
      return textKind(schema, value);
    default:
      return 'any';
  }
}

/** Whether a run cannot do without a value of its own. */
export function isRequired({ schema, value }: IParam): boolean {
  if (value !== null) {
    return false;
  }
  return Array.isArray(schema.enum)
    ? !schema.enum.includes(null)
    : typesOf(schema).length > 0 && !allowsNull(schema);
}

export function paramLabel({ name, schema }: IParam): string {
  return typeof schema.title === 'string' ? schema.title : name;
}

/** The field for a value; dates and times stand in the time zone of the DAG. */
function fieldOf(param: IParam, value: unknown, timezone: string): FieldValue {
  const kind = paramKind(param);
  if (kind === 'boolean') {
    return value === true;
  }
  if (kind === 'choice') {
    return value === null && isRequired(param) ? '' : JSON.stringify(value);
  }
  if (value === null || value === undefined) {
    return '';
  }
  if (kind === 'moment' && typeof value === 'string' && !Number.isNaN(Date.parse(value))) {
    return isoToZoned(Date.parse(value), timezone);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function initialValues(params: IParam[], timezone: string): IParamValues {
  const entries = params.map(param => [param.name, fieldOf(param, param.value, timezone)]);
  return { fields: Object.fromEntries(entries) as IParamValues['fields'], extra: {} };
}

/** The values of a conf: what has a field goes there, the rest is kept. */
export function valuesOf(conf: Conf, params: IParam[], timezone: string): IParamValues {
  const { fields } = initialValues(params, timezone);
  const given = params
    .filter(({ name }) => name in conf)
    .map(param => [param.name, fieldOf(param, conf[param.name], timezone)]);
  const extra = Object.entries(conf).filter(([name]) => !(name in fields));
  return {
    fields: { ...fields, ...(Object.fromEntries(given) as IParamValues['fields']) },
    extra: Object.fromEntries(extra)
  };
}

/** The conf to send: what differs from the defaults and what is required; or what is wrong. */
export function confOf(
  params: IParam[],
  { fields, extra }: IParamValues,
  timezone: string,
  trans: ITrans
): { conf: Conf; problems: Record<string, string> } {
  const conf: Conf = { ...extra };
  const problems: Record<string, string> = {};
  for (const param of params) {
    const initial = fieldOf(param, param.value, timezone);
    const field = fields[param.name] ?? initial;
    if (field === initial && !isRequired(param)) {
      continue;
    }
    const parsed = parseParam(param, field, timezone, trans);
    if (parsed.ok) {
      conf[param.name] = parsed.value;
    } else {
      problems[param.name] = parsed.error;
    }
  }
  return { conf, problems };
}

/** Which param the server refuses, and why: "param 'month': 13 is greater than …". */
export function refusedParam(message: string, params: IParam[]): [string, string] | null {
  const found = params.find(({ name }) => message.startsWith(`param '${name}': `));
  return found ? [found.name, message.slice(`param '${found.name}': `.length)] : null;
}

function parseParam(param: IParam, field: FieldValue, timezone: string, trans: ITrans): Parsed {
  const kind = paramKind(param);
  if (field === '' && kind !== 'any') {
    return parseEmpty(param, kind, trans);
  }
  const parsed = parseKind(kind, field, timezone, trans);
  const problem = parsed.ok ? outOfRange(param.schema, parsed.value, trans) : null;
  return problem === null ? parsed : { ok: false, error: problem };
}

function parseEmpty(param: IParam, kind: ParamKind, trans: ITrans): Parsed {
  if (!isRequired(param) && (param.value === null || allowsNull(param.schema))) {
    return { ok: true, value: null };
  }
  const mayBeEmpty = (kind === 'text' || kind === 'lines') && param.value !== null;
  return mayBeEmpty
    ? { ok: true, value: '' }
    : { ok: false, error: trans.__('A value is required.') };
}

function parseKind(kind: ParamKind, field: FieldValue, timezone: string, trans: ITrans): Parsed {
  if (kind === 'choice') {
    return { ok: true, value: JSON.parse(String(field)) as unknown };
  }
  if (kind === 'moment') {
    const text = String(field).slice(0, 16);
    return Number.isNaN(Date.parse(`${text}:00Z`))
      ? { ok: false, error: trans.__('Enter a date and a time.') }
      : { ok: true, value: zonedToIso(text, timezone) };
  }
  return parseField(kind === 'any' ? 'none' : kind, field, trans);
}

function outOfRange(schema: IParam['schema'], value: unknown, trans: ITrans): string | null {
  const { minimum, maximum, minLength, maxLength } = schema;
  if (typeof value === 'number') {
    if (typeof minimum === 'number' && value < minimum) {
      return trans.__('Enter %1 or more.', minimum);
    }
    if (typeof maximum === 'number' && value > maximum) {
      return trans.__('Enter %1 or less.', maximum);
    }
  }
  if (typeof value === 'string') {
    if (typeof minLength === 'number' && value.length < minLength) {
      return trans.__('Enter at least %1 characters.', minLength);
    }
    if (typeof maxLength === 'number' && value.length > maxLength) {
      return trans.__('Enter at most %1 characters.', maxLength);
    }
  }
  return null;
}

/** A template or another text that such a field cannot show keeps a field for text. */
function textKind(schema: IParam['schema'], value: unknown): ParamKind {
  const formats: Record<string, ParamKind> = {
    date: 'date',
    time: 'time',
    'date-time': 'moment',
    multiline: 'lines'
  };
  const text = typeof value === 'string' ? value : '';
  const kind = formats[String(schema.format)] ?? (text.includes('\n') ? 'lines' : 'text');
  return text === '' || (SHAPES[kind]?.test(text) ?? true) ? kind : 'text';
}

function typesOf({ type }: IParam['schema']): unknown[] {
  if (Array.isArray(type)) {
    return type;
  }
  return type === undefined ? [] : [type];
}

function allowsNull(schema: IParam['schema']): boolean {
  return typesOf(schema).includes('null');
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
}
