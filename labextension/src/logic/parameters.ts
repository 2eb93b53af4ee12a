import type { IParameter } from '../api/types';
import type { ITrans } from '../tokens';

/** What a field holds: text, or a tick for booleans. */
export type FieldValue = string | boolean;
export type Parsed = { ok: true; value: unknown } | { ok: false; error: string };

/** The field as it stands before anybody changes it. */
export function initialField(parameter: IParameter): FieldValue {
  switch (parameter.kind) {
    case 'boolean':
      return parameter.value === true;
    case 'text':
      return String(parameter.value);
    case 'list':
    case 'dict':
      return JSON.stringify(parameter.value);
    case 'none':
    case 'code':
      return '';
    default:
      return parameter.source;
  }
}

export function kindLabel(kind: string, trans: ITrans): string {
  const labels: Record<string, string> = {
    text: trans.__('text'),
    integer: trans.__('whole number'),
    number: trans.__('number'),
    boolean: trans.__('yes or no'),
    list: trans.__('list'),
    dict: trans.__('object'),
    none: trans.__('text or JSON'),
    code: trans.__('text or JSON')
  };
  return labels[kind] ?? kind;
}

/** Read a field as its kind, with a sentence that says what is wrong. */
export function parseField(kind: string, field: FieldValue, trans: ITrans): Parsed {
  if (typeof field === 'boolean') {
    return { ok: true, value: field };
  }
  const text = field.trim();
  switch (kind) {
    case 'integer':
      return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))
        ? { ok: true, value: Number(text) }
        : { ok: false, error: trans.__('Enter a whole number, such as 10.') };
    case 'number':
      return text !== '' && Number.isFinite(Number(text))
        ? { ok: true, value: Number(text) }
        : { ok: false, error: trans.__('Enter a number, such as 2.5.') };
    case 'list':
      return parseJson(text, Array.isArray, trans.__('Enter a list in JSON, such as ["a", "b"].'));
    case 'dict':
      return parseJson(text, isObject, trans.__('Enter an object in JSON, such as {"a": 1}.'));
    case 'none':
    case 'code':
      return { ok: true, value: jsonOrText(field) };
    default:
      return { ok: true, value: field };
  }
}

/** Whether the field differs from the default of the notebook; an equal value is not sent. */
export function isChanged(parameter: IParameter, field: FieldValue): boolean {
  return field !== initialField(parameter);
}

function parseJson(text: string, fits: (value: unknown) => boolean, error: string): Parsed {
  const value = tryJson(text);
  return value.ok && fits(value.value) ? value : { ok: false, error };
}

function jsonOrText(text: string): unknown {
  const value = tryJson(text);
  return value.ok ? value.value : text;
}

function tryJson(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (reason) {
    return { ok: false, error: String(reason) };
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
