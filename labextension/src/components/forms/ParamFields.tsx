import type { IParam } from '../../api/types';
import type { FieldValue } from '../../logic/parameters';
import { isRequired, paramKind, paramLabel } from '../../logic/params';
import { Field, type IFieldInputProps } from '../common/Field';
import { useTrans } from '../common/trans';

interface IParamFieldsProps {
  params: IParam[];
  fields: Readonly<Record<string, FieldValue>>;
  problems: Record<string, string>;
  timezone: string;
  onChange: (name: string, value: FieldValue) => void;
}

/** One field for each param of a DAG, as its schema wants it. */
export function ParamFields(props: IParamFieldsProps): JSX.Element {
  const trans = useTrans();
  return (
    <>
      {props.params.map((param, index) => {
        const { description } = param.schema;
        const hints = [
          typeof description === 'string' && description,
          paramKind(param) === 'moment' && props.timezone
        ].filter(Boolean);
        const label = paramLabel(param);
        return (
          <Field
            key={param.name}
            label={isRequired(param) ? trans.__('%1 (required)', label) : label}
            hint={hints.join(' · ')}
            problem={props.problems[param.name]}
          >
            {input => (
              <ParamInput
                input={input}
                param={param}
                isFirst={index === 0}
                field={props.fields[param.name] ?? ''}
                onChange={value => props.onChange(param.name, value)}
              />
            )}
          </Field>
        );
      })}
    </>
  );
}

interface IParamInputProps {
  input: IFieldInputProps;
  param: IParam;
  isFirst: boolean;
  field: FieldValue;
  onChange: (value: FieldValue) => void;
}

function ParamInput({ input, param, isFirst, field, onChange }: IParamInputProps): JSX.Element {
  const kind = paramKind(param);
  const common = {
    ...input,
    'aria-required': isRequired(param),
    'data-autofocus': isFirst || undefined
  };
  const text = {
    ...common,
    value: String(field),
    onChange: (event: { target: { value: string } }) => onChange(event.target.value)
  };
  switch (kind) {
    case 'boolean':
      return (
        <input
          {...common}
          type="checkbox"
          checked={field === true}
          onChange={event => onChange(event.target.checked)}
        />
      );
    case 'choice':
      return (
        <select {...text}>
          {field === '' && <option value="" />}
          {(param.schema.enum as unknown[]).map(choice => (
            <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
              {typeof choice === 'string' ? choice : JSON.stringify(choice)}
            </option>
          ))}
        </select>
      );
    case 'lines':
      return <textarea {...text} rows={4} />;
    case 'list':
    case 'dict':
      return <textarea {...text} rows={3} spellCheck={false} className="jp-hubflow-mod-code" />;
    case 'integer':
    case 'number':
      return (
        <input
          {...text}
          type="number"
          min={param.schema.minimum as number | undefined}
          max={param.schema.maximum as number | undefined}
          step={kind === 'integer' ? 1 : 'any'}
        />
      );
    default:
      return <input {...text} type={INPUT_TYPES[kind] ?? 'text'} />;
  }
}

const INPUT_TYPES: Partial<Record<string, string>> = {
  date: 'date',
  time: 'time',
  moment: 'datetime-local'
};
